import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { readConfig } from "../../../src/daemon/config.ts";
import { openWebLink } from "../../../src/daemon/web-link.ts";
import { adhocModule } from "../../../src/modules/adhoc.ts";
import { signingKeyOf } from "../../../src/web/dispatch/orders.ts";
import { openOrderKeys } from "../../../src/web/enrol/order-keys.ts";
import type { PlannedRun } from "../../../src/web/plan/plan-run.ts";
import { mockHost, openWebSide, operator, plannedRun } from "../spine.ts";
import { isUnclaimed } from "./fleet-messages.ts";
import { armedOf, type RunKind, say, serveWishes, type Wish } from "./life-messages.ts";
import { createKillSwitch, observedRuns } from "./points.ts";

/**
 * One life of the web server for the kill campaign: `web-life.ts FOLDER PORT ZONES [POINT COUNT]`, all of it but HTTP,
 * with the real link's port. It serves the campaign's wishes until it is killed.
 */
const [folder = "", port = "", zones = "", ...armed] = process.argv.slice(2);
const log = pino({ level: process.env.LINK_LOG ?? "silent" }, pino.destination(2));
const zoneNames = zones.split(",");

function planOf(kind: RunKind, count: number): PlannedRun {
  const hosts = Array.from({ length: count }, (_, index) =>
    mockHost(index, {
      engines: ["ssh"],
      innerAddress: `127.1.${index >> 8}.${index & 255}`,
      zone: zoneNames[index % zoneNames.length] ?? "",
      claim: !isUnclaimed(index),
    }),
  );
  const longest = kind === "long" ? 3000 : 300;
  const manifest = adhocModule({ command: ["stub", String(longest)] });
  return plannedRun(0, {
    hosts,
    // No controller takes an order that lets no host run.
    width: kind === "refused" ? 0 : Math.ceil(count / 10),
    ...(kind === "waves" ? { waveSize: Math.ceil(count / 4) } : {}),
    module: { id: 0, version: 1, manifest },
  });
}

async function grant(wish: Wish): Promise<unknown> {
  switch (wish.wish) {
    case "invite": {
      const zone = wish.controller;
      const invitation = await link.enrolment.invite({ controller: wish.controller, zone, by: operator.name });
      return { server: link.url, ...invitation };
    }
    case "start": {
      const planned = planOf(wish.kind, wish.hosts);
      const run = await web.dispatcher.start({ planned, query: "*", actor: operator, idempotencyKey: wish.key });
      return { id: run.id, uid: run.uid };
    }
    case "cancel":
      await web.dispatcher.cancel(wish.run, operator);
      return undefined;
    case "drain":
      await web.dispatcher.setDraining(wish.controller, wish.draining);
      return undefined;
    case "unfinished":
      return (await web.store.runs.unfinished()).length;
    case "connected":
      return (await web.dispatcher.controllers()).filter(({ connected }) => connected).length;
    case "arm":
      return kill.arm(wish);
    case "stop":
      setTimeout(() => void stop(), 0);
  }
}

async function stop(): Promise<void> {
  await link.close();
  await web.close();
  process.exit();
}

const kill = createKillSwitch(armedOf(armed));
say({ phase: "recovering" });
const orderKeys = openOrderKeys(join(folder, "keys"));
const web = await openWebSide({
  folder,
  signingKey: signingKeyOf(orderKeys),
  clock: () => Date.now() - Number(process.env.WEB_CLOCK_BEHIND ?? 0),
  controllers: {},
  around: (store) => ({ ...store, runs: observedRuns(store.runs, kill.pass) }),
});
const config = readConfig({}, undefined, { dataFolder: folder, linkListen: `127.0.0.1:${port}` });
const link = await openWebLink({ config, store: web.store, dispatcher: web.dispatcher, orderKeys, log });
serveWishes(grant);
// Until everybody is back and has been told what waits for them.
while ((await web.dispatcher.controllers()).filter(({ connected }) => connected).length < zoneNames.length) {
  await sleep(20);
}
say({ phase: "recovered" });

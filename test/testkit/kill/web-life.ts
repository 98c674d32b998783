import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { OmError } from "../../../src/contract/errors.ts";
import { readConfig } from "../../../src/daemon/config.ts";
import { openWebLink } from "../../../src/daemon/web-link.ts";
import { adhocModule } from "../../../src/modules/adhoc.ts";
import { signingKeyOf } from "../../../src/web/dispatch/orders.ts";
import { openOrderKeys } from "../../../src/web/enrol/order-keys.ts";
import type { PlannedRun } from "../../../src/web/plan/plan-run.ts";
import type { Run, RunRepository } from "../../../src/web/store/repositories/runs.ts";
import type { Store } from "../../../src/web/store/store.ts";
import { mockHost, openWebSide, operator, plannedRun } from "../spine.ts";
import { isUnclaimed } from "./fleet-messages.ts";
import { armedOf, isApprovalKind, type RunKind, say, serveWishes, type Wish } from "./life-messages.ts";
import { createKillSwitch, observedRuns } from "./points.ts";

/**
 * One life of the web server for the kill campaign: `web-life.ts FOLDER PORT ZONES VARIANT [POINT COUNT]`, all of it but
 * HTTP, with the real link's port. It serves the campaign's wishes until it is killed. The variant `careless` is what the
 * campaign must catch.
 */
const [folder = "", port = "", zones = "", variant = "", ...armed] = process.argv.slice(2);
const log = pino({ level: process.env.LINK_LOG ?? "silent" }, pino.destination(2));
const zoneNames = zones.split(",");
const secondPerson = { userId: 2, name: "li" };
/** Long after the campaign, and before anybody comes. Milliseconds. */
const withoutEnd = 86_400_000;
const soon = 500;

function planOf(kind: RunKind, count: number): PlannedRun {
  const hosts = Array.from({ length: count }, (_, index) =>
    mockHost(index, {
      engines: ["ssh"],
      innerAddress: `127.1.${index >> 8}.${index & 255}`,
      zone: zoneNames[index % zoneNames.length] ?? "",
      // Where hosts are placed when their run is approved: the inventory does not know them.
      appCategoryId: categoryOf(index % zoneNames.length),
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

function categoryOf(zone: number): number {
  return zone + 1;
}

/** The same inventory with a category for each zone. */
function zonedInventory(store: Store): Store["inventory"] {
  const category = { functionCategoryId: 1, note: "", createdAt: 0, updatedAt: 0 };
  const appCategories = zoneNames.map((zone, at) => ({ ...category, id: categoryOf(at), name: zone, zone }));
  return { ...store.inventory, snapshot: async () => ({ ...(await store.inventory.snapshot()), appCategories }) };
}

/** What a careless program does: it tells an approval, and acts on it, before it is written. */
function careless(runs: RunRepository): RunRepository {
  return {
    ...runs,
    async approve(id, approved) {
      const run = await runs.get(id, "all");
      if (run === undefined) return await runs.approve(id, approved);
      setTimeout(() => void runs.approve(id, approved), 2000);
      return { run: { ...run, state: "queued" }, done: true };
    },
  };
}

async function decide(how: "approve" | "reject", runId: number): Promise<void> {
  try {
    await web.dispatcher[how]({ runId, actor: secondPerson, comment: "" });
  } catch (error) {
    // The life before this one had written it, and could not say so.
    if (!(error instanceof OmError && error.code === "run.not_waiting")) throw error;
  }
}

function waitsWithoutEnd({ state, approval }: Run): boolean {
  return state === "awaiting_approval" && (approval?.until ?? 0) > Date.now() + withoutEnd / 2;
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
      const waits = isApprovalKind(wish.kind)
        ? { approvalMilliseconds: wish.kind === "overdue" ? soon : withoutEnd }
        : {};
      const request = { planned, query: "*", actor: operator, idempotencyKey: wish.key, ...waits };
      const run = await web.dispatcher.start(request);
      return { id: run.id, uid: run.uid };
    }
    case "cancel":
      await web.dispatcher.cancel(wish.run, operator);
      return undefined;
    case "approve":
    case "reject":
      return await decide(wish.wish, wish.run);
    case "drain":
      await web.dispatcher.setDraining(wish.controller, wish.draining);
      return undefined;
    case "unfinished":
      return (await web.store.runs.unfinished()).filter((run) => !waitsWithoutEnd(run)).length;
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
  overdueMilliseconds: 200,
  around(store) {
    const runs = observedRuns(store.runs, kill.pass);
    return { ...store, inventory: zonedInventory(store), runs: variant === "careless" ? careless(runs) : runs };
  },
});
const config = readConfig({}, undefined, { dataFolder: folder, linkListen: `127.0.0.1:${port}` });
const link = await openWebLink({ config, store: web.store, dispatcher: web.dispatcher, orderKeys, log });
serveWishes(grant);
// Until everybody is back and has been told what waits for them.
while ((await web.dispatcher.controllers()).filter(({ connected }) => connected).length < zoneNames.length) {
  await sleep(20);
}
say({ phase: "recovered" });

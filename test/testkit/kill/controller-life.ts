import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import type { Engine } from "../../../src/contract/engine.ts";
import { readConfig } from "../../../src/daemon/config.ts";
import { startControllerRole } from "../../../src/daemon/controller-role.ts";
import { createFleetEngine } from "./fleet-engine.ts";
import { armedOf, say, serveWishes, type Wish } from "./life-messages.ts";
import { createKillSwitch } from "./points.ts";

/**
 * One life of a controller for the kill campaign: `controller-life.ts FOLDER SOCKET VARIANT [POINT COUNT]`. The variant
 * `naive` is what the campaign must catch.
 */
const [folder = "", socket = "", variant = "", ...armed] = process.argv.slice(2);
const log = pino({ level: process.env.LINK_LOG ?? "silent" }, pino.destination(2));

/** What a careless program does: it claims nothing on the hosts, and sends again what has no result. */
function naive(engine: Engine): Engine {
  const run: Engine["run"] = (job, signal) =>
    engine.run({ ...job, hosts: job.hosts.map((host) => ({ ...host, unclaimed: true })) }, signal);
  return {
    ...engine,
    run,
    recovery: {
      recover: (job, _begun, signal) => run(job, signal),
      settled: async () => undefined,
      settleAgain: async () => undefined,
    },
  };
}

let recovering = 0;

/** The same engine; `recovering` counts its recoveries under way. */
function watched(engine: Engine): Engine {
  const { recovery } = engine;
  if (recovery === undefined) return engine;
  return {
    ...engine,
    recovery: {
      ...recovery,
      async *recover(...given) {
        recovering += 1;
        try {
          yield* recovery.recover(...given);
        } finally {
          recovering -= 1;
        }
      },
    },
  };
}

function grant(wish: Wish): void {
  if (wish.wish === "arm") kill.arm(wish);
  if (wish.wish === "stop") setTimeout(() => void stop(), 0);
}

async function stop(): Promise<void> {
  await controller.stop();
  await engine.close();
  process.exit();
}

const kill = createKillSwitch(armedOf(armed));
say({ phase: "recovering" });
const fleet = createFleetEngine(socket);
const engine = watched(variant === "naive" ? naive(fleet) : fleet);
const config = readConfig({}, undefined, { dataFolder: folder });
const controller = await startControllerRole({ config, log, engines: [engine], observe: kill.pass });
serveWishes(grant);
// Runs are taken up in the turn of the event loop after this one.
do await sleep(20);
while (recovering > 0);
say({ phase: "recovered" });

import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Run } from "../../src/web/store/repositories/runs.ts";
import { stoppedController } from "../testkit/kill/stopped-controller.ts";
import { type LinkRig, openLinkRig, type Tally, tallyOf, total } from "../testkit/link-rig.ts";
import { until } from "../testkit/spine.ts";
import type { Direction } from "../testkit/tcp-proxy.ts";
import type { Outcome } from "./campaign.ts";

interface Scenario {
  readonly name: string;
  readonly play: (rig: LinkRig) => Promise<readonly Run[]>;
}

const hour = 3_600_000;
const hosts = 200;

/**
 * The link and the clocks as they are on a bad day, while runs go on over real TLS: cut, deaf in one direction, half-open,
 * clocks that step, a full disk under the spool, and a controller process that stands still until its link is given up and
 * its order has expired. Counted against the hosts' own ledger. Options: `seconds` (`1,10,60`: how long each disturbance
 * lasts), `impatient` (`yes`: half-open links are known after a second), `stopped` (40: seconds that the controller stands
 * still).
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const seconds = (options.seconds ?? "1,10,60").split(",").map(Number);
  const impatient = options.impatient === "yes";
  const scenarios = [...seconds.flatMap(disturbances), halfOpen, ...clockSteps];
  const [stopped, ...played] = await Promise.all([
    stoppedController(Number(options.stopped ?? 40)),
    ...scenarios.map((scenario) => playOne(scenario, impatient)),
  ]);
  console.error(`stopped controller: ${JSON.stringify(stopped)}`);
  const disk = await fullDisk();
  const tally = total([...played, stopped, ...(disk === undefined ? [] : [disk])]);
  const skipped = disk === undefined ? [diskSkipped] : [];
  const { recovered } = stopped;
  const count = scenarios.length + (disk === undefined ? 1 : 2);
  const result = { campaign: "link", scenarios: count, ...tally, recovered, skipped };
  const held = tally.executedTwice + tally.lost + tally.indefinite + tally.expiredAccepted === 0 && recovered;
  return { result, held };
}

/** What the result's `skipped` says where the kernel does not let this user mount. */
export const diskSkipped = "full disk: this user may not mount";

async function playOne({ name, play }: Scenario, impatient: boolean): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-link-campaign-"));
  const rig = await openLinkRig({ folder, impatient });
  try {
    const runs = await play(rig);
    const tally = await tallyOf(rig, runs);
    console.error(`${name}: ${JSON.stringify(tally)}`);
    return tally;
  } finally {
    await rig.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One run goes on when it begins, another is started in the middle of it. */
async function during(rig: LinkRig, begin: () => void, milliseconds: number, end: () => void): Promise<readonly Run[]> {
  const before = await rig.start(hosts);
  await until(rig.web, before, (item) => item.kind === "run" && item.frame.run.counts.ok > 20);
  begin();
  await sleep(milliseconds / 2);
  const amid = await rig.start(hosts);
  await sleep(milliseconds / 2);
  end();
  return [before, amid, await rig.start(10)];
}

function disturbances(seconds: number): Scenario[] {
  const milliseconds = seconds * 1000;
  const deaf = (direction: Direction): Scenario => ({
    name: `nothing arrives ${direction === "toServer" ? "at the web server" : "at the controller"} for ${seconds} s`,
    play: ({ proxy, ...rig }) =>
      during(
        { proxy, ...rig },
        () => proxy.swallow(direction, true),
        milliseconds,
        () => proxy.swallow(direction, false),
      ),
  });
  const cut: Scenario = {
    name: `cut for ${seconds} s`,
    play(rig) {
      const { proxy } = rig;
      function begin(): void {
        proxy.accept(false);
        proxy.cut();
      }
      return during(rig, begin, milliseconds, () => proxy.accept(true));
    },
  };
  return [cut, deaf("toServer"), deaf("toClient")];
}

const halfOpen: Scenario = {
  name: "connections that look alive and are dead, while new ones work",
  play: (rig) => during(rig, rig.proxy.forget, 2000, () => undefined),
};

/** A run that goes on feels nothing; a new order is refused where it is expired or from the future by that clock. */
const clockSteps: Scenario[] = [hour, -hour, 24 * hour, -24 * hour].flatMap((step) =>
  (["controller", "web"] as const).map((whose) => ({
    name: `the ${whose}'s clock steps by ${step / hour} h`,
    async play(rig: LinkRig) {
      const before = await rig.start(hosts);
      await until(rig.web, before, (item) => item.kind === "run" && item.frame.run.counts.ok > 20);
      rig.clocks[whose] = step;
      const wrong = await rig.start(10);
      rig.mustNotBegin(wrong);
      await rig.finished(wrong);
      rig.clocks[whose] = 0;
      return [before, await rig.start(10)];
    },
  })),
);

/** In a mount namespace of its own, on a file system of 24 MB. Undefined where that is not permitted. */
async function fullDisk(): Promise<Tally | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-full-disk-"));
  const child = fileURLToPath(new URL("../testkit/full-disk-child.ts", import.meta.url));
  const script = 'mount -t tmpfs -o size=24m,mode=700 tmpfs "$1" || exit 77; exec "$2" "$3" "$1"';
  try {
    const run = promisify(execFile)("unshare", ["--mount", "sh", "-c", script, "sh", folder, process.execPath, child]);
    const { stdout } = await run;
    console.error(`full disk: ${stdout.trim()}`);
    return JSON.parse(stdout) as Tally;
  } catch (error) {
    const { code, stderr } = error as { code?: number | string; stderr?: string };
    if (code === 77 || /unshare failed|not permitted/.test(stderr ?? "")) return undefined;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

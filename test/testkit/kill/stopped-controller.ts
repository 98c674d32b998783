import { setTimeout as sleep } from "node:timers/promises";
import { orderLifetime } from "../../../src/web/dispatch/orders.ts";
import type { Tally } from "../link-rig.ts";
import { openKillRig } from "./rig.ts";
import { readLedger, readTruth, type TakenRun } from "./truth.ts";

export interface StoppedTally extends Tally {
  /** The web server noticed that it was away, and had it back without anybody's help. */
  readonly recovered: boolean;
}

const hosts = 100;
const bound = 120_000;

/**
 * A controller process that is stopped (SIGSTOP) for so long that its link is given up, and continued. Its orders expire
 * meanwhile: hosts that it had not begun must not begin, neither may those of a run that was cancelled meanwhile. What
 * waited for it, and what is started afterwards, must run. All that the hosts say is held against the store.
 */
export async function stoppedController(seconds: number): Promise<StoppedTally> {
  // The orders of a web server whose clock is behind by less than an hour are good for a moment.
  const rig = await openKillRig("ours", { webClockBehind: orderLifetime - seconds * 0.75 * 1000 });
  try {
    const taken: TakenRun[] = [];
    async function start(kind: TakenRun["kind"]): Promise<TakenRun & { readonly id: number }> {
      const key = `run ${taken.length}`;
      const run = {
        ...(await rig.web.ask<{ id: number; uid: string }>({ wish: "start", key, kind, hosts })),
        kind,
        hosts,
      };
      taken.push(run);
      return run;
    }
    async function begun(run: TakenRun): Promise<number> {
      let count = 0;
      for (const name of (await readLedger(rig.ledgerFile)).keys()) if (name.startsWith(`${run.uid} `)) count += 1;
      return count;
    }
    const allEnded = async () => (await rig.web.ask<number>({ wish: "unfinished" })) === 0;
    const connected = () => rig.web.ask<number>({ wish: "connected" });

    const before = await start("long");
    await within(async () => (await begun(before)) > 20);
    const stopped = rig.controllers[0];
    stopped?.pause();
    const until = performance.now() + seconds * 1000;
    // Its order lies before the stopped process until it has expired, and is refused then.
    const amid = await start("plain");
    const cancelled = await start("cancelled");
    await rig.web.ask({ wish: "cancel", run: cancelled.id });
    await within(async () => (await connected()) < rig.controllers.length);
    const noticed = performance.now() < until;
    const waiting = await start("plain");
    await sleep(Math.max(0, until - performance.now()));
    const mayNotBegin = [before, amid, cancelled];
    const begunBefore = await Promise.all(mayNotBegin.map(begun));
    stopped?.resume();
    await within(allEnded);
    const back = (await connected()) === rig.controllers.length;
    const after = await start("plain");
    await within(allEnded);
    const begunAfter = await Promise.all(mayNotBegin.map(begun));
    const tooLate = sum(begunAfter) - sum(begunBefore);
    const missing = 2 * hosts - sum(await Promise.all([waiting, after].map(begun)));
    await rig.stop();
    // Their hosts may have to stay unbegun, as those of a cancelled one.
    const uids = new Set(mayNotBegin.map(({ uid }) => uid));
    const told = taken.map((run) => (uids.has(run.uid) ? { ...run, kind: "cancelled" as const } : run));
    const truth = await readTruth(rig.databaseFile, rig.ledgerFile, told);
    return {
      hosts: truth.executions,
      executedTwice: truth.executedTwice,
      lost: truth.lost + truth.untrue + missing,
      indefinite: truth.indefinite,
      expiredAccepted: tooLate,
      recovered: noticed && back,
    };
  } finally {
    await rig.close();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

async function within(done: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + bound;
  while (!(await done())) {
    if (performance.now() > end) return;
    await sleep(100);
  }
}

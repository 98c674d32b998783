import { isFinalRunState } from "../../../src/contract/states.ts";
import type { Execution, Run } from "../../api/types.ts";

/** Fewer hosts than this say little about the others. */
const fewestHosts = 5;

export function endedHosts({ hostCount, counts }: Pick<Run, "hostCount" | "counts">): number {
  return hostCount - (counts.pending ?? 0) - (counts.dispatching ?? 0) - (counts.running ?? 0);
}

/** How long a host of this run has taken, in the middle; undefined while too few have ended. */
export function medianDuration(executions: readonly (Execution | undefined)[]): number | undefined {
  const durations: number[] = [];
  for (const one of executions) {
    if (one?.startedAt !== undefined && one.finishedAt !== undefined) durations.push(one.finishedAt - one.startedAt);
  }
  if (durations.length < fewestHosts) return undefined;
  return durations.sort((a, b) => a - b)[durations.length >> 1];
}

/**
 * About how long the rest takes, in milliseconds: what a host takes × the hosts to come ÷ how many go at once, less what
 * those that run have had already, and never less than the last of them needs. A guess: hosts differ, and so do days.
 * 0: all should have ended by now. Undefined for a run that has ended or that nothing is known of.
 */
export function expectedLeft(
  run: Pick<Run, "state" | "hostCount" | "counts" | "width">,
  hostMilliseconds: number | undefined,
  executions: readonly (Pick<Execution, "startedAt" | "finishedAt"> | undefined)[],
  now: number,
): number | undefined {
  if (hostMilliseconds === undefined || isFinalRunState(run.state)) return undefined;
  const open = run.hostCount - endedHosts(run);
  if (open === 0) return undefined;
  let running = 0;
  let work = 0;
  let last = 0;
  for (const one of executions) {
    if (one?.startedAt === undefined || one.finishedAt !== undefined) continue;
    const rest = Math.max(0, hostMilliseconds - Math.max(0, now - one.startedAt));
    running += 1;
    work += rest;
    last = Math.max(last, rest);
  }
  const waiting = Math.max(0, open - running);
  work += waiting * hostMilliseconds;
  if (waiting > 0) last = hostMilliseconds;
  return Math.max(last, work / Math.max(1, Math.min(run.width, open)));
}

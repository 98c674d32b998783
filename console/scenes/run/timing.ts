import type { Execution } from "../../api/types.ts";

/** How long a host took, or has taken so far. */
export interface Timing {
  readonly execution: Execution;
  /** Milliseconds after the run began. */
  readonly after: number;
  readonly took: number;
  readonly running: boolean;
}

export interface TimingSummary {
  /** Slowest first. */
  readonly timings: readonly Timing[];
  readonly median: number;
  readonly slowTenth: number;
  readonly slowest: number;
  /** Milliseconds from the start of the run to the last end. */
  readonly span: number;
  readonly bars: readonly TimingBar[];
}

/** Hosts that took at least `from` and less than `to`. */
export interface TimingBar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const barCount = 32;

/** Who is slow, and how the others are spread; undefined while no host has begun. */
export function timingSummary(executions: readonly Execution[], now: number): TimingSummary | undefined {
  let start = Number.POSITIVE_INFINITY;
  for (const { startedAt } of executions) if (startedAt !== undefined) start = Math.min(start, startedAt);
  if (start === Number.POSITIVE_INFINITY) return undefined;
  const timings: Timing[] = [];
  let span = 1;
  for (const execution of executions) {
    if (execution.startedAt === undefined) continue;
    const end = Math.max(execution.startedAt, execution.finishedAt ?? now);
    span = Math.max(span, end - start);
    timings.push({
      execution,
      after: execution.startedAt - start,
      took: end - execution.startedAt,
      running: execution.finishedAt === undefined,
    });
  }
  timings.sort((one, other) => other.took - one.took || one.execution.position - other.execution.position);
  const at = (share: number) => timings[Math.floor((timings.length - 1) * share)]?.took ?? 0;
  return { timings, median: at(0.5), slowTenth: at(0.1), slowest: at(0), span, bars: barsOf(timings, at(0)) };
}

function barsOf(timings: readonly Timing[], slowest: number): readonly TimingBar[] {
  const step = niceStep(slowest / barCount);
  const counts = new Array<number>(Math.floor(slowest / step) + 1).fill(0);
  for (const { took } of timings) {
    const bar = Math.min(counts.length - 1, Math.floor(took / step));
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  return counts.map((count, place) => ({ from: place * step, to: (place + 1) * step, count }));
}

/** 1, 2 or 5 times a power of ten, at least one millisecond. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power;
}

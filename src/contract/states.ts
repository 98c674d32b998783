/**
 * States of a run and of an execution (one host's share of a run), and which of them are final.
 * Losing track of a host is never `failed`: anything that is not proven is `unknown`.
 */

export const runStates = [
  "awaiting_approval",
  "queued",
  "running",
  "paused",
  "cancelling",
  "succeeded",
  "partial",
  "failed",
  "cancelled",
  "rejected",
  "expired",
] as const;
export type RunState = (typeof runStates)[number];

export const finalRunStates = ["succeeded", "partial", "failed", "cancelled", "rejected", "expired"] as const;
export type FinalRunState = (typeof finalRunStates)[number];

export const executionStates = [
  "pending",
  "dispatching",
  "running",
  "ok",
  "failed",
  "timed_out",
  "cancelled",
  "unreachable",
  "skipped",
  "not_started",
  "unknown",
] as const;
export type ExecutionState = (typeof executionStates)[number];

export const finalExecutionStates = [
  "ok",
  "failed",
  "timed_out",
  "cancelled",
  "unreachable",
  "skipped",
  "not_started",
  "unknown",
] as const;
export type FinalExecutionState = (typeof finalExecutionStates)[number];

/** How much of what a host printed is kept: all; cut at the limit; or some of it went missing. */
export type OutputCompleteness = "complete" | "truncated" | "partial";

export function isFinalRunState(state: RunState): state is FinalRunState {
  return (finalRunStates as readonly string[]).includes(state);
}

export function isFinalExecutionState(state: ExecutionState): state is FinalExecutionState {
  return (finalExecutionStates as readonly string[]).includes(state);
}

/** Number of executions of a run in each state. Every state has a key; the sum is the run's host count. */
export type ExecutionCounts = Record<ExecutionState, number>;

export function emptyCounts(): ExecutionCounts {
  return Object.fromEntries(executionStates.map((state) => [state, 0])) as ExecutionCounts;
}

/**
 * The final state of a run whose every execution is final.
 * `cancelled` when a cancel was asked for and hit at least one host (cancelled, or not started because of it);
 * `succeeded` when every host is ok or skipped; `failed` when none is ok; else `partial`.
 * A run with an `unknown` host is never `succeeded`: it is `partial`, or `failed` where no host is ok.
 */
export function finalRunState(counts: ExecutionCounts, cancelRequested: boolean): FinalRunState {
  if (cancelRequested && counts.cancelled + counts.not_started > 0) return "cancelled";
  const total = executionStates.reduce((sum, state) => sum + counts[state], 0);
  if (counts.ok + counts.skipped === total) return "succeeded";
  return counts.ok > 0 ? "partial" : "failed";
}

import type { ExecutionState, RunState } from "../../../src/contract/states.ts";

/** In the order in which a person wants to hear of them. */
export const executionStateOrder = [
  "unknown",
  "failed",
  "timed_out",
  "unreachable",
  "not_started",
  "cancelled",
  "skipped",
  "running",
  "dispatching",
  "pending",
  "ok",
] as const satisfies readonly ExecutionState[];

/** The execution state whose colour and shape a run's state borrows. */
export const runStateLook: Readonly<Record<RunState, ExecutionState>> = {
  awaiting_approval: "pending",
  queued: "pending",
  running: "running",
  paused: "pending",
  cancelling: "cancelled",
  succeeded: "ok",
  partial: "timed_out",
  failed: "failed",
  cancelled: "cancelled",
  rejected: "failed",
  expired: "not_started",
};

import type { ExecutionState, RunState } from "../../../src/contract/states.ts";
import type { ShapedState } from "./state-shapes.ts";

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

/** As a bar of progress fills: ended well, ended otherwise, on its way, yet to come. */
export const progressOrder = [
  "ok",
  "skipped",
  "cancelled",
  "not_started",
  "unreachable",
  "timed_out",
  "failed",
  "unknown",
  "running",
  "dispatching",
  "pending",
] as const satisfies readonly ExecutionState[];

/** Whose colour and shape a run's state has: mostly that of an execution, see theme/states.css. */
export const runStateLook: Readonly<Record<RunState, ShapedState>> = {
  awaiting_approval: "asking",
  queued: "pending",
  running: "running",
  paused: "paused",
  cancelling: "cancelled",
  succeeded: "ok",
  partial: "partial",
  failed: "failed",
  cancelled: "cancelled",
  rejected: "failed",
  expired: "not_started",
};

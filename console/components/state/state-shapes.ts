import type { ExecutionState } from "../../../src/contract/states.ts";

/** What has a shape: states of executions, and those of runs that no execution has. */
export type ShapedState = ExecutionState | "partial" | "asking" | "paused";

/** Outline of each state in a box of 10 by 10, as an SVG path: told apart without colour, down to seven pixels. */
export const stateShapes: Readonly<Record<ShapedState, string>> = {
  /** A small dot: it has yet to begin. */
  pending: "M5 3.2a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 1 0 0 -3.6Z",
  /** A ring: on its way. */
  dispatching: "M5 1a4 4 0 1 0 0 8a4 4 0 1 0 0 -8ZM5 3a2 2 0 1 1 0 4a2 2 0 1 1 0 -4Z",
  /** A full disc. */
  running: "M5 0a5 5 0 1 0 0 10a5 5 0 1 0 0 -10Z",
  /** The calm full square: most hosts, most of the time. */
  ok: "M1.5 0H8.5A1.5 1.5 0 0 1 10 1.5V8.5A1.5 1.5 0 0 1 8.5 10H1.5A1.5 1.5 0 0 1 0 8.5V1.5A1.5 1.5 0 0 1 1.5 0Z",
  /** A cross. */
  failed: "M0 1.8L1.8 0L5 3.2L8.2 0L10 1.8L6.8 5L10 8.2L8.2 10L5 6.8L1.8 10L0 8.2L3.2 5Z",
  /** An hourglass. */
  timed_out: "M0 0H10L6.2 5L10 10H0L3.8 5Z",
  /** A square cut along its diagonal. */
  cancelled: "M0 0H10L0 10Z",
  /** A diamond. */
  unreachable: "M5 0L10 5L5 10L0 5Z",
  /** A dash. */
  skipped: "M0 3.8H10V6.2H0Z",
  /** An empty square. */
  not_started: "M0 0H10V10H0ZM2 2V8H8V2Z",
  /** A triangle with its point up: look here. */
  unknown: "M5 0L10 10H0Z",
  /** A run, some of whose hosts are ok: a square with a corner gone. */
  partial: "M0 0H10V3.5L3.5 10H0Z",
  /** A run that asks for a second person: a ring around a dot, like an open eye. */
  asking:
    "M5 0a5 5 0 1 0 0 10a5 5 0 1 0 0 -10ZM5 1.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 1 1 0 -7ZM5 3a2 2 0 1 0 0 4a2 2 0 1 0 0 -4Z",
  /** Two bars, as on every player. */
  paused: "M1 0H4V10H1ZM6 0H9V10H6Z",
};

import type { RunState } from "../../../src/contract/states.ts";

/** Filters of the list of runs, as they stand in its address. */
export interface RunsSearch {
  readonly state?: RunState;
  readonly moduleId?: number;
  readonly requestedBy?: string;
}

import { type ExecutionState, executionStates } from "../../../src/contract/states.ts";
import type { Run } from "../../api/types.ts";

export const rerunSelections = ["all", "not_ok", "failed", "unknown"] as const;
export type RerunSelection = (typeof rerunSelections)[number];

/** Hosts that a rerun takes, by how they ended: the same sets as the server's. */
export const rerunStates: Readonly<Record<RerunSelection, readonly ExecutionState[]>> = {
  all: executionStates,
  not_ok: ["failed", "timed_out", "cancelled", "unreachable", "not_started", "unknown"],
  failed: ["failed", "timed_out", "unreachable"],
  unknown: ["unknown"],
};

/** How many hosts a rerun takes, as far as the run itself knows. */
export function rerunCount({ counts }: Pick<Run, "counts">, selection: RerunSelection): number {
  return rerunStates[selection].reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

import { sharedReason } from "../../src/contract/shared-reason.ts";
import { isFinalExecutionState } from "../../src/contract/states.ts";
import type { Execution } from "../api/types.ts";

/** Hosts that ended alike: the same state, exit code or signal, reason, output. */
export interface AnswerGroup {
  readonly key: string;
  readonly sample: Execution;
  /** The sample's, or what the hosts' reasons have in common. */
  readonly reason: string;
  readonly hostNames: readonly string[];
  readonly positions: readonly number[];
}

/** Groups of the hosts that have ended, while a run is still going too; largest first, then in order of the hosts. */
export function groupAnswers(executions: readonly (Execution | undefined)[]): readonly AnswerGroup[] {
  const groups = new Map<string, Omit<AnswerGroup, "reason"> & { hostNames: string[]; positions: number[] }>();
  for (const execution of executions) {
    if (execution === undefined || !isFinalExecutionState(execution.state)) continue;
    const key = keyOf(execution);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, {
        key,
        sample: execution,
        hostNames: [execution.hostName],
        positions: [execution.position],
      });
    } else {
      group.hostNames.push(execution.hostName);
      group.positions.push(execution.position);
    }
  }
  return [...groups.values()]
    .map((group) => ({ ...group, reason: reasonOf(group) }))
    .sort((one, other) => other.positions.length - one.positions.length || one.sample.position - other.sample.position);
}

function reasonOf({ sample, positions }: Omit<AnswerGroup, "reason">): string {
  return positions.length === 1 ? sample.reason : sharedReason(sample.reason, sample.hostName, sample.address);
}

function keyOf(execution: Execution): string {
  return JSON.stringify([
    execution.state,
    execution.exitCode ?? null,
    execution.signal,
    sharedReason(execution.reason, execution.hostName, execution.address),
    execution.output ?? null,
    execution.stdoutSha256 ?? null,
    execution.stderrSha256 ?? null,
  ]);
}

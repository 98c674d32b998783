import { isFinalExecutionState } from "../../src/contract/states.ts";
import type { Execution } from "../api/types.ts";

/** Hosts that ended alike: the same state, exit code or signal, reason, output. */
export interface AnswerGroup {
  readonly key: string;
  readonly sample: Execution;
  readonly hostNames: readonly string[];
  readonly positions: readonly number[];
}

/** Groups of the hosts that have ended, while a run is still going too; largest first, then in order of the hosts. */
export function groupAnswers(executions: readonly (Execution | undefined)[]): readonly AnswerGroup[] {
  const groups = new Map<string, { key: string; sample: Execution; hostNames: string[]; positions: number[] }>();
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
  return [...groups.values()].sort(
    (one, other) => other.positions.length - one.positions.length || one.sample.position - other.sample.position,
  );
}

function keyOf(execution: Execution): string {
  return JSON.stringify([
    execution.state,
    execution.exitCode ?? null,
    execution.signal,
    execution.reason,
    execution.output ?? null,
    execution.stdoutSha256 ?? null,
    execution.stderrSha256 ?? null,
  ]);
}

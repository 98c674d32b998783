import { sharedReason } from "../../../src/contract/shared-reason.ts";
import { isFinalExecutionState } from "../../../src/contract/states.ts";
import type { Execution } from "../../api/types.ts";

/** Hosts whose answer changed in the same way. */
export interface ChangeGroup {
  readonly key: string;
  readonly before: Execution;
  readonly after: Execution;
  /** It ended otherwise, or it only printed something else. */
  readonly what: "end" | "output";
  readonly hostNames: readonly string[];
  readonly positions: readonly number[];
}

export interface RunComparison {
  readonly same: number;
  /** Other ends first, then largest first. */
  readonly changes: readonly ChangeGroup[];
  readonly changed: number;
  /** Hosts of this run only, and of the other only. */
  readonly added: readonly string[];
  readonly gone: readonly string[];
}

/**
 * Host by host: what is the same as in the other run, what changed and how. Hosts are the same by their number; those that have not ended yet do
 * not count.
 */
export function compareRuns(now: readonly Execution[], before: readonly Execution[]): RunComparison {
  const old = new Map(before.map((execution) => [execution.hostId, execution]));
  const groups = new Map<string, ChangeGroup & { hostNames: string[]; positions: number[] }>();
  const added: string[] = [];
  let same = 0;
  let changed = 0;
  for (const after of now) {
    if (!isFinalExecutionState(after.state)) {
      old.delete(after.hostId);
      continue;
    }
    const earlier = old.get(after.hostId);
    if (earlier === undefined) {
      added.push(after.hostName);
      continue;
    }
    old.delete(after.hostId);
    const [oldEnd, newEnd] = [endOf(earlier), endOf(after)];
    const [oldOutput, newOutput] = [outputOf(earlier), outputOf(after)];
    if (oldEnd === newEnd && oldOutput === newOutput) {
      same++;
      continue;
    }
    changed++;
    const key = JSON.stringify([oldEnd, newEnd, oldOutput, newOutput]);
    const group = groups.get(key);
    if (group === undefined) {
      const what = oldEnd === newEnd ? "output" : "end";
      groups.set(key, { key, before: earlier, after, what, hostNames: [after.hostName], positions: [after.position] });
    } else {
      group.hostNames.push(after.hostName);
      group.positions.push(after.position);
    }
  }
  const changes = [...groups.values()].sort(
    (one, other) =>
      Number(other.what === "end") - Number(one.what === "end") ||
      other.positions.length - one.positions.length ||
      one.after.position - other.after.position,
  );
  return { same, changes, changed, added, gone: [...old.values()].map(({ hostName }) => hostName) };
}

function endOf({ state, exitCode, signal, reason, hostName, address }: Execution): string {
  return JSON.stringify([state, exitCode ?? null, signal, sharedReason(reason, hostName, address)]);
}

function outputOf({ stdoutSha256, stderrSha256 }: Execution): string {
  return `${stdoutSha256} ${stderrSha256}`;
}

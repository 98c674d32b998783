import { sharedReason } from "../../src/contract/shared-reason.ts";
import { isFinalExecutionState } from "../../src/contract/states.ts";
import type { Execution } from "../api/types.ts";

/** Hosts that ended alike: the same state, exit code or signal, reason, output. */
export interface AnswerGroup {
  readonly key: string;
  readonly sample: Execution;
  /** The sample's, or what the hosts' reasons have in common. */
  readonly reason: string;
  /** In order of the hosts. */
  readonly hostNames: readonly string[];
  readonly positions: readonly number[];
  /** When the first of them ended. */
  readonly firstEnd: number;
}

/** Groups of the hosts of a run that have ended, kept as they end: nothing is counted anew for a host that is in it. */
export interface AnswerIndex {
  /** No effect for a host that has not ended or is in it already with the same answer. */
  add(execution: Execution): void;
  /** Puts all in at once. Executions of the same number are known to be alike, so one of each is looked at. */
  fill(executions: readonly Execution[], answerOf: readonly number[]): void;
  /** In the order in which each answer came first. The same list, and the same groups in it, while they do not change. */
  groups(): readonly AnswerGroup[];
}

interface Members {
  readonly key: string;
  readonly sample: Execution;
  readonly sharedReason: string;
  /** In the order in which they came. */
  readonly executions: Execution[];
  firstEnd: number;
  shown: AnswerGroup | undefined;
}

export function createAnswerIndex(): AnswerIndex {
  const groups = new Map<string, Members>();
  const groupOf: (Members | undefined)[] = [];
  let list: readonly AnswerGroup[] | undefined = [];

  function groupFor(execution: Execution): Members {
    const reason = sharedReason(execution.reason, execution.hostName, execution.address);
    const key = keyOf(execution, reason);
    let group = groups.get(key);
    if (group === undefined) {
      const firstEnd = execution.finishedAt ?? Number.POSITIVE_INFINITY;
      const none = { executions: [], shown: undefined };
      group = { key, sample: execution, sharedReason: reason, firstEnd, ...none };
      groups.set(key, group);
    }
    return group;
  }

  function put(group: Members, execution: Execution): void {
    groupOf[execution.position] = group;
    group.executions.push(execution);
    group.firstEnd = Math.min(group.firstEnd, execution.finishedAt ?? Number.POSITIVE_INFINITY);
    group.shown = undefined;
    list = undefined;
  }

  return {
    add(execution) {
      if (!isFinalExecutionState(execution.state)) return;
      const group = groupFor(execution);
      const before = groupOf[execution.position];
      if (before === group) return;
      if (before !== undefined) takeOut(before, execution.position);
      put(group, execution);
    },
    fill(executions, answerOf) {
      const numbered: (Members | undefined)[] = [];
      executions.forEach((execution, place) => {
        if (!isFinalExecutionState(execution.state)) return;
        const number = answerOf[place] ?? -1;
        const group = numbered[number] ?? groupFor(execution);
        numbered[number] = group;
        put(group, execution);
      });
    },
    groups() {
      list ??= [...groups.values()]
        .filter(({ executions }) => executions.length > 0)
        .map((group) => {
          group.shown ??= shownGroup(group);
          return group.shown;
        })
        .sort((one, other) => one.firstEnd - other.firstEnd || one.sample.position - other.sample.position);
      return list;
    },
  };
}

/** Largest first; equally large ones in order of the hosts. */
export function bySize(groups: readonly AnswerGroup[]): readonly AnswerGroup[] {
  return [...groups].sort(
    (one, other) => other.positions.length - one.positions.length || one.sample.position - other.sample.position,
  );
}

/** The answer that most hosts gave and printed something: what the others are held against. None when no two agree. */
export function majorityOf(groups: readonly AnswerGroup[]): AnswerGroup | undefined {
  let majority: AnswerGroup | undefined;
  for (const group of groups) {
    if (group.sample.stdoutBytes + group.sample.stderrBytes === 0) continue;
    if (group.positions.length > (majority?.positions.length ?? 1)) majority = group;
  }
  return majority;
}

function shownGroup({ key, sample, sharedReason: shared, executions, firstEnd }: Members): AnswerGroup {
  const sorted = [...executions].sort((one, other) => one.position - other.position);
  return {
    key,
    sample,
    reason: sorted.length === 1 ? sample.reason : shared,
    hostNames: sorted.map(({ hostName }) => hostName),
    positions: sorted.map(({ position }) => position),
    firstEnd,
  };
}

function takeOut(group: Members, position: number): void {
  const place = group.executions.findIndex((execution) => execution.position === position);
  if (place === -1) return;
  group.executions.splice(place, 1);
  group.shown = undefined;
}

function keyOf(execution: Execution, reason: string): string {
  return JSON.stringify([
    execution.state,
    execution.exitCode ?? null,
    execution.signal,
    reason,
    execution.output ?? null,
    execution.stdoutSha256 ?? null,
    execution.stderrSha256 ?? null,
  ]);
}

/** The groups with only those hosts in them; groups that none is left of go. */
export function onlyHosts(
  groups: readonly AnswerGroup[],
  executions: readonly (Execution | undefined)[],
  keep: (execution: Execution) => boolean,
): readonly AnswerGroup[] {
  return groups.flatMap((group) => {
    const kept = group.positions.flatMap((position) => {
      const execution = executions[position];
      return execution !== undefined && keep(execution) ? [execution] : [];
    });
    const [sample] = kept;
    if (sample === undefined) return [];
    if (kept.length === group.positions.length) return [group];
    const reason = kept.length === 1 ? sample.reason : group.reason;
    return [
      {
        ...group,
        sample,
        reason,
        hostNames: kept.map((one) => one.hostName),
        positions: kept.map((one) => one.position),
      },
    ];
  });
}

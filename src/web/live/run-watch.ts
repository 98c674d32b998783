import type { Execution } from "../store/repositories/executions.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";

/** Executions in the changes that are kept for readers a little behind; one further behind reads by itself. */
const keptExecutions = 20_000;
const pageSize = 2000;

export interface Change {
  /** The run's `liveSeq`. */
  readonly seq: number;
  readonly run: Run;
  readonly executions: readonly Execution[];
}

/** What changed of one run, read once for all who follow it. */
export interface RunWatch {
  /** Newest state that was read; undefined before the first read or when there is no such run. */
  newest(): Change | undefined;
  /** Reads what came after the newest. Calls that come while it reads share that read. */
  read(): Promise<void>;
  /** Everything after `seq` up to the newest, as one change: from memory where it is recent. */
  since(seq: number): Promise<Change | undefined>;
  /** Every execution, and the run as newest; some executions may be newer than it. */
  whole(): Promise<Change | undefined>;
}

export function createRunWatch(store: Store, runId: number): RunWatch {
  /** Each follows on the one before it; `from` is the seq after which the first begins. */
  const kept: Change[] = [];
  let from = 0;
  let keptRows = 0;
  let reading: Promise<void> | undefined;

  async function readNext(): Promise<void> {
    const run = await store.runs.get(runId, "all");
    const last = kept.at(-1);
    if (run === undefined || run.liveSeq === last?.seq) return;
    // What was before the first read is left to each reader; from here on changes are shared.
    if (last === undefined) from = run.liveSeq;
    const rows = last === undefined ? [] : await executionsSince(last.seq);
    // A row that changed again while it was read comes with the next change.
    const executions = rows.filter((row) => row.liveSeq <= run.liveSeq);
    kept.push({ seq: run.liveSeq, run, executions });
    keptRows += executions.length;
    while (keptRows > keptExecutions && kept.length > 1) {
      const dropped = kept.shift();
      keptRows -= dropped?.executions.length ?? 0;
      from = dropped?.seq ?? from;
    }
  }

  async function executionsSince(seq: number | undefined): Promise<Execution[]> {
    const rows: Execution[] = [];
    const changed = seq === undefined ? {} : { changedSince: seq };
    for (let after = -1; ; ) {
      const page = await store.runs.executions(runId, { after, limit: pageSize, ...changed });
      rows.push(...page);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return rows;
      after = last.position;
    }
  }

  return {
    newest: () => kept.at(-1),
    read() {
      reading ??= readNext().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    async since(seq) {
      const last = kept.at(-1);
      if (last === undefined) return undefined;
      if (seq < from) {
        const rows = await executionsSince(seq);
        return { ...last, executions: rows.filter((row) => row.liveSeq <= last.seq) };
      }
      const missed = kept.filter((change) => change.seq > seq);
      return missed.length === 1 && missed[0] !== undefined
        ? onlyAfter(missed[0], seq)
        : { ...last, executions: merge(missed, seq) };
    },
    async whole() {
      const last = kept.at(-1);
      return last === undefined ? undefined : { ...last, executions: await executionsSince(undefined) };
    },
  };
}

function onlyAfter(change: Change, seq: number): Change {
  return change.executions.every((row) => row.liveSeq > seq) ? change : { ...change, executions: merge([change], seq) };
}

function merge(changes: readonly Change[], seq: number): Execution[] {
  const newest = new Map<number, Execution>();
  for (const row of changes.flatMap((change) => change.executions))
    if (row.liveSeq > seq) newest.set(row.position, row);
  return [...newest.values()].sort((a, b) => a.position - b.position);
}

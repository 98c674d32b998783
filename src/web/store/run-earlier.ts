import { finalRunStates } from "../../contract/states.ts";
import type { Database, Queries } from "./database.ts";
import type { EarlierRuns, Run } from "./repositories/runs.ts";
import { toRun } from "./run-rows.ts";
import type { SelectRuns } from "./run-scope.ts";

/** Runs to choose from, newest first. */
const listedRuns = 20;
/** So many runs are looked at for one on the same hosts. */
const comparedRuns = 10;
/** So many runs, and rows of each, say what a host usually takes. */
const measuredRuns = 3;
const measuredRows = 1000;

/** See `RunRepository.earlier`. */
export async function earlierRuns(database: Database, run: Run, runsInScope: SelectRuns): Promise<EarlierRuns> {
  const { reader } = database;
  const ended = () => {
    const query = runsInScope(reader)
      .where("run.module_id", "=", run.moduleId)
      .where("run.id", "!=", run.id)
      .where("run.state", "in", finalRunStates)
      .orderBy("run.id", "desc");
    if (run.moduleId !== 0) return query;
    // What was typed for once is the same task only when it is the same text.
    return query
      .where("run.module_key", "=", run.moduleKey)
      .where("run.parameters", "=", JSON.stringify(run.parameters));
  };
  const rows = await ended().limit(listedRuns).execute();
  const alike = await ended()
    .where("run.host_count", "=", run.hostCount)
    .where("run.id", "<", run.id)
    .limit(comparedRuns)
    .execute();
  const measured = await ended()
    .where("run.parameters", "=", JSON.stringify(run.parameters))
    .limit(measuredRuns)
    .execute();
  const usual = await medianMilliseconds(
    reader,
    measured.map(({ id }) => id),
  );
  for (const row of alike) {
    if ((await sharedHosts(reader, run.id, row.id)) !== run.hostCount) continue;
    return { runs: rows.map(toRun), sameHosts: toRun(row), ...usual };
  }
  return { runs: rows.map(toRun), ...usual };
}

async function sharedHosts(reader: Queries, runId: number, otherId: number): Promise<number> {
  const { count } = await reader
    .selectFrom("execution as mine")
    .innerJoin("execution as other", (join) =>
      join.onRef("other.host_id", "=", "mine.host_id").on("other.run_id", "=", otherId),
    )
    .where("mine.run_id", "=", runId)
    .select((build) => build.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** What a host took in the middle, over the first hosts of each run. */
async function medianMilliseconds(
  reader: Queries,
  runIds: readonly number[],
): Promise<Pick<EarlierRuns, "usualHostMilliseconds">> {
  const durations: number[] = [];
  for (const runId of runIds) {
    const rows = await reader
      .selectFrom("execution")
      .select(["started_at", "finished_at"])
      .where("run_id", "=", runId)
      .where("state", "in", ["ok", "failed"])
      .where("started_at", "is not", null)
      .orderBy("position")
      .limit(measuredRows)
      .execute();
    for (const row of rows) durations.push(Math.max(0, (row.finished_at ?? 0) - (row.started_at ?? 0)));
  }
  const median = durations.sort((a, b) => a - b)[durations.length >> 1];
  return median === undefined ? {} : { usualHostMilliseconds: median };
}

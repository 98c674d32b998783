import { readCursor, toPage } from "./cursor.ts";
import type { Database, Queries } from "./database.ts";
import { GrowingHashes, readChunks, streamNumber } from "./output-chunks.ts";
import { createKnownOutputs, readContent } from "./outputs.ts";
import type { RunRepository } from "./repositories/runs.ts";
import { applyRunChange } from "./run-apply.ts";
import { createRunApprovals } from "./run-approvals.ts";
import { runColumns } from "./run-columns.ts";
import { createRun } from "./run-create.ts";
import { earlierRuns } from "./run-earlier.ts";
import { runsLike } from "./run-filter.ts";
import { groupOutputs } from "./run-groups.ts";
import { readNotices } from "./run-notices.ts";
import { createRunOrders } from "./run-orders.ts";
import { hiddenState, openRunStates, toExecution, toRun } from "./run-rows.ts";
import { runsInScope } from "./run-scope.ts";
import { createRunShares } from "./run-shares.ts";
import { readSteps } from "./run-steps.ts";

export function createRuns(database: Database): RunRepository {
  const known = { outputs: createKnownOutputs(), growing: new GrowingHashes() };
  const { reader } = database;
  return {
    create: (run) => createRun(database, run),
    apply: (change) => applyRunChange(database, known, change),
    groups: (runId) => groupOutputs(database, runId),
    earlier: (run, scope) => earlierRuns(database, run, (queries) => runsInScope(queries, scope)),
    columns: (runId, seq) => runColumns(database, runId, seq),
    ...createRunOrders(database),
    ...createRunShares(database),
    ...createRunApprovals(database),

    async get(id, scope) {
      const row = await runsInScope(reader, scope).where("run.id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : toRun(row);
    },

    async getByUid(uid) {
      const row = await runsInScope(reader, "all").where("run.uid", "=", uid).executeTakeFirst();
      return row === undefined ? undefined : toRun(row);
    },

    async list(filter, scope, { cursor, limit }) {
      const before = readCursor(cursor);
      let query = runsLike(runsInScope(reader, scope), filter)
        .orderBy("run.id", "desc")
        .limit(limit + 1);
      if (before !== undefined) query = query.where("run.id", "<", before);
      const page = toPage(await query.execute(), limit, (row) => row.id);
      return { ...page, rows: page.rows.map(toRun) };
    },

    async executions(runId, { after, limit, changedSince, state }) {
      let query = reader
        .selectFrom("execution")
        .selectAll()
        .where("run_id", "=", runId)
        .orderBy("position")
        .limit(limit);
      if (after !== undefined) query = query.where("position", ">", after);
      if (changedSince !== undefined) query = query.where("live_seq", ">", changedSince);
      if (state !== undefined) query = query.where("state", "in", state.length > 0 ? state : [""]);
      return (await query.execute()).map(toExecution);
    },

    async execution(runId, position) {
      const row = await executionRow(reader, runId, position);
      return row === undefined ? undefined : toExecution(row);
    },

    async hostsByState(runId, states) {
      if (states.length === 0) return [];
      const rows = await reader
        .selectFrom("execution")
        .select("host_id")
        .where("run_id", "=", runId)
        .where("state", "in", states)
        .orderBy("position")
        .execute();
      return rows.map((row) => row.host_id);
    },

    async executionsOfHost(hostId, limit) {
      const rows = await reader
        .selectFrom("execution")
        .innerJoin("run", "run.id", "execution.run_id")
        .selectAll("execution")
        .select(["run.module_name_zh", "run.module_name_en"])
        .where("execution.host_id", "=", hostId)
        .where("execution.state", "not in", ["pending", "dispatching"])
        .where("run.state", "!=", hiddenState)
        .orderBy("execution.run_id", "desc")
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        ...toExecution(row),
        runId: row.run_id,
        moduleName: { zh: row.module_name_zh, en: row.module_name_en },
      }));
    },

    async output(runId, position, stream, range) {
      const row = await executionRow(reader, runId, position);
      if (row === undefined) return undefined;
      const sha256 = stream === "stdout" ? row.stdout_sha256 : row.stderr_sha256;
      if (sha256 !== null) return await readContent(reader, sha256, range);
      const sofar = await readChunks(reader, { runId, position, stream: streamNumber(stream) }, range);
      if (sofar.byteLength > 0) return sofar;
      // It may have ended between the two reads, its chunks gone into one content.
      const after = await executionRow(reader, runId, position);
      const ended = stream === "stdout" ? after?.stdout_sha256 : after?.stderr_sha256;
      return typeof ended === "string" ? await readContent(reader, ended, range) : sofar;
    },

    async outputByHash(runId, sha256, range) {
      const row = await reader
        .selectFrom("execution")
        .select("position")
        .where("run_id", "=", runId)
        .where((build) => build.or([build("stdout_sha256", "=", sha256), build("stderr_sha256", "=", sha256)]))
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : await readContent(reader, sha256, range);
    },

    notices: (runId, position) => readNotices(reader, runId, position),
    steps: (runId, position, options) => readSteps(reader, runId, position, options),

    async unfinished() {
      const query = reader.selectFrom("run").selectAll().where("state", "in", openRunStates).orderBy("id");
      return (await query.execute()).map(toRun);
    },
  };
}

function executionRow(queries: Queries, runId: number, position: number) {
  return queries
    .selectFrom("execution")
    .selectAll()
    .where("run_id", "=", runId)
    .where("position", "=", position)
    .executeTakeFirst();
}

import type { Insertable, Transaction } from "kysely";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { emptyCounts, finalRunState } from "../../contract/states.ts";
import { byteParts, insertForId, insertRows } from "./bulk.ts";
import { checkText, storableText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { emptySha256 } from "./outputs.ts";
import type { NewExecution } from "./repositories/executions.ts";
import type { NewRun, Run } from "./repositories/runs.ts";
import { countColumns, toRun } from "./run-rows.ts";
import { isUniqueViolation } from "./store-errors.ts";
import type { ExecutionTable, RunTable, Tables } from "./tables.ts";

/** See `RunRepository.create`. */
export async function createRun(database: Database, run: NewRun): Promise<{ run: Run; repeated: boolean }> {
  checkRun(run);
  const earlier = await findRepeated(database, run);
  if (earlier !== undefined) return { run: earlier, repeated: true };
  try {
    return { run: await database.transaction((transaction) => insertRun(database, transaction, run)), repeated: false };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const repeated = await findRepeated(database, run);
    if (repeated !== undefined) return { run: repeated, repeated: true };
    throw new OmError("store.conflict", reasonText("run_there", { run: run.uid }), { cause: error });
  }
}

async function findRepeated(database: Database, run: NewRun): Promise<Run | undefined> {
  if (run.idempotencyKey === undefined) return undefined;
  const row = await database.writer
    .selectFrom("run")
    .selectAll()
    .where("requested_by_user_id", "=", run.requestedByUserId)
    .where("idempotency_key", "=", run.idempotencyKey)
    .executeTakeFirst();
  return row === undefined ? undefined : toRun(row);
}

function checkRun(run: NewRun): void {
  const limits = { uid: 64, moduleKey: 255, becomeUser: 255, requestedBy: 255, idempotencyKey: 255 } as const;
  for (const [field, limit] of Object.entries(limits)) {
    const value = run[field as keyof typeof limits];
    if (value !== undefined) checkText(value, `Run ${field}`, limit, "request.invalid");
  }
  checkText(run.query, "Query", 1_048_576, "request.invalid");
  checkText(run.rerunOf?.selection ?? "", "Selection", 255, "request.invalid");
  run.executions.forEach((execution, at) => {
    if (execution.position === at) return;
    throw new OmError("internal.error", `Run ${run.uid} names its ${at + 1}th host by position ${execution.position}`);
  });
}

async function insertRun(database: Database, transaction: Transaction<Tables>, run: NewRun): Promise<Run> {
  const now = database.clock();
  const counts = emptyCounts();
  for (const execution of run.executions) counts[execution.skipped === undefined ? "pending" : "skipped"] += 1;
  const isOver = counts.pending === 0;
  const row = {
    uid: run.uid,
    module_id: run.moduleId,
    module_version: run.moduleVersion,
    module_key: run.moduleKey,
    module_name_zh: run.moduleName.zh,
    module_name_en: run.moduleName.en,
    danger: run.danger,
    parameters: JSON.stringify(run.parameters),
    host_query: run.query,
    plan_sha256: run.planSha256,
    width: run.width,
    wave_size: run.waveSize ?? null,
    max_failures: run.maxFailures ?? null,
    become_user: run.becomeUser,
    timeout_milliseconds: run.timeoutMilliseconds,
    dry_run: run.check === true ? 1 : 0,
    requested_by: run.requestedBy,
    requested_by_user_id: run.requestedByUserId,
    rerun_of_run_id: run.rerunOf?.runId ?? null,
    rerun_selection: run.rerunOf?.selection ?? null,
    rerun_of_gone: 0,
    idempotency_key: run.idempotencyKey ?? null,
    state: isOver ? finalRunState(counts, false) : run.approval === undefined ? "queued" : "awaiting_approval",
    needs_attention: 0,
    host_count: run.executions.length,
    live_seq: 1,
    reason: "",
    created_at: now,
    started_at: null,
    finished_at: isOver ? now : null,
    cancel_requested_by: null,
    coordinated: run.coordinated === true ? 1 : 0,
    approval_until: run.approval?.until ?? null,
    approval_decision: null,
    approval_by: null,
    approval_at: null,
    approval_comment: null,
    ...countColumns(counts),
  } satisfies Insertable<RunTable>;
  const id = await insertForId(database, transaction, "run", row);
  await insertShares(database, transaction, id, run.orders, isOver);
  if (run.approval !== undefined && !isOver) {
    const parts = byteParts(run.approval.plan).map((plan_bytes, part) => ({ run_id: id, part, plan_bytes }));
    await insertRows(database, transaction, "run_waiting_plan", ["run_id", "part", "plan_bytes"], parts);
  }
  const appCategories = [...new Set(run.executions.map((execution) => execution.appCategoryId))];
  const categoryRows = appCategories.map((app_category_id) => ({ run_id: id, app_category_id }));
  await insertRows(database, transaction, "run_app_category", ["run_id", "app_category_id"], categoryRows);
  const executions = run.executions.map((execution) => executionRow(id, execution, now));
  await insertRows(database, transaction, "execution", createdColumns, executions);
  return toRun({ ...row, id });
}

/** What each controller has of a run, with its order unless the run is over. */
export async function insertShares(
  database: Database,
  transaction: Transaction<Tables>,
  runId: number,
  orders: NewRun["orders"],
  isOver: boolean,
): Promise<void> {
  const shares = orders.map(({ controller }) => ({ run_id: runId, controller, last_seq: 0, ended: isOver ? 1 : 0 }));
  await insertRows(database, transaction, "run_controller", ["run_id", "controller", "last_seq", "ended"], shares);
  if (isOver) return;
  const parts = orders.flatMap(({ controller, order }) =>
    byteParts(order).map((order_bytes, part) => ({ run_id: runId, controller, part, order_bytes })),
  );
  await insertRows(database, transaction, "run_order", ["run_id", "controller", "part", "order_bytes"], parts);
}

const createdColumns = [
  "run_id",
  "position",
  "host_id",
  "host_name",
  "address",
  "engine",
  "app_category_id",
  "controller",
  "wave",
  "state",
  "reason",
  "finished_at",
  "completeness",
  "stdout_sha256",
  "stderr_sha256",
  "live_seq",
] as const satisfies readonly (keyof ExecutionTable)[];

function executionRow(runId: number, execution: NewExecution, now: number) {
  const isSkipped = execution.skipped !== undefined;
  return {
    run_id: runId,
    position: execution.position,
    host_id: execution.hostId,
    host_name: execution.hostName,
    address: execution.address,
    engine: execution.engine,
    app_category_id: execution.appCategoryId,
    controller: execution.controller,
    wave: execution.wave,
    state: isSkipped ? "skipped" : "pending",
    exit_code: null,
    end_signal: "",
    reason: storableText(execution.skipped ?? "", 4000),
    started_at: null,
    finished_at: isSkipped ? now : null,
    stdout_bytes: 0,
    stderr_bytes: 0,
    completeness: isSkipped ? "complete" : null,
    stdout_sha256: isSkipped ? emptySha256 : null,
    stderr_sha256: isSkipped ? emptySha256 : null,
    live_seq: 1,
  };
}

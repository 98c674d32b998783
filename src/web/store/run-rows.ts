import type { Selectable, Transaction } from "kysely";
import type { EngineId } from "../../contract/engine.ts";
import type { ParameterValues } from "../../contract/module.ts";
import {
  type ExecutionCounts,
  type ExecutionState,
  emptyCounts,
  executionStates,
  finalRunState,
  type OutputCompleteness,
  type RunState,
} from "../../contract/states.ts";
import type { Database } from "./database.ts";
import type { Execution } from "./repositories/executions.ts";
import type { Run, RunApproval } from "./repositories/runs.ts";
import { notFound } from "./store-errors.ts";
import type { CountColumn, ExecutionTable, RunTable, Tables } from "./tables.ts";

export const openExecutionStates = ["pending", "dispatching", "running"] as const satisfies readonly ExecutionState[];
export const openRunStates = [
  "awaiting_approval",
  "queued",
  "running",
  "paused",
  "cancelling",
] as const satisfies readonly RunState[];

/** Of a run that is being deleted: from this state on nobody sees it. */
export const hiddenState = "deleted";

export function countColumn(state: ExecutionState): CountColumn {
  return `${state}_count`;
}

export function countColumns(counts: ExecutionCounts): Record<CountColumn, number> {
  return Object.fromEntries(executionStates.map((state) => [countColumn(state), counts[state]])) as Record<
    CountColumn,
    number
  >;
}

/** A run as a transaction works on it: the stored row, to be changed and written back by {@link writeRun}. */
export interface RunDraft {
  readonly row: Selectable<RunTable>;
  readonly counts: ExecutionCounts;
}

/**
 * The run's row, held until the commit: changes of one run take turns, whoever makes them.
 * `request.not_found` when there is none.
 */
export async function lockRun(
  database: Database,
  transaction: Transaction<Tables>,
  by: { readonly uid: string } | { readonly id: number },
): Promise<RunDraft> {
  const row = await transaction
    .selectFrom("run")
    .selectAll()
    .$if("uid" in by, (query) => query.where("uid", "=", "uid" in by ? by.uid : ""))
    .$if("id" in by, (query) => query.where("id", "=", "id" in by ? by.id : 0))
    .where("state", "!=", hiddenState)
    .$if(database.kind !== "sqlite", (query) => query.forUpdate())
    .executeTakeFirst();
  if (row === undefined) throw notFound("uid" in by ? `Run ${by.uid}` : `Run ${by.id}`);
  return { row, counts: countsOf(row) };
}

/** Writes what may change of a run: state, counts, times, version. */
export async function writeRun(transaction: Transaction<Tables>, draft: RunDraft): Promise<Run> {
  const { row } = draft;
  row.needs_attention = draft.counts.unknown > 0 ? 1 : 0;
  Object.assign(row, countColumns(draft.counts));
  await transaction
    .updateTable("run")
    .set({
      state: row.state,
      needs_attention: row.needs_attention,
      live_seq: row.live_seq,
      reason: row.reason,
      started_at: row.started_at,
      finished_at: row.finished_at,
      cancel_requested_by: row.cancel_requested_by,
      coordinated: row.coordinated,
      approval_decision: row.approval_decision,
      approval_by: row.approval_by,
      approval_at: row.approval_at,
      approval_comment: row.approval_comment,
      ...countColumns(draft.counts),
    })
    .where("id", "=", row.id)
    .execute();
  return toRun(row);
}

/** Makes the run final when no controller has anything more to say about it. */
export async function finishWhenEnded(transaction: Transaction<Tables>, draft: RunDraft, at: number): Promise<void> {
  const open = await transaction
    .selectFrom("run_controller")
    .select("controller")
    .where("run_id", "=", draft.row.id)
    .where("ended", "=", 0)
    .limit(1)
    .executeTakeFirst();
  if (open !== undefined) return;
  draft.row.state = finalRunState(draft.counts, draft.row.cancel_requested_by !== null);
  draft.row.finished_at = at;
}

export function isOpenRun(row: { readonly state: string }): boolean {
  return (openRunStates as readonly string[]).includes(row.state);
}

function countsOf(row: Readonly<Record<CountColumn, number>>): ExecutionCounts {
  const counts = emptyCounts();
  for (const state of executionStates) counts[state] = row[countColumn(state)];
  return counts;
}

export function toRun(row: Selectable<RunTable>): Run {
  return {
    id: row.id,
    uid: row.uid,
    moduleId: row.module_id,
    moduleVersion: row.module_version,
    moduleKey: row.module_key,
    moduleName: { zh: row.module_name_zh, en: row.module_name_en },
    danger: row.danger,
    parameters: JSON.parse(row.parameters) as ParameterValues,
    query: row.host_query,
    planSha256: row.plan_sha256,
    width: row.width,
    ...(row.wave_size === null ? {} : { waveSize: row.wave_size }),
    ...(row.max_failures === null ? {} : { maxFailures: row.max_failures }),
    becomeUser: row.become_user,
    timeoutMilliseconds: row.timeout_milliseconds,
    check: row.dry_run === 1,
    requestedBy: row.requested_by,
    requestedByUserId: row.requested_by_user_id,
    ...(row.rerun_of_run_id === null
      ? {}
      : {
          rerunOf: {
            runId: row.rerun_of_run_id,
            selection: row.rerun_selection ?? "",
            ...(row.rerun_of_gone === 1 ? { gone: true } : {}),
          },
        }),
    state: row.state as RunState,
    needsAttention: row.needs_attention === 1,
    counts: countsOf(row),
    hostCount: row.host_count,
    liveSeq: row.live_seq,
    reason: row.reason,
    coordinated: row.coordinated === 1,
    createdAt: row.created_at,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    ...(row.cancel_requested_by === null ? {} : { cancelRequestedBy: row.cancel_requested_by }),
    ...(row.approval_until === null ? {} : { approval: toApproval(row, row.approval_until) }),
  };
}

function toApproval(row: Selectable<RunTable>, until: number): RunApproval {
  const decision = row.approval_decision as RunApproval["decision"] | null;
  return {
    until,
    ...(decision === null ? {} : { decision }),
    ...(row.approval_by === null ? {} : { by: row.approval_by }),
    ...(row.approval_at === null ? {} : { at: row.approval_at }),
    comment: row.approval_comment ?? "",
  };
}

export function toExecution(row: Selectable<ExecutionTable>): Execution {
  return {
    position: row.position,
    hostId: row.host_id,
    hostName: row.host_name,
    address: row.address,
    engine: row.engine as EngineId,
    appCategoryId: row.app_category_id,
    wave: row.wave,
    state: row.state as ExecutionState,
    ...(row.exit_code === null ? {} : { exitCode: row.exit_code }),
    signal: row.end_signal,
    reason: row.reason,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
    stdoutBytes: row.stdout_bytes,
    stderrBytes: row.stderr_bytes,
    ...(row.completeness === null ? {} : { output: row.completeness as OutputCompleteness }),
    ...(row.stdout_sha256 === null ? {} : { stdoutSha256: row.stdout_sha256 }),
    ...(row.stderr_sha256 === null ? {} : { stderrSha256: row.stderr_sha256 }),
    liveSeq: row.live_seq,
  };
}

import type { Transaction } from "kysely";
import type { Database } from "./database.ts";
import { placeText, readPlace } from "./outputs.ts";
import type { Tables } from "./tables.ts";

/** About 5 ms of SQLite. */
const rowsAtOnce = 500;
/** With a row a host and more, in the order in which they go: the executions say which pieces of output stay. */
const tablesByHost = ["execution_step", "execution_notice", "execution"] as const;
const tablesOfRun = ["run_order", "run_waiting_plan", "run_controller", "run_app_category"] as const;

/** Deletes a hidden run and its rows; false when it was aborted on the way. May be done by two at once. */
export async function deleteRun(database: Database, runId: number, signal: AbortSignal): Promise<boolean> {
  await deletePieces(database, runId, signal);
  for (const table of tablesByHost) {
    for (let isMore = true; isMore; ) {
      if (signal.aborted) return false;
      isMore = await database.transaction((transaction) => deleteHosts(transaction, table, runId));
      await database.breathe();
    }
  }
  if (signal.aborted) return false;
  await database.transaction(async (transaction) => {
    for (const table of tablesOfRun) await transaction.deleteFrom(table).where("run_id", "=", runId).execute();
    await transaction.deleteFrom("run").where("id", "=", runId).execute();
  });
  await database.breathe();
  return true;
}

/** The next few hundred rows, to the end of a host; false when there was nothing more. */
async function deleteHosts(
  transaction: Transaction<Tables>,
  table: (typeof tablesByHost)[number],
  runId: number,
): Promise<boolean> {
  const row = await transaction
    .selectFrom(table)
    .select("position")
    .where("run_id", "=", runId)
    .orderBy("position")
    .offset(rowsAtOnce - 1)
    .limit(1)
    .executeTakeFirst();
  await transaction
    .deleteFrom(table)
    .where("run_id", "=", runId)
    .$if(row !== undefined, (query) => query.where("position", "<=", row?.position ?? 0))
    .execute();
  return row !== undefined;
}

/**
 * Output in pieces is the content of a hash where it is long, and other runs may have the same: it goes with the
 * content then. All others go here. Where a host's execution is gone already an earlier attempt has been here.
 */
async function deletePieces(database: Database, runId: number, signal: AbortSignal): Promise<void> {
  for (let after = -1; !signal.aborted; ) {
    const first = await database.writer
      .selectFrom("output_chunk")
      .select("position")
      .where("run_id", "=", runId)
      .where("position", ">", after)
      .orderBy("position")
      .limit(1)
      .executeTakeFirst();
    if (first === undefined) return;
    after = first.position;
    for (const stream of [1, 2]) {
      await database.transaction((transaction) =>
        deleteUnlessContent(transaction, { runId, position: first.position, stream }),
      );
      await database.breathe();
    }
  }
}

async function deleteUnlessContent(
  transaction: Transaction<Tables>,
  place: { readonly runId: number; readonly position: number; readonly stream: number },
): Promise<void> {
  const { runId, position, stream } = place;
  const execution = await transaction
    .selectFrom("execution")
    .select(["stdout_sha256", "stderr_sha256"])
    .where("run_id", "=", runId)
    .where("position", "=", position)
    .executeTakeFirst();
  if (execution === undefined) return;
  const sha256 = stream === 1 ? execution.stdout_sha256 : execution.stderr_sha256;
  const content = sha256 === null ? undefined : await readPlace(transaction, sha256);
  if (content !== undefined && placeText(content) === placeText(place)) return;
  await transaction
    .deleteFrom("output_chunk")
    .where("run_id", "=", runId)
    .where("position", "=", position)
    .where("stream", "=", stream)
    .execute();
}

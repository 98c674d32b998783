import type { Transaction } from "kysely";
import { insertRows, slices } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database, Queries } from "./database.ts";
import type { ExecutionNotice, RunChange } from "./repositories/executions.ts";
import type { Tables } from "./tables.ts";

/** Of a host in a run; an engine that goes on about a host must not fill the database. */
export const keptNotices = 20;
const longestNotice = 500;

const columns = [
  "run_id",
  "position",
  "seq",
  "noticed_at",
  "message",
] as const satisfies readonly (keyof Tables["execution_notice"])[];

/** Adds as many as there is still room for, the earlier ones first. */
export async function writeNotices(
  database: Database,
  transaction: Transaction<Tables>,
  runId: number,
  notices: NonNullable<RunChange["notices"]>,
): Promise<void> {
  if (notices.length === 0) return;
  const kept = await countKept(transaction, runId, [...new Set(notices.map(({ position }) => position))]);
  const rows = notices.flatMap(({ position, seq, at, message }) => {
    const before = kept.get(position) ?? 0;
    if (before >= keptNotices) return [];
    kept.set(position, before + 1);
    return [{ run_id: runId, position, seq, noticed_at: at, message: storableText(message, longestNotice) }];
  });
  await insertRows(database, transaction, "execution_notice", columns, rows);
}

async function countKept(
  transaction: Transaction<Tables>,
  runId: number,
  positions: readonly number[],
): Promise<Map<number, number>> {
  const kept = new Map<number, number>();
  for (const some of slices(positions)) {
    const rows = await transaction
      .selectFrom("execution_notice")
      .select(({ fn }) => ["position", fn.countAll().as("count")])
      .where("run_id", "=", runId)
      .where("position", "in", some)
      .groupBy("position")
      .execute();
    for (const { position, count } of rows) kept.set(position, Number(count));
  }
  return kept;
}

/** In the order in which they came. */
export async function readNotices(
  queries: Queries,
  runId: number,
  position: number,
): Promise<readonly ExecutionNotice[]> {
  const rows = await queries
    .selectFrom("execution_notice")
    .select(["seq", "noticed_at", "message"])
    .where("run_id", "=", runId)
    .where("position", "=", position)
    .orderBy("seq")
    .limit(keptNotices)
    .execute();
  return rows.map(({ seq, noticed_at, message }) => ({ seq, at: noticed_at, message }));
}

import { type Kysely, sql } from "kysely";

/**
 * Frozen. What deleting old runs needs: ended runs by time, reruns by the run that they repeat, and of each output the
 * highest run that it may belong to. Outputs from before may belong to any run there was: the default says so at once,
 * where an update would write every one of them anew. Later blocks of a long output have none.
 */
export async function keepRunsForATime(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ id: number | null }>`select max(id) as id from run`.execute(db);
  await db.schema.createIndex("run_by_finish").on("run").columns(["finished_at"]).execute();
  await db.schema.createIndex("run_by_repeated").on("run").columns(["rerun_of_run_id"]).execute();
  await db.schema
    .alterTable("run")
    .addColumn("rerun_of_gone", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable("output")
    .addColumn("last_run_id", "integer", (column) => column.defaultTo(Number(rows[0]?.id ?? 0)))
    .execute();
  await db.schema.createIndex("output_by_last_run").on("output").columns(["last_run_id"]).execute();
}

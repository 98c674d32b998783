import { type Kysely, type RawBuilder, sql } from "kysely";

/** Frozen. What an engine had to tell of a host besides its output, in the order in which it came. */
export async function createExecutionNotices(
  db: Kysely<unknown>,
  kind: "sqlite" | "mysql" | "postgres",
): Promise<void> {
  const ending = kind === "mysql" ? await mysqlTableOptions(db) : sql``;
  await db.schema
    .createTable("execution_notice")
    .addColumn("run_id", "integer", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("noticed_at", "bigint", (column) => column.notNull())
    .addColumn("message", "varchar(500)", (column) => column.notNull())
    .addPrimaryKeyConstraint("execution_notice_key", ["run_id", "position", "seq"])
    .addForeignKeyConstraint("execution_notice_run", ["run_id"], "run", ["id"], (key) => key.onDelete("cascade"))
    .modifyEnd(ending)
    .execute();
}

/** As the first tables have it. */
async function mysqlTableOptions(db: Kysely<unknown>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const collation = /mariadb/i.test(rows[0]?.version ?? "") ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return sql`engine=InnoDB default charset=utf8mb4 collate=${sql.raw(collation)}`;
}

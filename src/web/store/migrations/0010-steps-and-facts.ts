import { type ColumnDataType, type Kysely, type RawBuilder, sql } from "kysely";

/**
 * Frozen. Steps of an execution (Ansible's tasks, Salt's states) in the order in which they came, the newest facts of
 * each host, and whether a run was a dry run.
 */
export async function addStepsAndFacts(db: Kysely<unknown>, kind: "sqlite" | "mysql" | "postgres"): Promise<void> {
  const text: RawBuilder<unknown> | ColumnDataType = kind === "mysql" ? sql`longtext` : "text";
  const ending = kind === "mysql" ? await mysqlTableOptions(db) : sql``;
  await db.schema
    .createTable("execution_step")
    .addColumn("run_id", "integer", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("path", text, (column) => column.notNull())
    .addColumn("name", text, (column) => column.notNull())
    .addColumn("action", "varchar(255)", (column) => column.notNull())
    .addColumn("status", "varchar(32)", (column) => column.notNull())
    .addColumn("message", text, (column) => column.notNull())
    .addColumn("diff", text, (column) => column.notNull())
    .addColumn("milliseconds", "integer")
    .addPrimaryKeyConstraint("execution_step_key", ["run_id", "position", "seq"])
    .addForeignKeyConstraint("execution_step_run", ["run_id"], "run", ["id"], (key) => key.onDelete("cascade"))
    .modifyEnd(ending)
    .execute();
  await db.schema
    .createTable("host_facts")
    .addColumn("host_id", "integer", (column) => column.primaryKey())
    .addColumn("gathered_at", "bigint", (column) => column.notNull())
    .addColumn("run_id", "integer")
    .addColumn("facts", text, (column) => column.notNull())
    .addForeignKeyConstraint("host_facts_host", ["host_id"], "host", ["id"], (key) => key.onDelete("cascade"))
    .modifyEnd(ending)
    .execute();
  await db.schema
    .alterTable("run")
    .addColumn("dry_run", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}

/** As the first tables have it. */
async function mysqlTableOptions(db: Kysely<unknown>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const collation = /mariadb/i.test(rows[0]?.version ?? "") ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return sql`engine=InnoDB default charset=utf8mb4 collate=${sql.raw(collation)}`;
}

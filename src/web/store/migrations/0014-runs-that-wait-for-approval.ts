import { type Kysely, type RawBuilder, sql } from "kysely";

/** Frozen. Until when a run waits for a second person, what that person said, and the plan as it was frozen. */
export async function addApprovals(db: Kysely<unknown>, kind: "sqlite" | "mysql" | "postgres"): Promise<void> {
  await addColumn(db, "approval_until", "bigint");
  await addColumn(db, "approval_decision", "varchar(16)");
  await addColumn(db, "approval_by", "varchar(255)");
  await addColumn(db, "approval_at", "bigint");
  await addColumn(db, "approval_comment", "varchar(1000)");
  const ending = kind === "mysql" ? await mysqlTableOptions(db) : sql``;
  const bytes = kind === "postgres" ? sql`bytea` : kind === "mysql" ? sql`longblob` : sql`blob`;
  await db.schema
    .createTable("run_waiting_plan")
    .addColumn("run_id", "integer", (column) => column.notNull())
    .addColumn("part", "integer", (column) => column.notNull())
    .addColumn("plan_bytes", bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint("run_waiting_plan_key", ["run_id", "part"])
    .addForeignKeyConstraint("run_waiting_plan_run", ["run_id"], "run", ["id"], (key) => key.onDelete("cascade"))
    .modifyEnd(ending)
    .execute();
}

async function addColumn(
  db: Kysely<unknown>,
  name: string,
  type: "bigint" | "varchar(16)" | "varchar(255)" | "varchar(1000)",
): Promise<void> {
  await db.schema.alterTable("run").addColumn(name, type).execute();
}

/** As the first tables have it. */
async function mysqlTableOptions(db: Kysely<unknown>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const collation = /mariadb/i.test(rows[0]?.version ?? "") ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return sql`engine=InnoDB default charset=utf8mb4 collate=${sql.raw(collation)}`;
}

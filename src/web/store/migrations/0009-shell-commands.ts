import { type ColumnDefinitionBuilder, type Kysely, type RawBuilder, sql } from "kysely";

/**
 * Frozen. Commands that people typed on the hosts, whoever brings them: the host's name and address stay readable when
 * the host is gone. `source` says who brought it; of an import it names the one command, so that it comes once.
 */
export async function createShellCommands(db: Kysely<unknown>, kind: "sqlite" | "mysql" | "postgres"): Promise<void> {
  const ending = kind === "mysql" ? await mysqlTableOptions(db) : sql``;
  const long = kind === "mysql" ? sql`longtext` : sql`text`;
  const required = (column: ColumnDefinitionBuilder) => column.notNull();
  await db.schema
    .createTable("shell_command")
    .addColumn("id", kind === "postgres" ? "bigserial" : kind === "mysql" ? "bigint" : "integer", (column) => {
      const key = column.primaryKey();
      return kind === "postgres" ? key : key.autoIncrement();
    })
    .addColumn("host_id", "integer")
    .addColumn("host_name", "varchar(255)", required)
    .addColumn("address", "varchar(255)", required)
    .addColumn("login_user", "varchar(255)", required)
    .addColumn("typed_at", "bigint", required)
    .addColumn("received_at", "bigint", required)
    .addColumn("command", long, required)
    .addColumn("source", "varchar(64)", required)
    .addForeignKeyConstraint("shell_command_host", ["host_id"], "host", ["id"], (key) => key.onDelete("set null"))
    .modifyEnd(ending)
    .execute();
  await db.schema.createIndex("shell_command_by_time").on("shell_command").columns(["typed_at", "id"]).execute();
  await db.schema.createIndex("shell_command_by_host").on("shell_command").columns(["host_id", "typed_at"]).execute();
  await db.schema.createIndex("shell_command_by_source").on("shell_command").column("source").execute();
}

/** utf8mb4_bin would ignore spaces at the end; MariaDB and MySQL have different names for the one that does not. */
async function mysqlTableOptions(db: Kysely<unknown>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const collation = /mariadb/i.test(rows[0]?.version ?? "") ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return sql`engine=InnoDB default charset=utf8mb4 collate=${sql.raw(collation)}`;
}

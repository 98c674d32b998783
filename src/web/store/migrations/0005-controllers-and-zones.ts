import { type ColumnDefinitionBuilder, type Kysely, type RawBuilder, sql } from "kysely";

/**
 * Frozen. Controllers become data: each serves a zone; hosts and categories name their zone, empty for “as above”. A
 * coordinated run has hosts at several controllers, which wait for one another. `credential_controller` says which
 * controllers hold a credential.
 */
export async function createControllersAndZones(
  db: Kysely<unknown>,
  kind: "sqlite" | "mysql" | "postgres",
): Promise<void> {
  const ending = kind === "mysql" ? await mysqlTableOptions(db) : sql``;
  const long = kind === "mysql" ? sql`longtext` : sql`text`;
  const required = (column: ColumnDefinitionBuilder) => column.notNull();
  const zero = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0);
  const empty = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo("");

  await db.schema
    .createTable("controller")
    .addColumn("name", "varchar(64)", (column) => column.primaryKey())
    .addColumn("zone", "varchar(64)", required)
    .addColumn("state", "varchar(16)", required)
    .addColumn("first_seen_at", "bigint")
    .addColumn("last_seen_at", "bigint")
    .addColumn("version", "varchar(64)", empty)
    .addColumn("engines", long, required)
    .addColumn("certificate_serial", "varchar(64)")
    .addColumn("certificate_issued_at", "bigint")
    .addColumn("certificate_expires_at", "bigint")
    .addColumn("runs_in_flight", "integer", zero)
    .addColumn("hosts_in_flight", "integer", zero)
    .addColumn("spool_events", "bigint", zero)
    .addColumn("spool_bytes", "bigint", zero)
    .addColumn("disk_free_bytes", "bigint")
    .addColumn("clock_skew_milliseconds", "bigint")
    .modifyEnd(ending)
    .execute();
  for (const table of ["function_category", "app_category", "host"]) {
    await db.schema.alterTable(table).addColumn("zone", "varchar(64)", empty).execute();
  }
  await db.schema.alterTable("run").addColumn("coordinated", "integer", zero).execute();
  await db.schema
    .alterTable("credential")
    .addColumn("zones", "varchar(4000)", (column) => column.notNull().defaultTo("[]"))
    .execute();
  await db.schema
    .createTable("credential_controller")
    .addColumn("credential_id", "integer", required)
    .addColumn("controller", "varchar(64)", required)
    .addColumn("put_at", "bigint", required)
    .addPrimaryKeyConstraint("credential_controller_key", ["credential_id", "controller"])
    .addForeignKeyConstraint("credential_controller_credential", ["credential_id"], "credential", ["id"], (key) =>
      key.onDelete("cascade"),
    )
    .modifyEnd(ending)
    .execute();
  // Until now there was one controller, which took every credential.
  await sql`insert into credential_controller (credential_id, controller, put_at)
    select id, 'main', updated_at from credential`.execute(db);
}

/** utf8mb4_bin would ignore spaces at the end; MariaDB and MySQL have different names for the one that does not. */
async function mysqlTableOptions(db: Kysely<unknown>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const collation = /mariadb/i.test(rows[0]?.version ?? "") ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return sql`engine=InnoDB default charset=utf8mb4 collate=${sql.raw(collation)}`;
}

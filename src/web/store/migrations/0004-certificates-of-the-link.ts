import { type ColumnDefinitionBuilder, type Kysely, type RawBuilder, sql } from "kysely";

/**
 * Frozen. Invitations to enrol a controller, by the hash of their token, and the certificates that were made: only what
 * stands here and is not revoked is let in.
 */
export async function createLinkCertificates(
  db: Kysely<unknown>,
  kind: "sqlite" | "mysql" | "postgres",
): Promise<void> {
  const ending = kind === "mysql" ? await mysqlTableOptions(db) : sql``;
  const required = (column: ColumnDefinitionBuilder) => column.notNull();

  await db.schema
    .createTable("controller_invitation")
    .addColumn("token_sha256", "varchar(64)", (column) => column.primaryKey())
    .addColumn("controller", "varchar(64)", required)
    .addColumn("zone", "varchar(64)", required)
    .addColumn("created_at", "bigint", required)
    .addColumn("created_by", "varchar(255)", required)
    .addColumn("expires_at", "bigint", required)
    .modifyEnd(ending)
    .execute();
  await db.schema
    .createTable("controller_certificate")
    .addColumn("serial", "varchar(64)", (column) => column.primaryKey())
    .addColumn("controller", "varchar(64)", required)
    .addColumn("issued_at", "bigint", required)
    .addColumn("expires_at", "bigint", required)
    .addColumn("revoked_at", "bigint")
    .modifyEnd(ending)
    .execute();
  await db.schema
    .createIndex("controller_certificate_by_name")
    .on("controller_certificate")
    .column("controller")
    .execute();
}

/** utf8mb4_bin would ignore spaces at the end; MariaDB and MySQL have different names for the one that does not. */
async function mysqlTableOptions(db: Kysely<unknown>): Promise<RawBuilder<unknown>> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const collation = /mariadb/i.test(rows[0]?.version ?? "") ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
  return sql`engine=InnoDB default charset=utf8mb4 collate=${sql.raw(collation)}`;
}

import type { Kysely } from "kysely";

/** Frozen. Whether a host keeps what it runs until that is told (1), so that it can be found again after a crash. */
export async function addHostClaims(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("host")
    .addColumn("claim", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
}

import type { Kysely } from "kysely";

/** Frozen. The audit of a day is found, and counted by the hour, without a look at all that was ever recorded. */
export async function indexAuditByTime(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex("audit_by_time").on("audit").columns(["occurred_at"]).execute();
}

import type { Kysely } from "kysely";

/**
 * Frozen. A run keeps its wave size and the failures it allows, so that a rerun repeats them: null where it had none,
 * and for runs from before.
 */
export async function keepRunLimits(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("run").addColumn("wave_size", "integer").execute();
  await db.schema.alterTable("run").addColumn("max_failures", "integer").execute();
}

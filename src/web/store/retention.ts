import type { Transaction } from "kysely";
import { finalRunStates } from "../../contract/states.ts";
import { insertRows } from "./bulk.ts";
import type { Database } from "./database.ts";
import { deleteOutputs } from "./output-removal.ts";
import type { RetentionRepository } from "./repositories/retention.ts";
import { deleteRun } from "./run-removal.ts";
import { hiddenState } from "./run-rows.ts";
import { createSettings } from "./settings.ts";
import { isUniqueViolation } from "./store-errors.ts";
import type { Tables } from "./tables.ts";

const hiddenUpToKey = "retention.hidden_up_to";
const sweptAtKey = "retention.swept_at";
const longestGapMilliseconds = 2 * 86_400_000;

export function createRetention(database: Database): RetentionRepository {
  const settings = createSettings(database);

  async function hiddenUpTo(): Promise<number> {
    const stored = await settings.get(hiddenUpToKey);
    return typeof stored === "number" ? stored : 0;
  }

  return {
    hiddenUpTo,

    async ended(before) {
      const row = await endedRuns(database.reader, before, await newestRun(database.reader))
        .select((build) => [build.fn.countAll<number>().as("runs"), build.fn.max("id").as("up_to")])
        .executeTakeFirstOrThrow();
      return { runs: Number(row.runs), upTo: Number(row.up_to ?? 0) };
    },

    async claimSweep(now, milliseconds) {
      const content = JSON.stringify(now);
      try {
        return await database.transaction(async (transaction) => {
          const row = await transaction
            .selectFrom("setting")
            .select("content")
            .where("setting_key", "=", sweptAtKey)
            .executeTakeFirst();
          if (row === undefined) {
            await transaction.insertInto("setting").values({ setting_key: sweptAtKey, content }).execute();
            return "unsure";
          }
          const since = now - Number(row.content);
          if (Math.abs(since) < milliseconds) return "early";
          const taken = await transaction
            .updateTable("setting")
            .set({ content })
            .where("setting_key", "=", sweptAtKey)
            .where("content", "=", row.content)
            .executeTakeFirst();
          if (taken.numUpdatedRows === 0n) return "early";
          return since > 0 && since <= longestGapMilliseconds ? "due" : "unsure";
        });
      } catch (error) {
        if (isUniqueViolation(error)) return "early";
        throw error;
      }
    },

    hide: (before, limit) =>
      database.transaction(async (transaction) => {
        const rows = await endedRuns(transaction, before, await newestRun(transaction))
          .select("id")
          .orderBy("finished_at")
          .limit(limit)
          .execute();
        const ids = rows.map(({ id }) => id);
        if (ids.length === 0) return 0;
        const hidden = await transaction
          .updateTable("run")
          .set({ state: hiddenState, finished_at: null, idempotency_key: null })
          .where("id", "in", ids)
          .where("state", "in", finalRunStates)
          .executeTakeFirst();
        await transaction.updateTable("run").set({ rerun_of_gone: 1 }).where("rerun_of_run_id", "in", ids).execute();
        await raiseHiddenUpTo(database, transaction, Math.max(...ids));
        return Number(hidden.numUpdatedRows);
      }),

    async deleteHidden(signal) {
      const row = await database.writer
        .selectFrom("run")
        .select("id")
        .where("state", "=", hiddenState)
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
      return row !== undefined && (await deleteRun(database, row.id, signal));
    },

    deleteOutputs: (signal) => deleteOutputs(database, signal),
  };
}

function endedRuns(queries: Database["reader"], before: number, newest: number) {
  return queries
    .selectFrom("run")
    .where("finished_at", "<", before)
    .where("state", "in", finalRunStates)
    .where("id", "<", newest);
}

async function newestRun(queries: Database["reader"]): Promise<number> {
  const row = await queries
    .selectFrom("run")
    .select((build) => build.fn.max("id").as("id"))
    .executeTakeFirst();
  return Number(row?.id ?? 0);
}

async function raiseHiddenUpTo(database: Database, transaction: Transaction<Tables>, id: number): Promise<void> {
  const first = { setting_key: hiddenUpToKey, content: "0" };
  await insertRows(database, transaction, "setting", ["setting_key", "content"], [first], "keep_old");
  const row = await transaction
    .selectFrom("setting")
    .select("content")
    .where("setting_key", "=", hiddenUpToKey)
    .$if(database.kind !== "sqlite", (query) => query.forUpdate())
    .executeTakeFirstOrThrow();
  const content = JSON.stringify(Math.max(id, Number(row.content)));
  await transaction.updateTable("setting").set({ content }).where("setting_key", "=", hiddenUpToKey).execute();
}

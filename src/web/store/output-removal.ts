import type { Transaction } from "kysely";
import { finalRunStates } from "../../contract/states.ts";
import type { Database } from "./database.ts";
import { readPlaces } from "./outputs.ts";
import { hiddenState } from "./run-rows.ts";
import type { Tables } from "./tables.ts";

const contentsAtOnce = 200;
/** Together; one that is longer goes alone. */
const bytesAtOnce = 4 * 1024 * 1024;

/**
 * See `RetentionRepository.deleteOutputs`. An output says the highest run that may have it. Where that lies below every
 * ended run that is kept, only runs that have not ended can still have it, and those are few: they are asked. A writer
 * that takes up stored content holds its row (see OutputWriter), so that one of the two waits for the other: either the
 * content is found in use, or the writer finds it gone.
 */
export async function deleteOutputs(database: Database, signal: AbortSignal): Promise<number> {
  const upTo = await belowKeptRuns(database);
  let deleted = 0;
  while (!signal.aborted) {
    const some = await nextContents(database, upTo);
    if (some.length === 0) break;
    deleted += await database.transaction((transaction) => deleteUnused(database, transaction, some, upTo));
    await database.breathe();
  }
  return deleted;
}

/** The highest number such that of the runs up to it none is kept that has ended. */
async function belowKeptRuns(database: Database): Promise<number> {
  const lowestKept = await database.writer
    .selectFrom("run")
    .select((build) => build.fn.min("id").as("id"))
    .where("state", "in", finalRunStates)
    .executeTakeFirst();
  if (typeof lowestKept?.id === "number") return lowestKept.id - 1;
  const newest = await database.writer
    .selectFrom("run")
    .select((build) => build.fn.max("id").as("id"))
    .executeTakeFirst();
  return Number(newest?.id ?? 0);
}

async function nextContents(database: Database, upTo: number): Promise<string[]> {
  const rows = await database.writer
    .selectFrom("output")
    .select(["sha256", "total_bytes"])
    .where("last_run_id", "<=", upTo)
    .where("block", "=", 0)
    .orderBy("last_run_id")
    .limit(contentsAtOnce)
    .execute();
  let bytes = 0;
  return rows
    .filter(({ total_bytes }, at) => {
      bytes += total_bytes;
      return at === 0 || bytes <= bytesAtOnce;
    })
    .map(({ sha256 }) => sha256)
    .sort();
}

async function deleteUnused(
  database: Database,
  transaction: Transaction<Tables>,
  some: readonly string[],
  upTo: number,
): Promise<number> {
  const held = await transaction
    .selectFrom("output")
    .select("sha256")
    .where("sha256", "in", some)
    .where("block", "=", 0)
    .where("last_run_id", "<=", upTo)
    .orderBy("sha256")
    .$if(database.kind !== "sqlite", (query) => query.forUpdate())
    .execute();
  const hashes = held.map(({ sha256 }) => sha256);
  const used = await usedByRuns(transaction, hashes, upTo);
  const unused = hashes.filter((sha256) => !used.has(sha256));
  // No run above `upTo` has it, which is as true one higher; so it is looked at again only when that has grown.
  if (used.size > 0) {
    await transaction
      .updateTable("output")
      .set({ last_run_id: upTo + 1 })
      .where("sha256", "in", [...used])
      .where("block", "=", 0)
      .execute();
  }
  if (unused.length === 0) return 0;
  for (const place of await readPlaces(transaction, unused)) {
    await transaction
      .deleteFrom("output_chunk")
      .where("run_id", "=", place.runId)
      .where("position", "=", place.position)
      .where("stream", "=", place.stream)
      .execute();
  }
  await transaction.deleteFrom("output").where("sha256", "in", unused).execute();
  return unused.length;
}

/** Those that a run up to this number has which is not hidden. */
async function usedByRuns(
  transaction: Transaction<Tables>,
  hashes: readonly string[],
  upTo: number,
): Promise<ReadonlySet<string>> {
  const runs = await transaction
    .selectFrom("run")
    .select("id")
    .where("id", "<=", upTo)
    .where("state", "!=", hiddenState)
    .execute();
  const used = new Set<string>();
  if (runs.length === 0 || hashes.length === 0) return used;
  const ids = runs.map(({ id }) => id);
  for (const column of ["stdout_sha256", "stderr_sha256"] as const) {
    const rows = await transaction
      .selectFrom("execution")
      .select(column)
      .distinct()
      .where("run_id", "in", ids)
      .where(column, "in", hashes)
      .execute();
    for (const row of rows) {
      const sha256 = (row as Partial<Record<typeof column, string | null>>)[column];
      if (typeof sha256 === "string") used.add(sha256);
    }
  }
  return used;
}

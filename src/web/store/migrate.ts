import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { OmError } from "../../contract/errors.ts";
import type { Database } from "./database.ts";
import { createFirstTables } from "./migrations/0001-first-tables.ts";
import { createLegacyViews } from "./migrations/0002-views-of-the-first-omserver.ts";

type MigrationStep = (db: Parameters<Migration["up"]>[0], kind: Database["kind"]) => Promise<void>;

/** In order; frozen once released: a change of the tables is a new entry. */
const steps: Readonly<Record<string, MigrationStep>> = {
  "0001-first-tables": createFirstTables,
  "0002-views-of-the-first-omserver": createLegacyViews,
};

/** Names of all migrations that this program knows, oldest first. */
export const migrationNames: readonly string[] = Object.keys(steps);

/**
 * Brings the tables to this program's version; nothing happens where they are. Two web servers that start at once take
 * turns. `store.unavailable` when a newer program has been at this database, which this one must not touch.
 */
export async function migrate(database: Database): Promise<void> {
  await checkEncoding(database);
  const provider = {
    getMigrations: () =>
      Promise.resolve(
        Object.fromEntries(
          Object.entries(steps).map(([name, step]) => [
            name,
            { up: (db: Parameters<MigrationStep>[0]) => step(db, database.kind) },
          ]),
        ),
      ),
  };
  const migrator = new Migrator({ db: database.writer, provider });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof OmError) throw error;
  const unknown = error instanceof Error && /corrupted migrations/.test(error.message);
  throw new OmError(
    "store.unavailable",
    unknown
      ? `The database ${database.name} was last used by a newer OMServer. Start that version, or restore a backup made by this one`
      : `The tables of ${database.name} could not be brought to this version: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}

/** MySQL's tables say utf8mb4 themselves; PostgreSQL decides it for the whole database. */
async function checkEncoding(database: Database): Promise<void> {
  if (database.kind !== "postgres") return;
  const { rows } = await sql<{ server_encoding: string }>`show server_encoding`.execute(database.writer);
  const encoding = rows[0]?.server_encoding;
  if (encoding === "UTF8") return;
  throw new OmError(
    "store.unavailable",
    `The database ${database.name} keeps text as ${encoding ?? "?"}. Create it again with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
  );
}

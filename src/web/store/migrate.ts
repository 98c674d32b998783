import { sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from "kysely/migration";
import { OmError } from "../../contract/errors.ts";
import type { Database, Queries } from "./database.ts";
import { createFirstTables } from "./migrations/0001-first-tables.ts";
import { createLegacyViews } from "./migrations/0002-views-of-the-first-omserver.ts";
import { keepRunLimits } from "./migrations/0003-what-a-run-keeps-of-itself.ts";
import { createLinkCertificates } from "./migrations/0004-certificates-of-the-link.ts";
import { createControllersAndZones } from "./migrations/0005-controllers-and-zones.ts";
import { createSavedViews } from "./migrations/0008-saved-views.ts";
import { addStepsAndFacts } from "./migrations/0010-steps-and-facts.ts";
import { createShellCommands } from "./migrations/0011-shell-commands.ts";
import { createExecutionNotices } from "./migrations/0012-execution-notices.ts";
import { addHostClaims } from "./migrations/0013-hosts-that-keep-nothing.ts";
import { addApprovals } from "./migrations/0014-runs-that-wait-for-approval.ts";
import { indexAuditByTime } from "./migrations/0015-audit-by-time.ts";
import { keepRunsForATime } from "./migrations/0016-runs-are-kept-for-a-time.ts";

type MigrationStep = (db: Parameters<Migration["up"]>[0], kind: Database["kind"]) => Promise<void>;

/**
 * In the order in which they came, whatever their numbers say; frozen once there: a change of the tables is a new entry
 * at the end.
 */
const steps: Readonly<Record<string, MigrationStep>> = {
  "0001-first-tables": createFirstTables,
  "0002-views-of-the-first-omserver": createLegacyViews,
  "0003-what-a-run-keeps-of-itself": keepRunLimits,
  "0004-certificates-of-the-link": createLinkCertificates,
  "0005-controllers-and-zones": createControllersAndZones,
  "0010-steps-and-facts": addStepsAndFacts,
  "0011-shell-commands": createShellCommands,
  "0008-saved-views": createSavedViews,
  "0012-execution-notices": createExecutionNotices,
  "0013-hosts-that-keep-nothing": addHostClaims,
  "0014-runs-that-wait-for-approval": addApprovals,
  "0015-audit-by-time": indexAuditByTime,
  "0016-runs-are-kept-for-a-time": keepRunsForATime,
};

/** Names of all migrations that this program knows, oldest first. */
export const migrationNames: readonly string[] = Object.keys(steps);

/**
 * Brings the tables to this program's version; nothing happens where they are. Two web servers that start at once take
 * turns. `upTo` names the last migration to make. `store.unavailable` when a newer program has been at this database,
 * which this one must not touch.
 */
export async function migrate(database: Database, upTo?: string): Promise<void> {
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
  const migrator = new Migrator({
    db: database.writer,
    provider,
    // A database may have been through a later one first, where both were written side by side.
    allowUnorderedMigrations: true,
    nameComparator: byPlace,
  });
  const { error } = await (upTo === undefined ? migrator.migrateToLatest() : migrator.migrateTo(upTo));
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

/** As {@link migrationNames} has them; what is not in there comes last. */
export function byPlace(one: string, other: string): number {
  return place(one) - place(other) || one.localeCompare(other);
}

function place(name: string): number {
  const at = migrationNames.indexOf(name);
  return at === -1 ? migrationNames.length : at;
}

/** Names of the migrations that the tables have been through, in order; none where there are no tables. */
export async function executedMigrations(queries: Queries): Promise<string[]> {
  const tables = await queries.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return [];
  const table = sql.table(DEFAULT_MIGRATION_TABLE);
  const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(queries);
  return rows.map(({ name }) => name).sort(byPlace);
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

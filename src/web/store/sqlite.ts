import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** Prepared statements kept, the last used ones; the store has about a hundred, and bulk writes one for each size. */
const keptStatements = 256;
/** Longer texts are bulk writes of so many rows that preparing them is the lesser part. */
const longestKeptStatement = 4096;

/**
 * Opens a database file for the store. The file and its folder are made where missing, for their owner only.
 * Every commit is on disk when it returns (WAL with `synchronous=FULL`).
 */
export function openSqlite(file: string, readonly = false): SqliteDatabase {
  if (!readonly) makeFile(file);
  const database = new Sqlite(file, { readonly, timeout: 10_000 });
  if (!readonly) database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.pragma("foreign_keys = ON");
  database.pragma("cache_size = -16384");
  // From here on the dialect waits, without stopping the process.
  database.pragma("busy_timeout = 0");
  return withKeptStatements(database);
}

function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
}

/** kysely prepares a statement for every query; preparing costs more than most of them. */
function withKeptStatements(database: Sqlite.Database): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>();
  return {
    prepare(sql) {
      const known = kept.get(sql);
      if (known !== undefined) {
        kept.delete(sql);
        kept.set(sql, known);
        return known;
      }
      const statement: SqliteStatement = database.prepare<unknown[]>(sql);
      if (sql.length > longestKeptStatement) return statement;
      if (kept.size >= keptStatements) {
        const oldest = kept.keys().next().value;
        if (oldest !== undefined) kept.delete(oldest);
      }
      kept.set(sql, statement);
      return statement;
    },
    close() {
      kept.clear();
      database.close();
    },
  };
}

import Database from "better-sqlite3";
import { OmError } from "../../contract/errors.ts";

export type JournalDatabase = Database.Database;

/**
 * The controller's own database: what it was ordered, what it began, what it has to tell. Every commit is on disk
 * (WAL with synchronous FULL) before anything is built on it. Throws `config.invalid` when it cannot be opened within `patience` milliseconds.
 */
export function openDatabase(file: string, patience = 1000): JournalDatabase {
  const database = new Database(file, { timeout: patience });
  try {
    // Held for the whole life: a second controller on the same folder would run every order twice.
    database.pragma("locking_mode = EXCLUSIVE");
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.exec(schema);
    return database;
  } catch (cause) {
    database.close();
    const busy = cause instanceof Error && "code" in cause && cause.code === "SQLITE_BUSY";
    const what = busy ? "is in use by another controller" : "cannot be opened";
    throw new OmError(
      "config.invalid",
      `The controller's journal ${file} ${what}. Stop the other one, or look at the folder.`,
      { cause },
    );
  }
}

/** Run ids are kept for good: they are what an order is refused by when it comes again. */
const schema = `
  CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    plan_sha256 BLOB,
    sealed_order BLOB,
    refused TEXT,
    cancelled_by TEXT,
    last_seq INTEGER NOT NULL DEFAULT 0,
    acknowledged_seq INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0,
    open INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS run_open ON run (id) WHERE open = 1;
  CREATE TABLE IF NOT EXISTS cancelled_early (uid TEXT PRIMARY KEY, actor TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS mark (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    positions BLOB NOT NULL
  );
  CREATE INDEX IF NOT EXISTS mark_run ON mark (run_id);
  CREATE TABLE IF NOT EXISTS spool (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    events BLOB NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS spool_run ON spool (run_id, last_seq);
  CREATE TABLE IF NOT EXISTS credential (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

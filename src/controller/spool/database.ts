import { closeSync, fdatasync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import { OmError } from "../../contract/errors.ts";

/** The controller's own database: what it was ordered, what it began, what it has to tell. */
export interface JournalDatabase {
  readonly sql: Database.Database;
  /**
   * Resolves when every transaction committed before the call is on disk. Commits themselves only hand their pages to
   * the system: the disk is waited for here, off the thread that serves everything else, and once for many of them.
   * Rejects for good after the disk has failed once: what the system then holds is not to be trusted.
   */
  sync(): Promise<void>;
  close(): void;
}

/** Throws `config.invalid` when it cannot be opened within `patience` milliseconds. */
export function openDatabase(file: string, patience = 1000): JournalDatabase {
  const sql = new Database(file, { timeout: patience });
  try {
    // Held for the whole life: a second controller on the same folder would run every order twice.
    sql.pragma("locking_mode = EXCLUSIVE");
    sql.pragma("journal_mode = WAL");
    // Without FULL a commit does not wait for the disk, see `sync`; checkpoints do, in the right order.
    sql.pragma("synchronous = NORMAL");
    sql.pragma("wal_autocheckpoint = 4000");
    sql.exec(schema);
    sql.exec("BEGIN IMMEDIATE; COMMIT");
  } catch (cause) {
    sql.close();
    const busy = cause instanceof Error && "code" in cause && cause.code === "SQLITE_BUSY";
    const what = busy ? "is in use by another controller" : "cannot be opened";
    const message = `The controller's journal ${file} ${what}. Stop the other one, or look at the folder.`;
    throw new OmError("config.invalid", message, { cause });
  }
  syncFolder(dirname(file));
  const log = openSync(`${file}-wal`, "r");
  return {
    sql,
    sync: shared(() => syncData(log)),
    close() {
      sql.close();
      closeSync(log);
    },
  };
}

const syncData = promisify(fdatasync);

/** At most one at work and one more for all who came meanwhile; the first failure is for good. */
function shared(work: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  async function run(): Promise<void> {
    if (failure !== undefined) throw failure.error;
    try {
      await work();
    } catch (error) {
      failure = { error };
      throw error;
    } finally {
      current = undefined;
    }
  }

  return function sync(): Promise<void> {
    if (current === undefined) {
      current = run();
      return current;
    }
    next ??= current
      .catch(() => undefined)
      .then((): Promise<void> => {
        next = undefined;
        return sync();
      });
    return next;
  };
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
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
  CREATE TABLE IF NOT EXISTS released (
    run_id INTEGER PRIMARY KEY,
    wave INTEGER NOT NULL,
    failures_elsewhere INTEGER NOT NULL
  );
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

import { join } from "node:path";
import Database from "better-sqlite3";
import { OmError } from "../contract/errors.ts";

/**
 * Who works on a data folder, by locks on a file in it that hold nothing else: any number of OMServers, or one restore.
 * The system lets go of them when a process dies, however it dies.
 */
export const lockFileName = "running.lock";

/** Held as long as OMServer runs on the folder. Refuses (`config.invalid`) while a backup is being restored there. */
export function markRunning(dataFolder: string): { release(): void } {
  const message = `A backup is being restored into ${dataFolder}. Start OMServer when that has ended.`;
  // The lock of a reader, which any number may have.
  return hold(dataFolder, "BEGIN; SELECT count(*) FROM sqlite_schema", new OmError("config.invalid", message));
}

/** Held while a backup is restored. Refuses (`backup.invalid`) while OMServer runs on the folder. */
export function markRestoring(dataFolder: string): { release(): void } {
  const message = `OMServer runs on ${dataFolder}. Stop it first: it would go on with what it remembers.`;
  return hold(dataFolder, "BEGIN EXCLUSIVE", new OmError("backup.invalid", message));
}

function hold(dataFolder: string, begin: string, refusal: OmError): { release(): void } {
  const lock = new Database(join(dataFolder, lockFileName), { timeout: 200 });
  try {
    lock.exec(begin);
  } catch (error) {
    lock.close();
    const isHeld = error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
    throw isHeld ? refusal : error;
  }
  return { release: () => void lock.close() };
}

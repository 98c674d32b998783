import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OmError } from "../../contract/errors.ts";
import { lockFileName, markRestoring, markRunning } from "../running-mark.ts";

const madeByDemo = "made-by-omserver-demo";

/**
 * Empties the folder for a demo that begins anew, and holds it until `release`. Only what a demo made, or an empty
 * folder, is emptied, and never while an OMServer runs on it. Refuses (`config.invalid`) anything else.
 */
export function takeDemoFolder(folder: string): { release(): void } {
  if (namesIn(folder).length > 0 && !existsSync(join(folder, madeByDemo))) {
    throw refused(`The folder ${folder} holds something that no demo made. Name an empty one with --data.`);
  }
  makeFolder(folder);
  const alone = whileNobodyRuns(folder);
  try {
    // The lock stays, or two demos would hold two files of that name.
    const left = namesIn(folder).filter((name) => !name.startsWith(lockFileName));
    for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
    writeFileSync(join(folder, madeByDemo), "");
  } finally {
    alone.release();
  }
  return markRunning(folder);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw refused(`The folder ${folder} cannot be made (${codeOf(cause)}). Name another one with --data.`, cause);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw refused(`The folder ${folder} cannot be read (${codeOf(cause)}). Name another one with --data.`, cause);
  }
}

function whileNobodyRuns(folder: string): { release(): void } {
  try {
    return markRestoring(folder);
  } catch (cause) {
    if (!(cause instanceof OmError)) throw cause;
    const message = `OMServer runs on ${folder}. End it first, or name another folder with --data (and --listen).`;
    throw refused(message, cause);
  }
}

function refused(message: string, cause?: unknown): OmError {
  return new OmError("config.invalid", message, { cause });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

import { createHash, type Hash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { OmError } from "../../contract/errors.ts";

/**
 * The form of a backup: gzip over lines of JSON, so that `zcat` shows it. The last line holds the SHA-256 of all lines
 * before it; nothing comes after it.
 */

/** One line; an output block, an order or a module's script is the longest of what the store writes. */
const longestLine = 256 * 1024 * 1024;

interface EndLine {
  readonly end: "backup";
  readonly lines: number;
  readonly sha256: string;
}

/** Writes lines; slows its caller down to the pace of the disk. */
export interface ArchiveWriter {
  write(line: unknown): Promise<void>;
}

/**
 * Makes the file in one step at the end, readable by its owner only: a target that is there is a whole backup. Nothing
 * is left behind when `fill` fails. An older file under the name is replaced.
 */
export async function writeArchive(target: string, fill: (archive: ArchiveWriter) => Promise<void>): Promise<void> {
  const temporary = `${target}.${randomUUID()}.part`;
  const gzip = createGzip({ level: 5 });
  // `flush`: on the disk before it counts as closed.
  const written = pipeline(gzip, createWriteStream(temporary, { flags: "wx", mode: 0o600, flush: true }));
  // Its failure is thrown below; until then it must not count as unhandled.
  written.catch(() => undefined);
  try {
    const hasher = createHash("sha256");
    let lines = 0;
    const put = async (text: string) => {
      if (!gzip.write(text)) await Promise.race([once(gzip, "drain"), written]);
    };
    const write = async (line: unknown) => {
      const text = `${JSON.stringify(line)}\n`;
      hasher.update(text);
      lines += 1;
      await put(text);
    };
    await fill({ write });
    const end: EndLine = { end: "backup", lines, sha256: hasher.digest("hex") };
    await put(`${JSON.stringify(end)}\n`);
    gzip.end();
    await written;
    await rename(temporary, target);
  } catch (error) {
    gzip.destroy();
    await written.catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * The lines of a backup, checked as they come. The end line is not among them. `backup.invalid` for a file that is no
 * backup, is cut off, was changed, or goes on behind its end — the last lines only show whether it is whole, so whoever
 * writes what was read must have read it all once before.
 */
export async function* readArchive(source: string): AsyncGenerator<unknown> {
  const hasher = createHash("sha256");
  let lines = 0;
  let isOver = false;
  for await (const text of readLines(source)) {
    if (isOver) throw invalid(source, "goes on behind its end");
    const line = parseLine(source, text, lines + 1);
    if (isEndLine(line)) {
      checkEnd(source, line, lines, hasher);
      isOver = true;
      continue;
    }
    hasher.update(`${text}\n`);
    lines += 1;
    yield line;
  }
  if (!isOver) throw invalid(source, "is cut off: its end is missing");
}

export function invalid(source: string, problem: string, cause?: unknown): OmError {
  return new OmError(
    "backup.invalid",
    `The backup ${source} ${problem}. Nothing was restored: use another copy of it`,
    {
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function parseLine(source: string, text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(source, `is damaged in line ${number}`, error);
  }
}

function isEndLine(line: unknown): line is EndLine {
  return typeof line === "object" && line !== null && "end" in line && line.end === "backup";
}

function checkEnd(source: string, end: EndLine, lines: number, hasher: Hash): void {
  if (end.lines !== lines || end.sha256 !== hasher.digest("hex")) throw invalid(source, "does not match its checksum");
}

async function* readLines(source: string): AsyncGenerator<string> {
  const file = createReadStream(source);
  const gunzip = createGunzip();
  // Errors of both come out of the iteration.
  const chunks: AsyncIterable<Buffer> = file.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
  let rest: Buffer[] = [];
  let restBytes = 0;
  try {
    for await (const chunk of chunks) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        rest.push(chunk.subarray(start, end));
        yield Buffer.concat(rest).toString("utf8");
        rest = [];
        restBytes = 0;
        start = end + 1;
      }
      rest.push(chunk.subarray(start));
      restBytes += chunk.byteLength - start;
      if (restBytes > longestLine) throw invalid(source, "has a line without an end");
    }
  } catch (error) {
    if (error instanceof OmError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(source, `cannot be read: ${why}`, error);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
  if (restBytes > 0) throw invalid(source, "is cut off in the middle of a line");
}

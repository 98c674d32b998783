import { createHash } from "node:crypto";
import { z } from "zod";
import { invalid, readArchive } from "./backup-archive.ts";
import { type StoredTable, storedTables } from "./backup-tables.ts";
import { byPlace, migrationNames } from "./migrate.ts";

/**
 * What the lines of a backup mean, in this order: the header; for each table its head and then a line a row; for each
 * library file its head and then its bytes in base64, a line a piece. Every database reads what any of them wrote.
 */

export const backupFormat = 1;

const headerLine = z.object({
  omserver: z.literal("backup"),
  format: z.literal(backupFormat),
  /** Milliseconds since 1970. */
  createdAt: z.number().int(),
  /** Migrations that the tables had been through. */
  migrations: z.array(z.string()).min(1),
});
const tableLine = z.object({
  table: z.enum(storedTables.map(({ name }) => name)),
  /** Of the rows that follow; empty where none do. */
  columns: z.array(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/)).max(200),
});
const fileLine = z.object({ file: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().nonnegative() });

export type BackupHeader = z.infer<typeof headerLine>;
export type BackupValue = string | number | Buffer | null;

export type BackupItem =
  | { readonly kind: "header"; readonly header: BackupHeader }
  | { readonly kind: "table"; readonly table: StoredTable; readonly columns: readonly string[] }
  | { readonly kind: "row"; readonly values: readonly BackupValue[] }
  /** The content must be read to its end before the next item. */
  | { readonly kind: "file"; readonly sha256: string; readonly content: AsyncIterable<Buffer> };

/**
 * Reads and checks a backup: its checksum, its form, that all tables are there, and each file against its SHA-256.
 * `backup.invalid` with the line at fault; the checks are over only when the last item has been read.
 */
export async function* readBackup(source: string): AsyncGenerator<BackupItem> {
  const lines = new LineReader(source);
  const header = lines.as(headerLine, await lines.next());
  checkMigrations(source, header);
  yield { kind: "header", header };
  const tables = new Set<string>();
  let line = await lines.next();
  for (; isObjectWith(line, "table"); ) {
    const { table: name, columns } = lines.as(tableLine, line);
    const table = storedTables.find((stored) => stored.name === name);
    if (table === undefined || tables.has(name)) throw lines.fault("names a table twice");
    tables.add(name);
    yield { kind: "table", table, columns };
    const isBinary = columns.map((column) => table.binary.includes(column));
    for (line = await lines.next(); Array.isArray(line); line = await lines.next()) {
      if (line.length !== columns.length) throw lines.fault("has a row of another length than its table");
      yield {
        kind: "row",
        values: line.map((value, at) => (isBinary[at] === true ? lines.bytes(value) : lines.plain(value))),
      };
    }
  }
  const missing = storedTables.find(({ name }) => !tables.has(name));
  if (missing !== undefined && header.migrations.length === migrationNames.length) {
    throw lines.fault(`lacks the table ${missing.name}`);
  }
  while (line !== undefined) {
    const { file: sha256, bytes } = lines.as(fileLine, line);
    const content = lines.content(sha256, bytes);
    yield { kind: "file", sha256, content };
    line = lines.afterContent();
  }
}

/** Walks the lines; `content` reads ahead one line, which `afterContent` hands on. */
class LineReader {
  readonly #source: string;
  readonly #lines: AsyncGenerator<unknown>;
  #number = 0;
  #ahead: unknown;
  #isContentOpen = false;

  constructor(source: string) {
    this.#source = source;
    this.#lines = readArchive(source);
  }

  /** Undefined behind the last. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    this.#number += 1;
    return done === true ? undefined : value;
  }

  as<Schema extends z.ZodType>(schema: Schema, line: unknown): z.output<Schema> {
    const { success, data } = schema.safeParse(line);
    if (!success) throw this.fault("is no backup of OMServer or was changed");
    return data;
  }

  plain(value: unknown): string | number | null {
    if (value === null || typeof value === "string" || typeof value === "number") return value;
    throw this.fault("has a value of a kind that no table holds");
  }

  bytes(value: unknown): Buffer {
    const bytes = Buffer.from(typeof value === "string" ? value : "", "base64");
    if (bytes.toString("base64") !== value) throw this.fault("has bytes that are not base64");
    return bytes;
  }

  async *content(sha256: string, bytes: number): AsyncGenerator<Buffer> {
    this.#isContentOpen = true;
    const hasher = createHash("sha256");
    let seen = 0;
    for (this.#ahead = await this.next(); typeof this.#ahead === "string"; this.#ahead = await this.next()) {
      const data = this.bytes(this.#ahead);
      hasher.update(data);
      seen += data.byteLength;
      yield data;
    }
    if (seen !== bytes || hasher.digest("hex") !== sha256) throw this.fault(`holds a damaged file ${sha256}`);
    this.#isContentOpen = false;
  }

  afterContent(): unknown {
    if (this.#isContentOpen) throw new Error("the content of a file in the backup was not read to its end");
    return this.#ahead;
  }

  fault(problem: string) {
    return invalid(this.#source, `${problem} (line ${this.#number})`);
  }
}

/** Those of an older program are a beginning of ours; restoring goes through the rest of them. */
function checkMigrations(source: string, header: BackupHeader): void {
  const isKnown = header.migrations.toSorted(byPlace).every((name, at) => migrationNames[at] === name);
  if (!isKnown) throw invalid(source, "was made by a newer OMServer: restore it with that version");
}

function isObjectWith(line: unknown, key: string): boolean {
  return typeof line === "object" && line !== null && !Array.isArray(line) && Object.hasOwn(line, key);
}

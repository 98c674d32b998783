import { existsSync } from "node:fs";
import { type Expression, type SqlBool, sql, type Transaction } from "kysely";
import { OmError } from "../../contract/errors.ts";
import { type ArchiveWriter, invalid, writeArchive } from "./backup-archive.ts";
import { type BackupHeader, type BackupValue, backupFormat, readBackup } from "./backup-content.ts";
import { type StoredTable, storedTables, tablesOfWork } from "./backup-tables.ts";
import { insertRows } from "./bulk.ts";
import { connect, type Database } from "./database.ts";
import type { DatabaseConfig } from "./database-config.ts";
import type { FileContent } from "./file-content.ts";
import { byPlace, executedMigrations, migrate, migrationNames } from "./migrate.ts";
import type { Tables } from "./tables.ts";

export interface BackupReport {
  /** Milliseconds since 1970: the moment that the backup shows. */
  readonly createdAt: number;
  /** Number of rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Library files with their content. */
  readonly files: number;
  /** SHA-256 of library files whose content was missing or damaged in the data folder, and is not in the backup. */
  readonly damagedFiles: readonly string[];
}

/**
 * Throws `store.unavailable` unless the database is one of this version's: nobody shall hold an empty backup for one of
 * their installation. Makes and changes nothing.
 */
export async function checkSource(config: DatabaseConfig): Promise<void> {
  if (config.kind === "sqlite" && !existsSync(config.file)) throw nothingIn(config.file);
  const database = connect(config);
  try {
    await migrationsOf(database);
  } finally {
    await database.close();
  }
}

async function migrationsOf(database: Database): Promise<string[]> {
  const migrations = await executedMigrations(database.reader);
  if (migrations.length === 0) throw nothingIn(database.name);
  if (migrations.length === migrationNames.length) return migrations;
  throw new OmError(
    "store.unavailable",
    `The tables of ${database.name} are not of this version. Start OMServer once, or back up with the version that was last used`,
  );
}

function nothingIn(name: string): OmError {
  return new OmError(
    "store.unavailable",
    `There is no OMServer in ${name}, so nothing was saved. Check the data folder and the database of the configuration`,
  );
}

/**
 * Writes the whole store and the content of its library files into one file that any of the databases can be restored
 * from. A consistent view: servers may go on working. The file appears whole or not at all, readable by its owner only
 * (it holds password hashes). Keys and credentials of the controller are not in it.
 */
export async function writeBackup(options: {
  readonly database: DatabaseConfig;
  readonly files: FileContent;
  readonly target: string;
}): Promise<BackupReport> {
  const database = connect(options.database);
  try {
    const migrations = await migrationsOf(database);
    const header: BackupHeader = { omserver: "backup", format: backupFormat, createdAt: database.clock(), migrations };
    const rows: Record<string, number> = {};
    const files = { kept: 0, damaged: [] as string[] };
    await writeArchive(options.target, async (archive) => {
      await archive.write(header);
      const hashes = await database.snapshot(async (transaction) => {
        for (const table of storedTables) {
          rows[table.name] = await writeTable(database, transaction, archive, table);
        }
        return await transaction.selectFrom("library_file").select("sha256").distinct().orderBy("sha256").execute();
      });
      for (const { sha256 } of hashes) {
        if (await writeFile(options.files, archive, sha256)) files.kept += 1;
        else files.damaged.push(sha256);
      }
    });
    return { createdAt: header.createdAt, rows, files: files.kept, damagedFiles: files.damaged };
  } finally {
    await database.close();
  }
}

async function writeTable(
  database: Database,
  transaction: Transaction<Tables>,
  archive: ArchiveWriter,
  table: StoredTable,
): Promise<number> {
  let count = 0;
  let last: Record<string, unknown> | undefined;
  for (;;) {
    const rows = await readAfter(database, transaction, table, last);
    if (last === undefined) await archive.write({ table: table.name, columns: Object.keys(rows[0] ?? {}) });
    for (const row of rows) {
      await archive.write(
        Object.values(row).map((value) => (Buffer.isBuffer(value) ? value.toString("base64") : value)),
      );
    }
    count += rows.length;
    last = rows.at(-1);
    if (last === undefined || rows.length < table.rowsAtOnce) return count;
    await database.breathe();
  }
}

async function readAfter(
  database: Database,
  transaction: Transaction<Tables>,
  table: StoredTable,
  last: Record<string, unknown> | undefined,
): Promise<Record<string, unknown>[]> {
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  const where = last === undefined ? sql`` : sql`where ${isAfter(database, table.key, last)}`;
  const query = sql<Record<string, unknown>>`select * from ${sql.table(table.name)} ${where}
    order by ${key} limit ${sql.lit(table.rowsAtOnce)}`;
  return (await query.execute(transaction)).rows;
}

/** Behind that row in the order of the key. MySQL uses the key for the long form only, the others for the short one. */
function isAfter(database: Database, key: readonly string[], last: Record<string, unknown>): Expression<SqlBool> {
  if (database.kind !== "mysql" || key.length === 1) {
    const columns = sql.join(key.map((column) => sql.ref(column)));
    return sql<SqlBool>`(${columns}) > (${sql.join(key.map((column) => last[column]))})`;
  }
  const cases = key.map((column, at) => {
    const before = key.slice(0, at).map((earlier) => sql`${sql.ref(earlier)} = ${last[earlier]} and `);
    return sql`(${sql.join(before, sql``)}${sql.ref(column)} > ${last[column]})`;
  });
  return sql<SqlBool>`(${sql.join(cases, sql` or `)})`;
}

/** False where the content is not there or not what its name says: looked at before a byte of it is written. */
async function writeFile(files: FileContent, archive: ArchiveWriter, sha256: string): Promise<boolean> {
  const checked = await files.check(sha256);
  if (checked === undefined) return false;
  await archive.write({ file: sha256, bytes: checked.bytes });
  for await (const piece of await files.open(sha256)) await archive.write((piece as Buffer).toString("base64"));
  return true;
}

/**
 * Puts a backup into a store, which may be of another database than it was made from. The whole file is checked before
 * anything is written; the tables then change in one transaction: all or nothing. `store.conflict` when there is work in
 * the store already, unless `overwrite` says that it may go. Servers on this store must be stopped.
 * `backup.invalid` for a file that is damaged, of a newer program, or no backup.
 */
export async function restoreBackup(options: {
  readonly source: string;
  readonly database: DatabaseConfig;
  readonly files: FileContent;
  readonly overwrite?: boolean;
}): Promise<BackupReport> {
  const header = await checkBackup(options.source);
  const database = connect(options.database);
  try {
    const tables = await prepareTables(database, header);
    const report = await database.transaction(async (transaction) => {
      if (options.overwrite !== true) await refuseWork(database, transaction);
      for (const table of tables.toReversed()) await sql`delete from ${sql.table(table.name)}`.execute(transaction);
      return await copyInto(database, transaction, options.source, options.files, tables);
    });
    await migrate(database);
    return { ...report, createdAt: header.createdAt };
  } catch (error) {
    if (error instanceof OmError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(options.source, `does not fit together: ${why}`, error);
  } finally {
    await database.close();
  }
}

/** Reads it to its end, and so through every check. */
async function checkBackup(source: string): Promise<BackupHeader> {
  let header: BackupHeader | undefined;
  for await (const item of readBackup(source)) {
    if (item.kind === "header") header = item.header;
    if (item.kind === "file") for await (const _ of item.content);
  }
  if (header === undefined) throw invalid(source, "is empty");
  return header;
}

/**
 * Tables as they were when the backup was made, and which there were then; the migrations since change the restored
 * rows too.
 */
async function prepareTables(database: Database, header: BackupHeader): Promise<readonly StoredTable[]> {
  const executed = await executedMigrations(database.writer);
  if (executed.length > header.migrations.length) {
    throw new OmError(
      "store.conflict",
      `The backup is of an older OMServer than the tables of ${database.name}. Restore it into a new, empty database`,
    );
  }
  await migrate(database, header.migrations.toSorted(byPlace).at(-1));
  const present = new Set((await database.writer.introspection.getTables()).map(({ name }) => name));
  return storedTables.filter(({ name }) => present.has(name));
}

async function refuseWork(database: Database, transaction: Transaction<Tables>): Promise<void> {
  for (const table of tablesOfWork) {
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(transaction);
    if (rows.length === 0) continue;
    throw new OmError(
      "store.conflict",
      `The store ${database.name} is in use: its table ${table} has rows. Restore into an empty one, or let all of it go (--replace)`,
    );
  }
}

async function copyInto(
  database: Database,
  transaction: Transaction<Tables>,
  source: string,
  files: FileContent,
  tables: readonly StoredTable[],
): Promise<Omit<BackupReport, "createdAt">> {
  const rows: Record<string, number> = {};
  let fileCount = 0;
  let table: StoredTable | undefined;
  let columns: readonly string[] = [];
  let waiting: Record<string, BackupValue>[] = [];
  const flush = async () => {
    if (table === undefined || waiting.length === 0) return;
    rows[table.name] = (rows[table.name] ?? 0) + waiting.length;
    await insertRows(database, transaction, table.name, columns as readonly never[], waiting as never[]);
    waiting = [];
  };
  for await (const item of readBackup(source)) {
    if (item.kind === "table") {
      await flush();
      ({ table, columns } = item);
      rows[table.name] = 0;
    } else if (item.kind === "row") {
      waiting.push(Object.fromEntries(columns.map((column, at) => [column, item.values[at] ?? null])));
      if (waiting.length >= (table?.rowsAtOnce ?? 0)) await flush();
    } else if (item.kind === "file") {
      await flush();
      await files.put(item.content, Number.MAX_SAFE_INTEGER);
      fileCount += 1;
    }
  }
  await flush();
  for (const stored of tables) if (stored.numbered) await numberOn(database, transaction, stored);
  return { rows, files: fileCount, damagedFiles: [] };
}

/** PostgreSQL counts apart from the rows; the others look at the highest id themselves. */
async function numberOn(database: Database, transaction: Transaction<Tables>, table: StoredTable): Promise<void> {
  if (database.kind !== "postgres") return;
  const name = sql.table(table.name);
  await sql`select setval(pg_get_serial_sequence(${table.name}, 'id'), coalesce((select max(id) from ${name}), 1),
    exists (select 1 from ${name}))`.execute(transaction);
}

import { CompiledQuery, type Insertable } from "kysely";
import type { Database, DatabaseKind, Queries } from "./database.ts";
import type { Tables } from "./tables.ts";

type Column<Table extends keyof Tables> = keyof Tables[Table] & string;

/** What to do with a row whose primary key is there already. */
type Conflict<Table extends keyof Tables> =
  | "fail"
  | "keep_old"
  | { readonly key: readonly Column<Table>[]; readonly update: readonly Column<Table>[] }
  /** The row stays, with the higher of the two numbers. */
  | { readonly key: readonly Column<Table>[]; readonly highest: Column<Table> };

/** PostgreSQL takes 65,535 parameters a statement, SQLite 32,766. */
const mostParameters = 30_000;
/** MariaDB takes 16 MiB a statement by default, and writes bytes as hex. */
const mostBytes = 4 * 1024 * 1024;
/** About 2 ms of SQLite. */
const mostRows = 500;

/**
 * Writes many rows with few statements. Hand-built, since building them through kysely's nodes costs more than the
 * database itself. Table and column names are literals of this program and need no quoting; values are parameters.
 * On SQLite the event loop gets its turn between statements.
 */
export async function insertRows<Table extends keyof Tables>(
  database: Database,
  queries: Queries,
  table: Table,
  columns: readonly Column<Table>[],
  rows: readonly Partial<Insertable<Tables[Table]>>[],
  conflict: Conflict<Table> = "fail",
): Promise<void> {
  const rowsAtOnce = Math.min(mostRows, Math.floor(mostParameters / columns.length));
  let values: unknown[] = [];
  let count = 0;
  let bytes = 0;
  const write = async () => {
    const text = insertText(database.kind, table, columns, count, conflict);
    await queries.executeQuery(CompiledQuery.raw(text, values));
    values = [];
    count = 0;
    bytes = 0;
    await database.breathe();
  };
  for (const row of rows) {
    const record = row as Record<string, unknown>;
    for (const column of columns) {
      const value = record[column];
      values.push(value === undefined ? null : value);
      if (value instanceof Uint8Array) bytes += value.byteLength * 2;
      else if (typeof value === "string") bytes += value.length;
    }
    count += 1;
    if (count === rowsAtOnce || bytes > mostBytes) await write();
  }
  if (count > 0) await write();
}

function insertText<Table extends keyof Tables>(
  kind: DatabaseKind,
  table: Table,
  columns: readonly Column<Table>[],
  count: number,
  conflict: Conflict<Table>,
): string {
  const rows: string[] = [];
  const marks = `(${columns.map(() => "?").join(",")})`;
  for (let row = 0; row < count; row += 1) {
    rows.push(
      kind === "postgres" ? `(${columns.map((_, at) => `$${row * columns.length + at + 1}`).join(",")})` : marks,
    );
  }
  const ignore = conflict === "keep_old" && kind === "mysql" ? "ignore " : "";
  return `insert ${ignore}into ${table} (${columns.join(",")}) values ${rows.join(",")}${conflictText(kind, table, conflict)}`;
}

function conflictText<Table extends keyof Tables>(kind: DatabaseKind, table: Table, conflict: Conflict<Table>): string {
  if (conflict === "fail") return "";
  if (conflict === "keep_old") return kind === "mysql" ? "" : " on conflict do nothing";
  if ("highest" in conflict) {
    const { key, highest } = conflict;
    if (kind === "mysql") return ` on duplicate key update ${highest}=greatest(${highest},values(${highest}))`;
    const higher = `${kind === "sqlite" ? "max" : "greatest"}(${table}.${highest},excluded.${highest})`;
    return ` on conflict (${key.join(",")}) do update set ${highest}=${higher}`;
  }
  if (kind === "mysql") {
    return ` on duplicate key update ${conflict.update.map((column) => `${column}=values(${column})`).join(",")}`;
  }
  const updates = conflict.update.map((column) => `${column}=excluded.${column}`).join(",");
  return ` on conflict (${conflict.key.join(",")}) do update set ${updates}`;
}

/** The same memory as a Buffer, which all drivers take. */
export function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Pieces of at most a mebibyte, for columns of bytes; none of nothing. */
export function byteParts(bytes: Uint8Array): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.byteLength; start += 1_048_576) {
    parts.push(bytesOf(bytes.subarray(start, start + 1_048_576)));
  }
  return parts;
}

/** Pieces of at most `size`, for `in (…)` lists. */
export function* slices<T>(items: readonly T[], size = 1000): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Inserts one row and returns the id that the database gave it. */
export async function insertForId(
  database: Database,
  queries: Queries,
  table:
    | "function_category"
    | "app_category"
    | "host"
    | "run"
    | "app_user"
    | "token"
    | "library_file"
    | "credential"
    | "saved_view",
  row: Record<string, unknown>,
): Promise<number> {
  const insert = queries.insertInto(table).values(row as never);
  if (database.kind === "mysql") return Number((await insert.executeTakeFirstOrThrow()).insertId);
  return (await insert.returning("id").executeTakeFirstOrThrow()).id;
}

import { reasonText } from "../../../contract/reasons.ts";
import { sqlTokens, type Token } from "./sql-lexer.ts";

/** One row of an INSERT, its columns in lower case. A value that is an expression (`now()`) is null. */
export interface DumpRow {
  readonly line: number;
  readonly values: ReadonlyMap<string, string | null>;
}

export interface DumpFault {
  readonly line: number;
  readonly table: string;
  readonly reason: string;
}

export interface SqlDump {
  /** By table, in lower case, as often as they were inserted. */
  readonly rows: ReadonlyMap<string, readonly DumpRow[]>;
  readonly faults: readonly DumpFault[];
}

/**
 * The rows that a dump inserts into the wanted tables. `wanted` gives each table's columns for an INSERT that names
 * none in a dump without its CREATE TABLE. Whatever else stands in the dump is passed over; nothing is executed.
 */
export function readSqlDump(text: string, wanted: Readonly<Record<string, readonly string[]>>): SqlDump {
  const rows = new Map<string, DumpRow[]>();
  const faults: DumpFault[] = [];
  const columns = new Map<string, readonly string[]>(Object.entries(wanted));
  const reader = new TokenReader(sqlTokens(text));
  while (!reader.atEnd) {
    const verb = reader.word();
    if (verb === "create") readCreate(reader, columns);
    else if (verb === "insert" || verb === "replace") readInsert(reader, wanted, columns, rows, faults);
    else if (verb === "update" || verb === "delete" || verb === "load") refuseChange(verb, reader, wanted, faults);
    const broken = reader.skipStatement();
    if (broken !== undefined)
      faults.push({ line: broken.line, table: "", reason: reasonText("dump_broken", { fault: broken.text }) });
  }
  return { rows, faults };
}

/** One token of sight, and never past the end of a statement. */
class TokenReader {
  readonly #tokens: Iterator<Token, void, undefined>;
  #next: Token | undefined;

  constructor(tokens: Iterator<Token, void, undefined>) {
    this.#tokens = tokens;
    this.#move();
  }

  get atEnd(): boolean {
    return this.#next === undefined;
  }

  get next(): Token | undefined {
    return this.#next;
  }

  #move(): void {
    const result = this.#tokens.next();
    this.#next = result.done === true ? undefined : result.value;
  }

  take(): Token | undefined {
    const token = this.#next;
    if (token === undefined || (token.kind === "mark" && token.text === ";") || token.kind === "broken") {
      return undefined;
    }
    this.#move();
    return token;
  }

  /** Takes a bare word, in lower case. */
  word(): string | undefined {
    if (this.#next?.kind !== "word") return undefined;
    return this.take()?.text.toLowerCase();
  }

  mark(text: string): boolean {
    if (this.#next?.kind !== "mark" || this.#next.text !== text || text === ";") return false;
    this.#move();
    return true;
  }

  /** Takes a name, in backquotes or bare; of `database`.`table` the last one. In lower case. */
  name(): string | undefined {
    let found: string | undefined;
    do {
      const token = this.#next;
      if (token?.kind !== "name" && token?.kind !== "word" && token?.kind !== "string") return found;
      found = this.take()?.text.toLowerCase();
    } while (this.mark("."));
    return found;
  }

  /** To behind the next `;`. The broken token that stood in the way, if one did. */
  skipStatement(): Token | undefined {
    for (;;) {
      const token = this.#next;
      if (token === undefined) return undefined;
      this.#move();
      if (token.kind === "broken") return token;
      if (token.kind === "mark" && token.text === ";") return undefined;
    }
  }
}

const noColumn = new Set([
  "primary",
  "key",
  "unique",
  "index",
  "constraint",
  "fulltext",
  "spatial",
  "foreign",
  "check",
]);

/** `CREATE TABLE [IF NOT EXISTS] name (column …, …)`: the columns in their order. */
function readCreate(reader: TokenReader, columns: Map<string, readonly string[]>): void {
  let verb = reader.word();
  if (verb === "temporary") verb = reader.word();
  if (verb !== "table") return;
  for (const expected of ["if", "not", "exists"]) {
    const { next } = reader;
    if (next?.kind === "word" && next.text.toLowerCase() === expected) reader.take();
  }
  const table = reader.name();
  if (table === undefined || !reader.mark("(")) return;
  const found: string[] = [];
  let depth = 0;
  let first = true;
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    if (first && depth === 0) {
      const keyword = token.kind === "word" && noColumn.has(token.text.toLowerCase());
      // In quotes where the dump was made for other databases (--compatible=ansi).
      if (!keyword && (token.kind === "word" || token.kind === "name" || token.kind === "string"))
        found.push(token.text.toLowerCase());
      first = false;
    }
    if (token.kind !== "mark") continue;
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (depth < 0) break;
    if (token.text === "," && depth === 0) first = true;
  }
  if (found.length > 0) columns.set(table, found);
}

/** Told and not carried out: phpMyAdmin can write rows as UPDATE, and an edited dump may hold anything. */
function refuseChange(
  verb: string,
  reader: TokenReader,
  wanted: Readonly<Record<string, readonly string[]>>,
  faults: DumpFault[],
): void {
  const line = reader.next?.line ?? 0;
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    const table = token.text.toLowerCase();
    if (token.kind === "mark" || !Object.hasOwn(wanted, table)) continue;
    faults.push({ line, table, reason: reasonText("dump_statement", { verb: verb.toUpperCase() }) });
    return;
  }
}

const insertOptions = new Set(["low_priority", "delayed", "high_priority", "ignore", "into"]);

function readInsert(
  reader: TokenReader,
  wanted: Readonly<Record<string, readonly string[]>>,
  columns: ReadonlyMap<string, readonly string[]>,
  rows: Map<string, DumpRow[]>,
  faults: DumpFault[],
): void {
  while (reader.next?.kind === "word" && insertOptions.has(reader.next.text.toLowerCase())) reader.take();
  const line = reader.next?.line ?? 0;
  const table = reader.name();
  if (table === undefined || !Object.hasOwn(wanted, table)) return;
  function refuse(at: number, reason: string): void {
    faults.push({ line: at, table: table ?? "", reason });
  }
  const named = reader.mark("(") ? columnList(reader) : columns.get(table);
  const verb = reader.word();
  if (named === undefined || (verb !== "values" && verb !== "value")) {
    refuse(line, reasonText("dump_insert"));
    return;
  }
  do {
    const at = reader.next?.line ?? line;
    if (!reader.mark("(")) {
      refuse(at, reasonText("dump_insert_row"));
      return;
    }
    const values = valueList(reader);
    if (values === undefined) {
      refuse(at, reasonText("dump_row_open"));
      return;
    }
    if (values.length !== named.length) {
      refuse(
        at,
        reasonText("dump_row_values", { values: values.length, columns: named.length, names: named.join(", ") }),
      );
      continue;
    }
    const row: DumpRow = { line: at, values: new Map(named.map((name, index) => [name, values[index] ?? null])) };
    const known = rows.get(table);
    if (known === undefined) rows.set(table, [row]);
    else known.push(row);
  } while (reader.mark(","));
}

function columnList(reader: TokenReader): string[] | undefined {
  const names: string[] = [];
  do {
    const name = reader.name();
    if (name === undefined) return undefined;
    names.push(name);
  } while (reader.mark(","));
  return reader.mark(")") ? names : undefined;
}

/** Values up to the closing bracket; undefined when it does not come. */
function valueList(reader: TokenReader): (string | null)[] | undefined {
  const values: (string | null)[] = [];
  let parts: Token[] = [];
  let depth = 0;
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    if (token.kind === "mark" && depth === 0 && (token.text === "," || token.text === ")")) {
      values.push(literalOf(parts));
      parts = [];
      if (token.text === ")") return values;
      continue;
    }
    if (token.kind === "mark" && token.text === "(") depth += 1;
    if (token.kind === "mark" && token.text === ")") depth -= 1;
    parts.push(token);
  }
  return undefined;
}

/** A literal as text: strings that follow one another are one; a character set before it (`_utf8'…'`) says nothing. */
function literalOf(parts: readonly Token[]): string | null {
  const [first, ...rest] = parts;
  if (first === undefined) return null;
  if (first.kind === "word" && rest.length > 0 && /^_[a-z0-9]+$/i.test(first.text)) return literalOf(rest);
  if (parts.every((part) => part.kind === "string")) return parts.map((part) => part.text).join("");
  if (first.kind === "number" && rest.length === 0) return first.text;
  if (first.kind === "mark" && (first.text === "-" || first.text === "+") && rest.length === 1) {
    return rest[0]?.kind === "number" ? `${first.text === "-" ? "-" : ""}${rest[0].text}` : null;
  }
  if (first.kind === "word" && rest.length === 0 && /^(?:true|false)$/i.test(first.text)) {
    return first.text.toLowerCase() === "true" ? "1" : "0";
  }
  return null;
}

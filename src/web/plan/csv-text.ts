import { reasonText } from "../../contract/reasons.ts";
/** CSV as RFC 4180 has it. Nothing is guessed: commas, double quotes, CRLF or LF. */

export interface CsvCell {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** UTF-16 offsets in the file: of the cell, and of its line's first character. */
  readonly start: number;
  readonly lineStart: number;
}

export interface CsvRecord {
  readonly cells: readonly CsvCell[];
  /** 1-based; where it begins. */
  readonly line: number;
  /** The record as it stands, without its line end. */
  readonly text: string;
  readonly fault?: CsvFault;
}

export interface CsvFault extends CsvCell {
  readonly message: string;
}

/** More cells than any table of hosts has. */
const mostCells = 200;

/**
 * The records of a text, blank lines left out, a byte order mark ignored. A record with a fault ends at the end of its
 * line, and reading goes on behind it; where a quote is never closed, that is the end of the text.
 */
export function* csvRecords(text: string): Generator<CsvRecord, void> {
  const begin = text.startsWith("\ufeff") ? 1 : 0;
  const reader: Reader = { text, at: begin, line: 1, lineStart: begin };
  while (reader.at < text.length) {
    const start = reader.at;
    const line = reader.line;
    const { cells, fault } = readRecord(reader);
    if (fault !== undefined) skipLine(reader);
    const record = { line, cells, text: text.slice(start, reader.at) };
    takeLineEnd(reader);
    if (fault !== undefined) yield { ...record, fault };
    else if (record.text !== "") yield record;
  }
}

/** 1-based column, in characters, of a cell of this text. */
export function columnOf(text: string, { start, lineStart }: Pick<CsvCell, "start" | "lineStart">): number {
  return [...text.slice(lineStart, start)].length + 1;
}

interface Reader {
  readonly text: string;
  at: number;
  line: number;
  lineStart: number;
}

function readRecord(reader: Reader): Pick<CsvRecord, "cells" | "fault"> {
  const cells: CsvCell[] = [];
  for (;;) {
    const place = placeOf(reader);
    const text = reader.text[reader.at] === '"' ? readQuoted(reader) : readBare(reader);
    if (text === undefined) return { cells, fault: { ...place, message: reasonText("csv_quote_open") } };
    cells.push({ ...place, text });
    const next = reader.text[reader.at];
    if (next === undefined || next === "\n" || next === "\r") return { cells };
    if (next !== ",") return { cells, fault: { ...placeOf(reader), message: faultAt(next) } };
    reader.at += 1;
    if (cells.length === mostCells) {
      return { cells, fault: { ...placeOf(reader), message: reasonText("csv_cells_many", { count: mostCells }) } };
    }
  }
}

function faultAt(found: string): string {
  return found === '"' ? reasonText("csv_quote_inside") : reasonText("csv_after_quote");
}

const bareEnd = /[",\r\n]/g;

function readBare(reader: Reader): string {
  const start = reader.at;
  bareEnd.lastIndex = start;
  reader.at = bareEnd.exec(reader.text)?.index ?? reader.text.length;
  return reader.text.slice(start, reader.at);
}

function readQuoted(reader: Reader): string | undefined {
  const { text } = reader;
  const start = reader.at + 1;
  let close = text.indexOf('"', start);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  const end = close < 0 ? text.length : close;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) {
    reader.line += 1;
    reader.lineStart = at + 1;
  }
  reader.at = close < 0 ? text.length : close + 1;
  return close < 0 ? undefined : text.slice(start, close).replaceAll('""', '"');
}

function skipLine(reader: Reader): void {
  const end = reader.text.indexOf("\n", reader.at);
  if (end < 0) reader.at = reader.text.length;
  else reader.at = end > reader.at && reader.text[end - 1] === "\r" ? end - 1 : end;
}

function takeLineEnd(reader: Reader): void {
  const { text } = reader;
  if (reader.at >= text.length) return;
  reader.at += text.startsWith("\r\n", reader.at) ? 2 : 1;
  reader.line += 1;
  reader.lineStart = reader.at;
}

function placeOf({ at, line, lineStart }: Reader): Omit<CsvCell, "text"> & { readonly text: "" } {
  return { text: "", line, start: at, lineStart };
}

/** One record, with its line end (CRLF, as RFC 4180 has it). */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quotedCell).join(",")}\r\n`;
}

function quotedCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A spreadsheet takes a cell that begins so for a formula and may run it (OWASP “CSV Injection”). An apostrophe before
 * it makes it text there; {@link plainCell} takes it away again, so that what was written comes back.
 */
export function safeCell(text: string): string {
  return startsFormula.test(text) ? `'${text}` : text;
}

export function plainCell(text: string): string {
  return text.startsWith("'") && startsFormula.test(text) ? text.slice(1) : text;
}

const startsFormula = /^'*[=+\-@\t\r\n＝＋－＠]/;

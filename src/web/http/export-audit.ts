import { csvLine, safeCell } from "../plan/csv-text.ts";
import type { AuditFilter, AuditRecord, AuditRepository } from "../store/repositories/audit.ts";
import type { Bytes } from "./call.ts";

type Format = "csv" | "jsonl";

const rowsAtOnce = 500;
const columns = [
  "seq",
  "at",
  "actor",
  "source",
  "action",
  "object",
  "hosts",
  "detail",
  "previousHash",
  "hash",
] as const satisfies readonly (keyof AuditRecord)[];

/**
 * The records that a filter leaves, newest first, read as they are sent. No cell of the CSV begins a formula; JSON lines
 * hold exactly what the hashes are made of. What is recorded meanwhile is not among them.
 */
export function exportedAudit(audit: AuditRepository, filter: AuditFilter, format: Format): Bytes {
  return format === "csv"
    ? { content: csvOf(audit, filter), fileName: "audit.csv", type: "text/csv; charset=utf-8" }
    : { content: jsonLinesOf(audit, filter), fileName: "audit.jsonl", type: "application/jsonl; charset=utf-8" };
}

async function* csvOf(audit: AuditRepository, filter: AuditFilter): AsyncGenerator<string> {
  yield `\ufeff${csvLine(columns)}`;
  for await (const rows of pagesOf(audit, filter)) {
    yield rows.map((record) => csvLine(columns.map((column) => safeCell(cellOf(record, column))))).join("");
  }
}

async function* jsonLinesOf(audit: AuditRepository, filter: AuditFilter): AsyncGenerator<string> {
  for await (const rows of pagesOf(audit, filter)) {
    yield rows.map((record) => `${JSON.stringify(record)}\n`).join("");
  }
}

async function* pagesOf(audit: AuditRepository, filter: AuditFilter): AsyncGenerator<readonly AuditRecord[]> {
  let cursor: string | undefined;
  do {
    const page = await audit.list(filter, { limit: rowsAtOnce, ...(cursor === undefined ? {} : { cursor }) });
    yield page.rows;
    cursor = page.next;
  } while (cursor !== undefined);
}

function cellOf(record: AuditRecord, column: (typeof columns)[number]): string {
  if (column === "at") return new Date(record.at).toISOString();
  if (column === "detail") return JSON.stringify(record.detail);
  return String(record[column]);
}

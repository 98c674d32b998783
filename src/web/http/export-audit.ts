import type { AuditFilter, AuditRecord, AuditRepository } from "../store/repositories/audit.ts";
import type { Bytes } from "./call.ts";
import { exportedRows, type RowsFormat } from "./export-rows.ts";

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

/** The records that a filter leaves, newest first. JSON lines hold exactly what the hashes are made of. */
export function exportedAudit(audit: AuditRepository, filter: AuditFilter, format: RowsFormat): Bytes {
  return exportedRows({ name: "audit", columns, cell: cellOf, list: (page) => audit.list(filter, page) }, format);
}

function cellOf(record: AuditRecord, column: (typeof columns)[number]): string {
  if (column === "at") return new Date(record.at).toISOString();
  if (column === "detail") return JSON.stringify(record.detail);
  return String(record[column]);
}

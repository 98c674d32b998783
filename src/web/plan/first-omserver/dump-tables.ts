import { reasonText } from "../../../contract/reasons.ts";
import { isTwiceEncoded } from "./encoded-twice.ts";
import type { DumpRow } from "./sql-dump.ts";

/** The tables of 2014 and their columns. */
export const tables = {
  server_fun_categ: ["id", "server_categ_name"],
  server_app_categ: ["id", "server_categ_id", "app_categ_name"],
  server_list: ["server_name", "server_wip", "server_lip", "server_op", "server_app_id"],
  module_list: ["id", "module_name", "module_caption", "module_extend"],
  server_history: [
    "id",
    "history_id",
    "history_ip",
    "history_user",
    "history_datetime",
    "db_datetime",
    "history_command",
  ],
} as const;
export type Table = keyof typeof tables;

/** What the old columns kept; MySQL of that time cut what was longer in silence. */
const columnLengths: readonly (readonly [Table, string, number])[] = [
  ["server_fun_categ", "server_categ_name", 20],
  ["server_app_categ", "app_categ_name", 30],
  ["server_list", "server_op", 10],
  ["module_list", "module_name", 20],
  ["module_list", "module_caption", 255],
  ["module_list", "module_extend", 2000],
  ["server_history", "history_command", 255],
];
const addressLength = 12;

/** A row, or a part of one, that is not taken over, or something to know about one that is. */
export interface DumpRemark {
  readonly line: number;
  readonly table: string;
  readonly text: string;
  readonly reason: string;
}

/** Takes what there is to say of rows. */
export interface Remarks {
  refuse(table: Table, row: DumpRow, shown: string, reason: string): void;
  note(table: Table, row: DumpRow, shown: string, reason: string): void;
}

/** Columns that the dump's table lacks, or has besides, once for each writing of an INSERT. */
export function tellColumns(table: Table, rows: readonly DumpRow[], remarks: Remarks): void {
  const told = new Set<string>();
  for (const row of rows) {
    const found = [...row.values.keys()];
    const written = found.join();
    if (told.has(written)) continue;
    told.add(written);
    const expected: readonly string[] = tables[table];
    const missing = expected.filter((column) => !row.values.has(column));
    const besides = found.filter((column) => !expected.includes(column));
    if (missing.length > 0) {
      remarks.refuse(table, row, "", reasonText("dump_columns_missing", { names: missing.join(", ") }));
    }
    if (besides.length > 0) {
      remarks.note(table, row, "", reasonText("dump_columns_left", { names: besides.slice(0, 20).join(", ") }));
    }
  }
}

/** False for a row that is garbled; a row whose text may have been cut gets a note. */
export function isReadable(table: Table, row: DumpRow, remarks: Remarks): boolean {
  const shown = [...row.values.values()].find((value) => value !== null && /\D/.test(value)) ?? "";
  if ([...row.values.values()].some((value) => value !== null && isTwiceEncoded(value))) {
    remarks.refuse(table, row, shown, reasonText("dump_twice_encoded"));
    return false;
  }
  for (const [where, column, count] of columnLengths) {
    if (where !== table || [...(row.values.get(column) ?? "")].length !== count) continue;
    remarks.note(table, row, shown, reasonText("dump_column_cut", { column, count }));
  }
  const address = table === "server_list" ? (row.values.get("server_lip") ?? "") : "";
  // Three digits, or two that no third fits behind, are whole.
  const last = Number(/\.(\d{1,2})$/.exec(address)?.[1] ?? "999");
  if (address.length === addressLength && last * 10 <= 255) {
    remarks.note(table, row, shown, reasonText("dump_address_cut", { address, count: addressLength }));
  }
  return true;
}

/** A value as text, trimmed: char columns come padded from some tools. */
export function textIn(row: DumpRow, column: string): string {
  return (row.values.get(column) ?? "").trim();
}

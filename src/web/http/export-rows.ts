import { csvLine, safeCell } from "../plan/csv-text.ts";
import type { Page } from "../store/repositories/page.ts";
import type { Bytes } from "./call.ts";

export type RowsFormat = "csv" | "jsonl";

export interface ExportedList<Row, Column extends string> {
  readonly name: string;
  readonly columns: readonly Column[];
  cell(row: Row, column: Column): string;
  list(page: { cursor?: string; limit: number }): Promise<Page<Row>>;
}

const rowsAtOnce = 500;

/**
 * A whole list, read as it is sent. No cell of the CSV begins a formula; JSON lines hold every row as it is kept. A row
 * that comes meanwhile is not among them.
 */
export function exportedRows<Row, Column extends string>(list: ExportedList<Row, Column>, format: RowsFormat): Bytes {
  return format === "csv"
    ? { content: csvOf(list), fileName: `${list.name}.csv`, type: "text/csv; charset=utf-8" }
    : { content: jsonLinesOf(list), fileName: `${list.name}.jsonl`, type: "application/jsonl; charset=utf-8" };
}

async function* csvOf<Row, Column extends string>(list: ExportedList<Row, Column>): AsyncGenerator<string> {
  yield `\ufeff${csvLine(list.columns)}`;
  for await (const rows of pagesOf(list)) {
    yield rows.map((row) => csvLine(list.columns.map((column) => safeCell(list.cell(row, column))))).join("");
  }
}

async function* jsonLinesOf<Row>(list: Pick<ExportedList<Row, never>, "list">): AsyncGenerator<string> {
  for await (const rows of pagesOf(list)) yield rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

async function* pagesOf<Row>({ list }: Pick<ExportedList<Row, never>, "list">): AsyncGenerator<readonly Row[]> {
  let cursor: string | undefined;
  do {
    const page = await list({ limit: rowsAtOnce, ...(cursor === undefined ? {} : { cursor }) });
    yield page.rows;
    cursor = page.next;
  } while (cursor !== undefined);
}

import type { z } from "zod";
import { categoryName } from "../../contract/http/schemas/fields.ts";
import { reasonText } from "../../contract/reasons.ts";
import { zodFault } from "../../contract/zod-fault.ts";
import { type Column, columnOfTitle, exportColumns } from "./csv-columns.ts";
import { type CsvCell, type CsvRecord, columnOf, csvRecords, plainCell } from "./csv-text.ts";
import {
  type CategoryPath,
  type Checked,
  checkField,
  type ImportedFields,
  type ImportRow,
  type ParsedImport,
  type RefusedRow,
  startOf,
} from "./import-row.ts";

/**
 * Hosts from CSV (RFC 4180, UTF-8). The first record names the columns, in any order: in English as the export writes
 * them, in Chinese, or as the tables of the first OMServer do. A column that is there sets its field, an empty cell to
 * the default; a column that is not there leaves the field of a known host as it is. `name` must be there.
 * A wrong header refuses the whole file, a wrong cell its row.
 */
export function parseCsvHosts(text: string): ParsedImport {
  const rows: ImportRow[] = [];
  const refused: RefusedRow[] = [];
  let columns: readonly Column[] | undefined;
  for (const record of csvRecords(text)) {
    const faulty = record.fault && refusal(text, record, record.fault, record.fault.message);
    if (columns === undefined) {
      const header = faulty ?? readHeader(text, record);
      if ("reason" in header) return { rows, refused: [header] };
      columns = header.columns;
    } else {
      const row = faulty ?? readRow(text, record, columns);
      if ("reason" in row) refused.push(row);
      else rows.push(row);
    }
  }
  if (columns !== undefined) return { rows, refused };
  return { rows, refused: [{ line: 1, text: "", reason: reasonText("csv_empty", { columns: columnNames }) }] };
}

const columnNames = exportColumns.map(([title]) => title).join(", ");

function readHeader(text: string, record: CsvRecord): { readonly columns: readonly Column[] } | RefusedRow {
  const columns: Column[] = [];
  for (const cell of record.cells) {
    const title = plainCell(cell.text).trim();
    const column = columnOfTitle(title);
    if (column === undefined) return refusal(text, record, cell, unknownTitle(title));
    if (columns.includes(column))
      return refusal(text, record, cell, reasonText("csv_column_twice", { column: startOf(title) }));
    columns.push(column);
  }
  if (columns.includes("name")) return { columns };
  return refusal(text, record, record.cells[0], reasonText("csv_no_name", { columns: columnNames }));
}

function unknownTitle(title: string): string {
  if (title.toLowerCase() === "server_app_id") {
    return reasonText("csv_old_number");
  }
  if (/[;\t]/.test(title)) return reasonText("csv_separator", { columns: columnNames });
  return reasonText("csv_column_unknown", { column: startOf(title), columns: columnNames });
}

function readRow(text: string, record: CsvRecord, columns: readonly Column[]): ImportRow | RefusedRow {
  const { cells } = record;
  if (cells.length !== columns.length) {
    const place = cells[columns.length] ?? cells.at(-1);
    return refusal(
      text,
      record,
      place,
      reasonText("csv_cells_differ", { cells: cells.length, columns: columns.length }),
    );
  }
  const given: Given = { fields: {} };
  for (const [index, column] of columns.entries()) {
    const cell = cells[index];
    const problem = cell && takeCell(given, column, cellText(column, cell));
    if (problem !== undefined)
      return refusal(text, record, cell, reasonText("fault_at", { place: columnTitle(column), fault: problem }));
  }
  const nameCell = cells[columns.indexOf("name")];
  const category = categoryOf(given);
  if (typeof category === "string") return refusal(text, record, nameCell, category);
  const { line, column } = nameCell
    ? { line: nameCell.line, column: columnOf(text, nameCell) }
    : { line: 1, column: 1 };
  const row = { line, column, name: given.name ?? "", fields: given.fields };
  return category === undefined ? row : { ...row, category };
}

/** Spaces around it belong to free text only. */
function cellText(column: Column, cell: CsvCell): string {
  const text = plainCell(cell.text);
  return column === "note" || column === "os" ? text : text.trim();
}

interface Given {
  name?: string;
  path?: string;
  functionCategory?: string;
  appCategory?: string;
  readonly fields: { -readonly [Field in keyof ImportedFields]?: ImportedFields[Field] };
}

/** Takes the cell over, or says what is wrong with it. */
function takeCell(given: Given, column: Column, text: string): string | undefined {
  switch (column) {
    case "name":
      return taken(checkField("name", text), (value) => {
        given.name = value;
      });
    case "category":
      given.path = text;
      return undefined;
    case "functionCategory":
    case "appCategory":
      given[column] = text;
      return undefined;
    default:
      return taken(checkField(column, typedValue(column, text)), (value) => {
        Object.assign(given.fields, { [column]: value });
      });
  }
}

function taken<Value>(checked: Checked<Value>, take: (value: Value) => void): string | undefined {
  if ("problem" in checked) return checked.problem;
  take(checked.value);
  return undefined;
}

/** The cell as the field's type; an empty one is the field's default. */
function typedValue(column: keyof ImportedFields, text: string): unknown {
  if (text === "") return undefined;
  switch (column) {
    case "port":
      return /^\d{1,5}$/.test(text) ? Number(text) : text;
    case "enabled":
    case "claim":
      return booleans.get(text.toLowerCase()) ?? text;
    case "tags":
      return text.split(/[\s;,|、，；]+/).filter((tag) => tag !== "");
    case "engines":
      return text
        .toLowerCase()
        .split(/[\s;,|、，；]+/)
        .filter((engine) => engine !== "");
    default:
      return text;
  }
}

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["yes", "true", "1", "y", "是", "启用"].map((text) => [text, true] as const),
  ...["no", "false", "0", "n", "否", "停用", "禁用"].map((text) => [text, false] as const),
]);

/** Undefined where the row names no category; a text says what is wrong. */
function categoryOf({ path, functionCategory = "", appCategory = "" }: Given): CategoryPath | undefined | string {
  if (path) return readCategoryPath(path);
  if (functionCategory === "" && appCategory === "") return undefined;
  if (functionCategory === "" || appCategory === "") {
    return reasonText("category_two_levels");
  }
  return checkedCategory(functionCategory, appCategory);
}

/** Reads `Linux.Web/bbs.domain.com`; a text says what is wrong with it. */
export function readCategoryPath(path: string): CategoryPath | string {
  const levels = path.split("/").map((level) => level.trim());
  const [functionCategory = "", appCategory = ""] = levels;
  if (levels.length !== 2 || functionCategory === "" || appCategory === "") {
    return reasonText("category_no_path", { path: startOf(path) });
  }
  return checkedCategory(functionCategory, appCategory);
}

function checkedCategory(functionCategory: string, appCategory: string): CategoryPath | string {
  for (const name of [functionCategory, appCategory]) {
    const result = name.isWellFormed() ? categoryName.safeParse(name) : undefined;
    if (!result?.success) {
      return reasonText("category_name_fault", { name: startOf(name), fault: nameFault(result?.error?.issues[0]) });
    }
  }
  return { functionCategory, appCategory };
}

function nameFault(issue: z.core.$ZodIssue | undefined): string {
  return issue === undefined ? reasonText("text_well_formed_only") : zodFault(issue);
}

function columnTitle(column: Column): string {
  return exportColumns.find(([, known]) => known === column)?.[0] ?? column;
}

function refusal(
  text: string,
  record: CsvRecord,
  cell: Pick<CsvCell, "line" | "start" | "lineStart"> | undefined,
  reason: string,
): RefusedRow {
  const place = cell === undefined ? { line: record.line } : { line: cell.line, column: columnOf(text, cell) };
  return { ...place, text: startOf(record.text), reason };
}

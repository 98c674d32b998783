import { type Column, exportColumns } from "./csv-columns.ts";
import { csvLine, safeCell } from "./csv-text.ts";
import { categoryPaths, type KnownHost, type KnownInventory } from "./import-plan.ts";
import type { CategoryPath } from "./import-row.ts";

/**
 * Hosts as CSV, in pieces of whole lines: what `parseCsvHosts` reads gives the same hosts again. UTF-8 with a byte order
 * mark, without which spreadsheets show Chinese wrong. No cell is a formula to a spreadsheet.
 */
export function* hostsAsCsv(
  hosts: Iterable<KnownHost>,
  categories: Omit<KnownInventory, "hosts">,
): Generator<string, void> {
  const paths = categoryPaths(categories);
  yield `\ufeff${csvLine(exportColumns.map(([title]) => title))}`;
  let lines: string[] = [];
  for (const host of hosts) {
    const path = paths.get(host.appCategoryId) ?? { functionCategory: "", appCategory: "" };
    lines.push(csvLine(exportColumns.map(([, column]) => safeCell(cellOf(host, path, column)))));
    if (lines.length === 500) {
      yield lines.join("");
      lines = [];
    }
  }
  if (lines.length > 0) yield lines.join("");
}

function cellOf(host: KnownHost, path: CategoryPath, column: Column): string {
  switch (column) {
    case "category":
      return `${path.functionCategory}/${path.appCategory}`;
    case "functionCategory":
    case "appCategory":
      return path[column];
    case "port":
      return String(host.port);
    case "enabled":
    case "claim":
      return host[column] ? "yes" : "no";
    case "tags":
    case "engines":
      return host[column].join(";");
    default:
      return host[column];
  }
}

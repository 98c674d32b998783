import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { importReport } from "../../contract/http/schemas/inventory.ts";
import { reasonText } from "../../contract/reasons.ts";
import { readCategoryPath } from "./import-csv.ts";
import {
  type CategoryPath,
  type ImportedFields,
  type ImportRow,
  type ParsedImport,
  type RefusedRow,
  startOf,
} from "./import-row.ts";

/** A host of the inventory; the store's `Host` is one. */
export interface KnownHost extends ImportedFields {
  readonly name: string;
  readonly appCategoryId: number;
}

export interface KnownInventory {
  readonly hosts: readonly KnownHost[];
  readonly functionCategories: readonly { readonly id: number; readonly name: string }[];
  readonly appCategories: readonly {
    readonly id: number;
    readonly functionCategoryId: number;
    readonly name: string;
  }[];
}

/** A host as the store takes it: whole, its category by path. */
export interface ImportedHost extends ImportedFields, CategoryPath {
  readonly name: string;
}

export interface ImportPlan {
  readonly report: Omit<z.output<typeof importReport>, "applied">;
  /** What to write when it is applied: added and changed hosts, whole. Refused and unchanged ones are not in it. */
  readonly hosts: readonly ImportedHost[];
}

/**
 * What an import would do to this inventory; nothing is written. A host is known by its name. `category` is the path
 * where new hosts go whose row names none (empty: such rows are refused); a known host stays where it is.
 * Throws `request.invalid` when `category` is no path.
 */
export function planImport(parsed: ParsedImport, inventory: KnownInventory, options: { category: string }): ImportPlan {
  const elsewhere = defaultCategory(options.category);
  const paths = categoryPaths(inventory);
  const known = new Map(inventory.hosts.map((host) => [host.name, host]));
  const lines = new Map<string, number>();
  const added: ImportPlan["report"]["added"] = [];
  const changed: ImportPlan["report"]["changed"] = [];
  const refused: RefusedRow[] = [...parsed.refused];
  const hosts: ImportedHost[] = [];
  let unchanged = 0;
  for (const row of parsed.rows) {
    const host = known.get(row.name);
    const place = host && paths.get(host.appCategoryId);
    const category = row.category ?? place ?? elsewhere;
    const earlier = lines.get(row.name);
    if (earlier !== undefined) {
      refused.push(refusedRow(row, reasonText("import_line_already", { line: earlier })));
      continue;
    }
    lines.set(row.name, row.line);
    if (category === undefined) {
      refused.push(refusedRow(row, reasonText("import_new_no_category")));
      continue;
    }
    const whole = { ...(host ?? newHost), ...row.fields };
    const fields = host === undefined ? [] : changedFields(host, row.fields);
    if (host !== undefined && !samePath(category, place)) fields.push("category");
    if (host !== undefined && fields.length === 0) {
      unchanged += 1;
      continue;
    }
    if (host === undefined) added.push({ line: row.line, name: row.name, category: pathText(category) });
    else {
      const { line, name } = row;
      const told = changed.length < changesTold;
      changed.push({
        line,
        name,
        fields,
        ...(told ? { changes: fields.map(changeOf(host, whole, place, category)) } : {}),
      });
    }
    hosts.push({ ...onlyFields(whole), ...category, name: row.name });
  }
  refused.sort((a, b) => a.line - b.line);
  return { report: { added, changed, unchanged, newCategories: newCategoriesOf(hosts, inventory), refused }, hosts };
}

/** Of so many changed hosts a report tells the values, too: nobody reads more, and 100,000 would be a large answer. */
const changesTold = 500;

function changeOf(
  host: ImportedFields,
  after: ImportedFields,
  from: CategoryPath | undefined,
  to: CategoryPath,
): (field: string) => { field: string; from: string; to: string } {
  return (field) => {
    if (field === "category") return { field, from: from === undefined ? "" : pathText(from), to: pathText(to) };
    const name = field as keyof ImportedFields;
    return { field, from: valueText(host[name]), to: valueText(after[name]) };
  };
}

function valueText(value: ImportedFields[keyof ImportedFields]): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? value.join(", ") : String(value);
}

function pathText({ functionCategory, appCategory }: CategoryPath): string {
  return `${functionCategory}/${appCategory}`;
}

/** Paths of the hosts' categories that the inventory has not yet. */
function newCategoriesOf(hosts: readonly CategoryPath[], inventory: Omit<KnownInventory, "hosts">): string[] {
  const known = new Set([...categoryPaths(inventory).values()].map((path) => JSON.stringify(path)));
  const made = new Map<string, string>();
  for (const { functionCategory, appCategory } of hosts) {
    const path = { functionCategory, appCategory };
    const key = JSON.stringify(path);
    if (!known.has(key)) made.set(key, pathText(path));
  }
  return [...made.values()];
}

const newHost: ImportedFields = {
  outerAddress: "",
  innerAddress: "",
  port: 22,
  os: "",
  engines: ["ssh"],
  zone: "",
  user: "",
  credential: "",
  proxyJump: "",
  tags: [],
  enabled: true,
  claim: true,
  note: "",
};
const fieldNames = Object.keys(newHost) as (keyof ImportedFields)[];

function onlyFields(host: ImportedFields): ImportedFields {
  const { outerAddress, innerAddress, port, os, engines, zone, user, credential, proxyJump, tags } = host;
  const { enabled, claim, note } = host;
  const way = { outerAddress, innerAddress, port, engines, zone, user, credential, proxyJump };
  return { ...way, os, tags, enabled, claim, note };
}

function changedFields(host: ImportedFields, fields: ImportRow["fields"]): string[] {
  return fieldNames.filter((name) => name in fields && !sameValue(host[name], fields[name]));
}

function sameValue(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

function samePath(left: CategoryPath, right: CategoryPath | undefined): boolean {
  return left.functionCategory === right?.functionCategory && left.appCategory === right.appCategory;
}

/** Path of each application category. */
export function categoryPaths(inventory: Omit<KnownInventory, "hosts">): ReadonlyMap<number, CategoryPath> {
  const functions = new Map(inventory.functionCategories.map(({ id, name }) => [id, name]));
  return new Map(
    inventory.appCategories.map(({ id, functionCategoryId, name }) => [
      id,
      { functionCategory: functions.get(functionCategoryId) ?? "", appCategory: name },
    ]),
  );
}

function defaultCategory(path: string): CategoryPath | undefined {
  if (path.trim() === "") return undefined;
  const category = readCategoryPath(path);
  if (typeof category !== "string") return category;
  throw new OmError("request.invalid", reasonText("import_category_unusable", { fault: category }), {
    problems: [{ place: "/category", message: category }],
  });
}

function refusedRow(row: ImportRow, reason: string): RefusedRow {
  return { line: row.line, column: row.column, text: startOf(row.name), reason };
}

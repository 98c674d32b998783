import type { DiscoveredHost, EngineId } from "../../contract/engine.ts";
import { readCategoryPath } from "./import-csv.ts";
import {
  checkField,
  type ImportedFields,
  type ImportRow,
  type ParsedImport,
  type RefusedRow,
  startOf,
} from "./import-row.ts";

/** What becomes of the groups that the engine's own system has its hosts in. */
export type GroupUse = "ignore" | "tags" | "categories";

/** Groups that say nothing: every host of an Ansible inventory is in one of them. */
const emptyGroups: ReadonlySet<string> = new Set(["all", "ungrouped"]);

export interface DiscoveredOptions {
  readonly engine: EngineId;
  readonly groups: GroupUse;
  readonly category: string;
  /** Engines of a host that the inventory has already: it keeps them and gets this one besides. */
  readonly enginesOf: (name: string) => readonly EngineId[] | undefined;
}

/**
 * Hosts of an engine's own system as rows of an import; lines count them from 1. A host whose name the inventory cannot
 * take is refused; a value of it that it cannot take (an address, an account) is refused with the whole host, so that
 * nothing is half taken over. With `categories` a host's first group becomes its application category below the
 * function category `category`, with `tags` every group that can be a tag becomes one.
 */
export function discoveredRows(hosts: readonly DiscoveredHost[], options: DiscoveredOptions): ParsedImport {
  const rows: ImportRow[] = [];
  const refused: RefusedRow[] = [];
  for (const [index, host] of hosts.entries()) {
    const row = rowOf(host, index + 1, options);
    if ("reason" in row) refused.push(row);
    else rows.push(row);
  }
  return { rows, refused };
}

function rowOf(
  host: DiscoveredHost,
  line: number,
  { engine, groups: use, category, enginesOf }: DiscoveredOptions,
): ImportRow | RefusedRow {
  const refuse = (reason: string): RefusedRow => ({ line, text: startOf(host.name), reason });
  const name = checkField("name", host.name);
  if ("problem" in name) return refuse(`name: ${name.problem}`);
  const fields: { -readonly [Field in keyof ImportedFields]?: ImportedFields[Field] } = {
    engines: [...new Set([...(enginesOf(name.value) ?? []), engine])],
  };
  const given = { innerAddress: host.address, port: host.port, user: host.user, os: host.os };
  for (const [field, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const checked = checkField(field as keyof typeof given, value);
    if ("problem" in checked) return refuse(`${field}: ${checked.problem}`);
    Object.assign(fields, { [field]: checked.value });
  }
  const groups = host.groups.filter((group) => !emptyGroups.has(group));
  if (use === "tags") {
    const tags = groups.filter((group) => !("problem" in checkField("tags", [group])));
    if (tags.length > 0) fields.tags = tags.slice(0, 64);
  }
  const row = { line, column: 1, name: name.value, fields };
  const [first] = groups;
  if (use !== "categories" || first === undefined) return row;
  const path = readCategoryPath(`${category}/${first}`);
  return typeof path === "string" ? refuse(`category: ${path}`) : { ...row, category: path };
}

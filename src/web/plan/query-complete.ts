import { naturalSort } from "../../contract/host-range.ts";
import { enabledValues, runSelections } from "./query-ast.ts";
import type { QueryHost, QueryInventory } from "./query-index.ts";
import { quoteName } from "./query-lexer.ts";
import { fieldNames } from "./query-term.ts";
import { zoneFinder } from "./zones.ts";

type CompletionKind = "operator" | "selection" | "field" | "value" | "category" | "tag" | "host";

interface Completion {
  /** The part of the query that an option replaces, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly options: CompletionOption[];
}

interface CompletionOption {
  readonly text: string;
  readonly kind: CompletionKind;
  /** How many hosts it means; 0 for what is not a host set. */
  readonly count: number;
}

const mostOptions = 50;
const wantsRun = new RegExp(`(?:${runSelections.join("|")})\\(\\s*$`, "i");

/**
 * What can stand at the cursor of a query that is being written, quoted where it needs to be. The query may be broken.
 * Categories come before hosts, at most fifty options in all; hosts only once a letter of their name is there.
 */
export function completeQuery(text: string, cursor: number, inventory: QueryInventory): Completion {
  const at = Math.max(0, Math.min(cursor, text.length));
  const from = wordStart(text, at);
  const to = at + (/^[^\s(),"]*/.exec(text.slice(at))?.[0].length ?? 0);
  const typed = text.slice(from, at);
  const before = text.slice(0, from);
  if (wantsRun.test(before)) return { from, to, options: [] };
  const options = wantsOperator(before) ? operators(typed) : terms(typed, inventory);
  return { from, to, options: options.slice(0, mostOptions) };
}

/** Start of the word that the cursor is in or behind: quotes and brackets hold it together, unless a line ends. */
function wordStart(text: string, cursor: number): number {
  const line = text.slice(0, cursor).lastIndexOf("\n") + 1;
  const part = /"(?:[^"\\]|\\.)*(?:"|$)|\[[^\]\s]*(?:\]|$)|[^\s(),"[]+|[\s(),]/g;
  let start = line;
  for (const { 0: found, index } of text.slice(line, cursor).matchAll(part)) {
    if (/^[\s(),]$/.test(found)) start = line + index + 1;
  }
  return start;
}

function wantsOperator(before: string): boolean {
  return /[^\s(,]\s+$/.test(before) && !/(?:^|[\s(),])(?:and|or|not)\s+$/i.test(before);
}

function operators(typed: string): CompletionOption[] {
  return ["and", "or"].filter((word) => word.startsWith(typed.toLowerCase())).map((word) => option(word, "operator"));
}

function terms(typed: string, inventory: QueryInventory): CompletionOption[] {
  const field = /^(tag:|[a-z]+=)(.*)$/is.exec(typed);
  if (field !== null) return values(field[1]?.toLowerCase() ?? "", unquoted(field[2] ?? ""), inventory);
  const slash = typed.indexOf("/");
  if (slash >= 0) return applications(unquoted(typed.slice(0, slash)), unquoted(typed.slice(slash + 1)), inventory);
  const wanted = unquoted(typed);
  const words: readonly CompletionOption[] = [
    option("not", "operator"),
    ...fieldNames.map((name) => option(`${name}=`, "field")),
    ...runSelections.map((name) => option(`${name}(`, "selection")),
  ];
  const hosts = wanted === "" ? [] : hostsOf(inventory).filter(({ name }) => startsWith(name, wanted));
  return [
    ...functions(wanted, inventory),
    ...words.filter(({ text }) => typed !== "" && startsWith(text, typed)),
    ...naturalSort(hosts.slice(0, 1000).map(({ name }) => name)).map((name) => option(quoteName(name), "host", 1)),
  ];
}

function values(field: string, wanted: string, inventory: QueryInventory): CompletionOption[] {
  const name = field.slice(0, -1);
  switch (name) {
    case "tag":
      return counted(inventory, ({ tags }) => tags, wanted, field, "tag");
    case "os":
    case "user":
    case "credential":
      return counted(inventory, (host) => [host[name]], wanted, field, "value");
    case "zone": {
      const zoneOf = zoneFinder(inventory);
      return counted(inventory, (host) => [zoneOf(host)], wanted, field, "value");
    }
    case "engine":
      return counted(inventory, ({ engines }) => engines, wanted, field, "value");
    case "port":
      return counted(inventory, ({ port }) => [String(port)], wanted, field, "value");
    case "enabled":
      return enabledValues
        .filter((value) => startsWith(value, wanted))
        .map((value) => option(`${field}${value}`, "value"));
    case "name":
      return hostsOf(inventory)
        .filter(({ name: host }) => wanted !== "" && startsWith(host, wanted))
        .slice(0, mostOptions)
        .map(({ name: host }) => option(`${field}${quoteName(host)}`, "host", 1));
    default:
      return [];
  }
}

/** The values of the hosts that begin so, the most common first. */
function counted(
  inventory: QueryInventory,
  valuesOf: (host: QueryHost) => readonly string[],
  wanted: string,
  field: string,
  kind: CompletionKind,
): CompletionOption[] {
  const counts = new Map<string, number>();
  for (const host of hostsOf(inventory)) {
    for (const value of valuesOf(host)) if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .filter(([value]) => startsWith(value, wanted))
    .sort(([left, many], [right, more]) => more - many || (left < right ? -1 : 1))
    .map(([value, count]) => option(`${field}${quoteName(value)}`, kind, count));
}

function functions(wanted: string, inventory: QueryInventory): CompletionOption[] {
  const found = inventory.functionCategories.filter(({ name }) => startsWith(name, wanted)).slice(0, mostOptions);
  const hosts = hostsByApp(inventory);
  return found.map(({ id, name }) => {
    const apps = inventory.appCategories.filter(({ functionCategoryId }) => functionCategoryId === id);
    const count = apps.reduce((sum, app) => sum + (hosts.get(app.id) ?? 0), 0);
    return option(`${quoteName(name)}/`, "category", count);
  });
}

function applications(above: string, wanted: string, inventory: QueryInventory): CompletionOption[] {
  const parent = inventory.functionCategories.find(({ name }) => name === above);
  const hosts = hostsByApp(inventory);
  return inventory.appCategories
    .filter(({ functionCategoryId, name }) => functionCategoryId === parent?.id && startsWith(name, wanted))
    .map(({ id, name }) => option(`${quoteName(above)}/${quoteName(name)}`, "category", hosts.get(id) ?? 0));
}

function hostsByApp(inventory: QueryInventory): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { appCategoryId } of hostsOf(inventory)) counts.set(appCategoryId, (counts.get(appCategoryId) ?? 0) + 1);
  return counts;
}

/** A query leaves disabled hosts out, so its completion does not count them. */
function hostsOf({ hosts }: QueryInventory): readonly QueryHost[] {
  return hosts.filter(({ enabled }) => enabled);
}

function option(text: string, kind: CompletionKind, count = 0): CompletionOption {
  return { text, kind, count };
}

function startsWith(text: string, wanted: string): boolean {
  return text.toLowerCase().startsWith(wanted.toLowerCase());
}

/** What is typed, with the quotes of a name that is not finished yet. */
function unquoted(typed: string): string {
  return typed.replace(/"((?:[^"\\]|\\.)*)"?/gs, (_, inside: string) => inside.replace(/\\(.)/gs, "$1"));
}

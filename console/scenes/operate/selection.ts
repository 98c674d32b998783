import { expandHosts, foldHosts } from "../../../src/contract/host-range.ts";
import { appTerm, functionTerm, type QueryPart, queryParts } from "./query-text.ts";

/** What the tree knows of the inventory, to tell a category's name from a host's. */
export interface TreeIndex {
  readonly categories: readonly { readonly name: string; readonly apps: readonly string[] }[];
  /** Where a host that has been shown stands. */
  readonly hosts: ReadonlyMap<string, { readonly category: string; readonly app: string }>;
}

export type TreeNode =
  | { readonly kind: "function"; readonly category: string }
  | { readonly kind: "app"; readonly category: string; readonly app: string }
  | { readonly kind: "host"; readonly category: string; readonly app: string; readonly name: string };

/** Terms of one side of a selection, sorted by what they name. */
export interface Terms {
  /** Query terms of function categories and of app categories. */
  readonly functions: ReadonlySet<string>;
  readonly apps: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  /** Whatever else was written: globs, tags, nested conditions. Kept as text. */
  readonly rest: readonly string[];
}

/** A query of the form `this, that … and not those, …`. Every query is one: at worst as one piece of `rest`. */
export interface Selection {
  readonly include: Terms;
  readonly exclude: Terms;
}

const noTerms: Terms = { functions: new Set(), apps: new Set(), hosts: new Set(), rest: [] };
export const emptySelection: Selection = { include: noTerms, exclude: noTerms };

/** Reads a query as a selection. Never fails: text that is not of the form above stays as it is. */
export function readSelection(query: string, index: TreeIndex): Selection {
  const text = query.trim();
  if (text === "") return emptySelection;
  const whole = queryParts(text);
  if (whole === undefined) return { include: { ...noTerms, rest: [text] }, exclude: noTerms };
  if (whole.kind === "and") {
    const [left, right, ...more] = whole.parts;
    if (left !== undefined && right?.kind === "not" && left.kind !== "not" && more.length === 0) {
      return { include: sortTerms(alternatives(left), index), exclude: sortTerms(alternatives(right.of), index) };
    }
  }
  return { include: sortTerms(alternatives(whole), index), exclude: noTerms };
}

/** The query that says it; `readSelection` of it gives the same selection. */
export function writeSelection(selection: Selection): string {
  const included = termTexts(selection.include);
  const excluded = termTexts(selection.exclude);
  const [only, ...others] = selection.include.rest;
  if (only !== undefined && others.length === 0 && included.length === 1 && excluded.length === 0) return only;
  if (included.length === 0) return "";
  return excluded.length === 0 ? included.join(", ") : `${included.join(", ")} and not ${excluded.join(", ")}`;
}

/** Adds what the node stands for. */
export function select(selection: Selection, node: TreeNode, index: TreeIndex): Selection {
  const include = drop(selection.include, node, index);
  let exclude = drop(selection.exclude, node, index);
  const category = functionTerm(node.category);
  if (node.kind === "function") return { include: add(include, "functions", category), exclude };
  const app = appTerm(node.category, node.app);
  if (exclude.functions.has(category)) {
    // Out of an excluded category one part comes back: its other parts stay out one by one.
    const others = index.categories.find(({ name }) => name === node.category)?.apps ?? [];
    exclude = { ...exclude, functions: without(exclude.functions, category) };
    for (const other of others) {
      if (node.kind === "host" || other !== node.app) exclude = add(exclude, "apps", appTerm(node.category, other));
    }
  }
  if (node.kind === "app") {
    return { include: include.functions.has(category) ? include : add(include, "apps", app), exclude };
  }
  if (exclude.apps.has(app)) {
    const whole = writeSelection({ include, exclude });
    return {
      include: { ...noTerms, hosts: new Set([node.name]), rest: whole === "" ? [] : [whole] },
      exclude: noTerms,
    };
  }
  const covered = include.functions.has(category) || include.apps.has(app);
  return { include: covered ? include : add(include, "hosts", node.name), exclude };
}

/** Takes out what the node stands for. */
export function deselect(selection: Selection, node: TreeNode, index: TreeIndex): Selection {
  const include = drop(selection.include, node, index);
  const exclude = drop(selection.exclude, node, index);
  const category = functionTerm(node.category);
  // Conditions and hosts of unknown place may still reach in: then the node is named as an exception.
  const open = include.rest.length > 0 || [...include.hosts].some((name) => !index.hosts.has(name));
  if (isEmpty(include)) return emptySelection;
  if (node.kind === "function") return { include, exclude: open ? add(exclude, "functions", category) : exclude };
  const app = appTerm(node.category, node.app);
  const covered = include.functions.has(category) || (node.kind === "host" && include.apps.has(app));
  if (!covered && !open) return { include, exclude };
  return { include, exclude: node.kind === "app" ? add(exclude, "apps", app) : add(exclude, "hosts", node.name) };
}

function isEmpty(terms: Terms): boolean {
  return terms.functions.size + terms.apps.size + terms.hosts.size + terms.rest.length === 0;
}

function add(terms: Terms, kind: "functions" | "apps" | "hosts", text: string): Terms {
  return { ...terms, [kind]: new Set([...terms[kind], text]) };
}

function without(set: ReadonlySet<string>, text: string): ReadonlySet<string> {
  return new Set([...set].filter((one) => one !== text));
}

/** The terms without the node and without everything known to lie under it. */
function drop(terms: Terms, node: TreeNode, index: TreeIndex): Terms {
  if (node.kind === "host") return { ...terms, hosts: without(terms.hosts, node.name) };
  const inside = (name: string): boolean => {
    const place = index.hosts.get(name);
    return place?.category === node.category && (node.kind === "function" || place.app === node.app);
  };
  const hosts = new Set([...terms.hosts].filter((name) => !inside(name)));
  if (node.kind === "app") return { ...terms, hosts, apps: without(terms.apps, appTerm(node.category, node.app)) };
  const apps = index.categories.find(({ name }) => name === node.category)?.apps ?? [];
  const under = new Set(apps.map((app) => appTerm(node.category, app)));
  return {
    ...terms,
    hosts,
    functions: without(terms.functions, functionTerm(node.category)),
    apps: new Set([...terms.apps].filter((app) => !under.has(app))),
  };
}

/** What is joined by commas, line breaks and `or`, taken apart. */
function alternatives(part: QueryPart): readonly string[] {
  switch (part.kind) {
    case "list":
    case "or":
      return part.parts.flatMap(alternatives);
    case "group":
      return alternatives(part.of);
    case "term":
    case "and":
    case "not":
      return [part.text];
  }
}

function sortTerms(texts: readonly string[], index: TreeIndex): Terms {
  const functions = new Set(index.categories.map(({ name }) => functionTerm(name)));
  const apps = new Set(index.categories.flatMap(({ name, apps }) => apps.map((app) => appTerm(name, app))));
  const terms = {
    functions: new Set<string>(),
    apps: new Set<string>(),
    hosts: new Set<string>(),
    rest: [] as string[],
  };
  for (const text of texts) {
    const category = text.endsWith("/") ? text.slice(0, -1) : text;
    if (functions.has(category)) terms.functions.add(category);
    else if (apps.has(text)) terms.apps.add(text);
    else if (hostTerm.test(text) && text.toLowerCase() !== "all") {
      for (const name of safeExpand(text)) terms.hosts.add(name);
    } else terms.rest.push(text);
  }
  return terms;
}

/** A host's name, or a range of them: nothing that could be a condition. An address is not a name. */
const hostTerm = /^(?=.*\p{L})[\p{L}\p{N}][\p{L}\p{N}._-]*(?:\[[0-9,-]+\][\p{L}\p{N}._-]*)*$/u;

function safeExpand(text: string): readonly string[] {
  try {
    return expandHosts(text);
  } catch {
    return [text];
  }
}

function termTexts(terms: Terms): string[] {
  const folded = terms.hosts.size === 0 ? undefined : queryParts(foldHosts([...terms.hosts]));
  const hosts = folded === undefined ? [] : alternatives(folded);
  const rest = terms.rest.map((text) => {
    const kind = queryParts(text)?.kind;
    return kind === "term" || kind === "group" ? text : `(${text})`;
  });
  return [...terms.functions, ...terms.apps, ...hosts, ...rest];
}

import type { Choice } from "../../components/host-tree/tree-row.ts";
import { appTerm, functionTerm } from "./query-text.ts";
import type { Selection, Terms, TreeIndex } from "./selection.ts";

/** What the server says that the query matches. */
export interface Matched {
  has(name: string): boolean;
  /** Matching hosts by app category id. */
  readonly byApp: ReadonlyMap<number, number>;
}

/**
 * The tick of a host. The text of the query decides at once where it names host or category; conditions (globs, tags,
 * `os=…`) only the server can judge, so there its last answer holds.
 */
export function hostChoice(
  name: string,
  category: string,
  app: string,
  selection: Selection,
  matched: Matched | undefined,
): Choice {
  if (names(selection.exclude, name, category, app)) return "none";
  if (selection.exclude.rest.length === 0 && names(selection.include, name, category, app)) return "all";
  if (selection.include.rest.length === 0 && !names(selection.include, name, category, app)) return "none";
  return matched?.has(name) ? "all" : "none";
}

export function appChoice(
  app: { readonly id: number; readonly name: string; readonly hostCount: number },
  category: string,
  selection: Selection,
  matched: Matched | undefined,
  index: TreeIndex,
): Choice {
  const { include, exclude } = selection;
  const term = appTerm(category, app.name);
  const covers = (terms: Terms) => terms.functions.has(functionTerm(category)) || terms.apps.has(term);
  const holds = (terms: Terms) =>
    [...terms.hosts].some((name) => {
      const place = index.hosts.get(name);
      return place?.category === category && place.app === app.name;
    });
  if (covers(exclude)) return "none";
  const byServer = serverChoice(matched, app);
  if (covers(include)) {
    if (exclude.rest.length === 0 && !holds(exclude)) return "all";
    return byServer === undefined || byServer === "none" ? "some" : byServer;
  }
  if (byServer !== undefined && hasUnplaced(selection, index)) return byServer;
  if (!holds(include)) return "none";
  return byServer === "all" ? "all" : "some";
}

/** A category of categories: all when all of them are, none when none is. Empty categories do not count. */
export function joinChoices(choices: readonly Choice[]): Choice {
  if (choices.length > 0 && choices.every((choice) => choice === "all")) return "all";
  return choices.some((choice) => choice !== "none") ? "some" : "none";
}

function names(terms: Terms, name: string, category: string, app: string): boolean {
  return terms.hosts.has(name) || terms.functions.has(functionTerm(category)) || terms.apps.has(appTerm(category, app));
}

function serverChoice(
  matched: Matched | undefined,
  app: { readonly id: number; readonly hostCount: number },
): Choice | undefined {
  if (matched === undefined) return undefined;
  const count = matched.byApp.get(app.id) ?? 0;
  if (count === 0) return "none";
  return count >= app.hostCount ? "all" : "some";
}

/** Whether the query reaches hosts whose category its text does not tell. */
function hasUnplaced(selection: Selection, index: TreeIndex): boolean {
  return selection.include.rest.length > 0 || [...selection.include.hosts].some((name) => !index.hosts.has(name));
}

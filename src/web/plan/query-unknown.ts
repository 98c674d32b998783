import { OmError, type Problem } from "../../contract/errors.ts";
import type { QueryTerm } from "./query-ast.ts";
import { placeOf, shown, syntaxError } from "./query-error.ts";
import type { HostIndex, QueryInventory } from "./query-index.ts";
import { quoteName } from "./query-lexer.ts";
import { nearestName } from "./query-suggest.ts";

export type NamingTerm = Extract<QueryTerm, { kind: "name" | "host" | "path" | "tag" }>;

/** Problems that one answer lists; a suggestion costs a look at every name, so only the first few have one. */
const mostProblems = 20;
const mostSuggestions = 3;

/** `query.unknown_name` with a problem for each term (the first twenty) that names nothing at all. */
export function unknownNames(
  text: string,
  terms: readonly NamingTerm[],
  inventory: QueryInventory,
  index: HostIndex,
): OmError {
  const problems: Problem[] = terms.slice(0, mostProblems).map((term, number) => {
    const hint = number < mostSuggestions ? hintFor(term, inventory, index) : undefined;
    return { place: placeOf(text, term.at), message: `${missing(term)}${hint === undefined ? "" : `; ${hint}`}` };
  });
  const [first] = problems;
  const more = terms.length > 1 ? ` (and ${terms.length - 1} more unknown names)` : "";
  const message = `Column ${first?.place.slice(2)} of the query: ${first?.message}${more}.`;
  return new OmError("query.unknown_name", message, { problems });
}

/** A bare word that is the name of a host and of a function category. */
export function ambiguousName(text: string, name: string, at: number): OmError {
  const quoted = quoteName(name);
  const message = `${shown(name)} is a host and a function category, expected name=${quoted} or ${quoted}/`;
  return syntaxError(text, at, message);
}

function missing(term: NamingTerm): string {
  switch (term.kind) {
    case "name":
      return term.pattern.exact === undefined
        ? `no host is named ${shown(term.pattern.text)}`
        : `no host and no function category is named ${shown(term.pattern.text)}`;
    case "host":
      return `no host is named ${shown(term.pattern.text)}`;
    case "tag":
      return `no host has the tag ${shown(term.pattern.text)}`;
    case "path":
      return `there is no category ${shown(`${term.functionCategory.text}/${term.app?.text ?? ""}`)}`;
  }
}

/** What was probably meant, as the query would write it. */
function hintFor(term: NamingTerm, inventory: QueryInventory, index: HostIndex): string | undefined {
  const meant = otherMeaning(term, inventory, index) ?? nearest(term, inventory, index);
  return meant === undefined ? undefined : `did you mean ${meant}`;
}

/** The word is a tag or an application category, or its wildcards fit function categories. */
function otherMeaning(term: NamingTerm, inventory: QueryInventory, index: HostIndex): string | undefined {
  if (term.kind !== "name") return undefined;
  const { exact, text } = term.pattern;
  if (exact === undefined) {
    const first = /^[^*?[]+/.exec(text)?.[0];
    const fits = first !== undefined && inventory.functionCategories.some(({ name }) => name.startsWith(first));
    return fits ? `${text}/ (a function category)` : undefined;
  }
  const app = inventory.appCategories.find(({ name }) => name === exact);
  const above = inventory.functionCategories.find(({ id }) => id === app?.functionCategoryId);
  if (app !== undefined && above !== undefined) return `${quoteName(above.name)}/${quoteName(app.name)}`;
  return index.byTag.has(exact) ? `tag:${quoteName(exact)}` : undefined;
}

function nearest(term: NamingTerm, inventory: QueryInventory, index: HostIndex): string | undefined {
  const functions = inventory.functionCategories.map(({ name }) => name);
  switch (term.kind) {
    case "name": {
      const found = nearestOf(term.pattern.exact, [...functions, ...index.byName.keys()]);
      return found === undefined ? undefined : quoteName(found);
    }
    case "host": {
      const found = nearestOf(term.pattern.exact, index.byName.keys());
      return found === undefined ? undefined : `name=${quoteName(found)}`;
    }
    case "tag": {
      const found = nearestOf(term.pattern.exact, index.byTag.keys());
      return found === undefined ? undefined : `tag:${quoteName(found)}`;
    }
    case "path": {
      const { functionCategory, app } = term;
      const above = nearestOf(functionCategory.exact, functions);
      if (above === undefined) return undefined;
      if (app === undefined) return `${quoteName(above)}/`;
      const ids = new Set(inventory.functionCategories.filter(({ name }) => name === above).map(({ id }) => id));
      const apps = inventory.appCategories.filter(({ functionCategoryId }) => ids.has(functionCategoryId));
      const below = nearestOf(
        app.exact,
        apps.map(({ name }) => name),
      );
      return below === undefined ? undefined : `${quoteName(above)}/${quoteName(below)}`;
    }
  }
}

function nearestOf(name: string | undefined, candidates: Iterable<string>): string | undefined {
  return name === undefined ? undefined : nearestName(name, candidates);
}

import { OmError, type Problem } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { QueryTerm, RunTerm } from "./query-ast.ts";
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
    const meant = number < mostSuggestions ? meantBy(term, inventory, index) : undefined;
    return { place: placeOf(text, term.at), message: missing(term, meant) };
  });
  const [first] = problems;
  const at = { column: first?.place.slice(2) ?? "", fault: first?.message ?? "" };
  const message =
    terms.length > 1 ? reasonText("query_at_more", { ...at, count: terms.length - 1 }) : reasonText("query_at", at);
  return new OmError("query.unknown_name", message, { problems });
}

/** `query.unknown_name` for a run that is not there (any more: `isOld`), or that who asks may not see. */
export function unknownRun(text: string, { runId, at }: RunTerm, isOld: boolean): OmError {
  const place = placeOf(text, at);
  const message = reasonText(isOld ? "query_run_deleted" : "query_no_run", { run: runId });
  return new OmError("query.unknown_name", reasonText("query_at", { column: place.slice(2), fault: message }), {
    problems: [{ place, message }],
  });
}

/** A bare word that is the name of a host and of a function category. */
export function ambiguousName(text: string, name: string, at: number): OmError {
  const quoted = quoteName(name);
  const message = reasonText("query_ambiguous", { name: shown(name), quoted });
  return syntaxError(text, at, message);
}

function missing(term: NamingTerm, meant: string | undefined): string {
  switch (term.kind) {
    case "name":
      return unnamed(
        term.pattern.exact === undefined ? "query_no_host" : "query_nothing_named",
        term.pattern.text,
        meant,
      );
    case "host":
      return unnamed("query_no_host", term.pattern.text, meant);
    case "tag":
      return unnamed("query_no_host_tag", term.pattern.text, meant);
    case "path":
      return unnamed("query_no_category", `${term.functionCategory.text}/${term.app?.text ?? ""}`, meant);
  }
}

type Unnamed = "query_no_host" | "query_nothing_named" | "query_no_host_tag" | "query_no_category";

function unnamed(code: Unnamed, text: string, meant: string | undefined): string {
  const name = shown(text);
  return meant === undefined ? reasonText(code, { name }) : reasonText(`${code}_meant`, { name, meant });
}

/** What was probably meant, as the query would write it. */
function meantBy(term: NamingTerm, inventory: QueryInventory, index: HostIndex): string | undefined {
  return otherMeaning(term, inventory, index) ?? nearest(term, inventory, index);
}

/** The word is a tag or an application category, or its wildcards fit function categories. */
function otherMeaning(term: NamingTerm, inventory: QueryInventory, index: HostIndex): string | undefined {
  if (term.kind !== "name") return undefined;
  const { exact, text } = term.pattern;
  if (exact === undefined) {
    const first = /^[^*?[]+/.exec(text)?.[0];
    const fits = first !== undefined && inventory.functionCategories.some(({ name }) => name.startsWith(first));
    return fits ? reasonText("query_function_meant", { name: text }) : undefined;
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

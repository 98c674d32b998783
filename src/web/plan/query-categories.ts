import type { QueryTerm } from "./query-ast.ts";
import type { QueryInventory } from "./query-index.ts";
import { matcherOf, type Pattern } from "./query-pattern.ts";

type PathTerm = Extract<QueryTerm, { kind: "path" }>;
type Categories = Pick<QueryInventory, "functionCategories" | "appCategories">;
type AppCategory = Categories["appCategories"][number];

/** The category tree by name. */
export class CategoryTree {
  readonly #functions: ReadonlyMap<string, number>;
  readonly #apps: ReadonlyMap<number, ReadonlyMap<string, AppCategory>>;

  constructor({ functionCategories, appCategories }: Categories) {
    this.#functions = new Map(functionCategories.map(({ id, name }) => [name, id]));
    const apps = new Map<number, Map<string, AppCategory>>();
    for (const app of appCategories) {
      const names = apps.get(app.functionCategoryId);
      if (names === undefined) apps.set(app.functionCategoryId, new Map([[app.name, app]]));
      else names.set(app.name, app);
    }
    this.#apps = apps;
  }

  hasFunction(name: string): boolean {
    return this.#functions.has(name);
  }

  /** Application categories of a path; undefined when the path names nothing. */
  appsOf(term: Pick<PathTerm, "functionCategory" | "app">): readonly number[] | undefined {
    const { functionCategory, app } = term;
    const functions = named(this.#functions, functionCategory);
    if (functions.length === 0) return undefined;
    const perFunction = functions.map((id) => this.#apps.get(id) ?? new Map<string, AppCategory>());
    if (app === undefined) return perFunction.flatMap((apps) => [...apps.values()].map(({ id }) => id));
    const found = perFunction.flatMap((apps) => named(apps, app));
    return found.length === 0 ? undefined : found.map(({ id }) => id);
  }
}

function named<Value>(byName: ReadonlyMap<string, Value>, pattern: Pattern): Value[] {
  if (pattern.exact !== undefined) {
    const value = byName.get(pattern.exact);
    return value === undefined ? [] : [value];
  }
  const matches = matcherOf(pattern);
  return [...byName].filter(([name]) => matches(name)).map(([, value]) => value);
}

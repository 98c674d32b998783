import type { AppCategory, FunctionCategory } from "../../api/types.ts";
import type { TreeRow } from "../../components/host-tree/tree-row.ts";
import { appTerm, functionTerm } from "../operate/query-text.ts";

export interface CategoryRow extends TreeRow {
  /** What shows its hosts; empty for all. */
  readonly query: string;
  readonly category?: FunctionCategory;
  readonly app?: AppCategory;
}

/** The category tree as rows to show: all hosts first, then every function category with its app categories, if open. */
export function categoryRows(
  tree: readonly FunctionCategory[],
  closed: ReadonlySet<number>,
  allName: string,
): readonly CategoryRow[] {
  const siblings = tree.length + 1;
  const total = tree.reduce((sum, category) => sum + category.hostCount, 0);
  const common = { choice: "none", level: 1 } as const;
  const rows: CategoryRow[] = [
    { ...common, id: "all", kind: "function", name: allName, count: total, place: 1, siblings, query: "" },
  ];
  tree.forEach((category, place) => {
    const { id, name, hostCount: count, appCategories } = category;
    const open = appCategories.length === 0 ? {} : { expanded: !closed.has(id) };
    const query = functionTerm(name);
    rows.push({
      ...common,
      id: `f${id}`,
      kind: "function",
      name,
      count,
      place: place + 2,
      siblings,
      query,
      category,
      ...open,
    });
    if (closed.has(id)) return;
    appCategories.forEach((app, appPlace) => {
      rows.push({
        ...common,
        id: `a${app.id}`,
        kind: "app",
        level: 2,
        name: app.name,
        count: app.hostCount,
        place: appPlace + 1,
        siblings: appCategories.length,
        query: appTerm(name, app.name),
        category,
        app,
      });
    });
  });
  return rows;
}

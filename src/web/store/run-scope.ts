import { sql } from "kysely";
import type { Queries } from "./database.ts";
import type { Scope } from "./repositories/runs.ts";
import { hiddenState } from "./run-rows.ts";

export type SelectRuns = (queries: Queries) => ReturnType<typeof runsInScope>;

/** Runs of which no host lies outside the scope; not those that are being deleted. */
export function runsInScope(queries: Queries, scope: Scope) {
  const query = queries.selectFrom("run").selectAll("run").where("run.state", "!=", hiddenState);
  if (scope === "all") return query;
  const ids = scope.filter((id) => Number.isSafeInteger(id));
  if (ids.length === 0) return query.where(sql<boolean>`1 = 0`);
  // As literals: a scope may hold more of them than a statement takes parameters.
  const list = sql.join(ids.map((id) => sql.lit(id)));
  return query.where(({ not, exists }) =>
    not(
      exists(
        queries
          .selectFrom("run_app_category")
          .select("run_app_category.run_id")
          .where("run_app_category.run_id", "=", sql.ref<number>("run.id"))
          .where(sql<boolean>`run_app_category.app_category_id not in (${list})`),
      ),
    ),
  );
}

import type { RunFilter } from "./repositories/runs.ts";
import type { runsInScope } from "./run-scope.ts";

/** Those of the runs that the filter means. */
export function runsLike(runs: ReturnType<typeof runsInScope>, filter: RunFilter): ReturnType<typeof runsInScope> {
  const { state, moduleId, requestedBy, notRequestedBy, danger, keysOf, hostId, from, to } = filter;
  let query = runs;
  if (state !== undefined) query = query.where("run.state", "in", someOf(state));
  if (moduleId !== undefined) query = query.where("run.module_id", "=", moduleId);
  if (requestedBy !== undefined) query = query.where("run.requested_by", "=", requestedBy);
  if (notRequestedBy !== undefined) query = query.where("run.requested_by_user_id", "!=", notRequestedBy);
  if (danger !== undefined) query = query.where("run.danger", "in", someOf(danger));
  if (keysOf !== undefined) {
    const { moduleId: number, keys } = keysOf;
    query = query.where(({ eb, or }) =>
      or([eb("run.module_id", "!=", number), eb("run.module_key", "in", someOf(keys))]),
    );
  }
  if (from !== undefined) query = query.where("run.created_at", ">=", from);
  if (to !== undefined) query = query.where("run.created_at", "<", to);
  if (hostId !== undefined) {
    query = query.where("run.id", "in", ({ selectFrom }) =>
      selectFrom("execution").select("execution.run_id").where("execution.host_id", "=", hostId),
    );
  }
  return query;
}

/** A list of SQL must hold something. */
function someOf<Text extends string>(texts: readonly Text[]): readonly (Text | "")[] {
  return texts.length > 0 ? texts : [""];
}

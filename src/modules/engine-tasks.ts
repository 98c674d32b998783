import type { EngineId, Task } from "../contract/engine.ts";

const everyKind = ["command", "script", "file", "native"] as const satisfies readonly Task["kind"][];
const posixKinds = ["command", "script", "file"] as const satisfies readonly Task["kind"][];

/** An exhaustive table, so that a new engine does not compile without its row. */
const kinds: Readonly<Record<EngineId, readonly Task["kind"][]>> = {
  ssh: posixKinds,
  local: posixKinds,
  mock: everyKind,
  ansible: everyKind,
  salt: everyKind,
  func: everyKind,
  // The old wire carries a module's number and its form values, no text of ours.
  "omserver-v1": ["native"],
};

/**
 * The kinds of task that an engine carries, as fixed data: planning decides by it without asking a controller, and an
 * engine's `capabilities.tasks` is this list.
 */
export function taskKindsOf(engine: EngineId): readonly Task["kind"][] {
  return kinds[engine];
}

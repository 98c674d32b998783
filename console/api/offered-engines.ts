import { type EngineId, engineIds } from "../../src/contract/engine.ts";
import type { Controller } from "./types.ts";

export interface EngineOption {
  readonly id: EngineId;
  /** `absent`: no controller of this installation has it. */
  readonly standing: "usable" | "unusable" | "absent";
}

/**
 * The engines that the controllers have, each once; usable where one of them can use it. Then those of `chosen` that
 * none of them has, so that what is set already can be seen and taken away.
 */
export function offeredEngines(
  controllers: readonly Pick<Controller, "state" | "engines">[],
  chosen: readonly EngineId[] = [],
): EngineOption[] {
  const reports = controllers.flatMap(({ state, engines }) => (state === "revoked" ? [] : engines));
  const offered = engineIds.flatMap((id): EngineOption[] => {
    const own = reports.filter((report) => report.id === id);
    if (own.length === 0) return [];
    return [{ id, standing: own.some(({ usable }) => usable) ? "usable" : "unusable" }];
  });
  const absent = chosen.filter((id) => !offered.some((each) => each.id === id));
  return [...offered, ...absent.map((id): EngineOption => ({ id, standing: "absent" }))];
}

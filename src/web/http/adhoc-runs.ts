import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { runRequest } from "../../contract/http/schemas.ts";
import { adhocModule } from "../../modules/adhoc.ts";
import type { PlanInput, PlannedRun } from "../plan/plan-run.ts";
import type { Run } from "../store/store.ts";

/** Runs of a command or script that was typed for once. The run's record keeps it as its parameters. */

export type PlanModule = PlanInput["module"];
type Typed = Pick<z.output<typeof runRequest>, "module" | "command" | "script">;

/** Module number of what was typed: the catalogue begins at 1. */
const adhocId = 0;

export function adhocPlanModule({ command, script }: Typed): PlanModule {
  if (command !== undefined) return { id: adhocId, version: 0, manifest: adhocModule({ command }) };
  if (script !== undefined) return { id: adhocId, version: 0, manifest: adhocModule({ script }) };
  throw new OmError("request.invalid", "An ad-hoc run needs a command or a script.");
}

/** Shows in the record what was typed; the plan, and so its hash, stays as it is. */
export function recordOfAdhoc(planned: PlannedRun, { command, script }: Typed): PlannedRun {
  if (planned.module.id !== adhocId) return planned;
  const shownParameters: PlannedRun["shownParameters"] =
    command !== undefined
      ? { command: JSON.stringify(command) }
      : { interpreter: JSON.stringify(script?.interpreter ?? []), script: script?.text ?? "" };
  return { ...planned, shownParameters };
}

/** What was typed for that run; undefined for a run of the catalogue. */
export function adhocFromRecord(run: Run): Typed | undefined {
  if (run.moduleId !== adhocId) return undefined;
  const { command, interpreter, script } = run.parameters;
  if (typeof command === "string") return { command: argv(command) };
  if (typeof interpreter === "string" && typeof script === "string") {
    return { script: { interpreter: argv(interpreter), text: script } };
  }
  throw new OmError("module.parameters", `What run ${run.id} ran is not kept. Start it as a new run.`);
}

function argv(text: string): string[] {
  return (JSON.parse(text) as unknown[]).map(String);
}

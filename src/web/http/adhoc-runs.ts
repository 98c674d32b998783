import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { runRequest } from "../../contract/http/schemas/runs.ts";
import type { ModuleManifest } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { adhocModule } from "../../modules/adhoc.ts";
import { parseModule } from "../../modules/parse.ts";
import type { PlanInput, PlannedRun } from "../plan/plan-run.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { RunSource } from "./run-rights.ts";

/** Runs of a command or script that was typed for once. The run's record keeps it as its parameters. */

export type PlanModule = PlanInput["module"];
type Typed = Pick<z.output<typeof runRequest>, "module" | "command" | "script" | "draft">;

/** Module number of what was typed: the catalogue begins at 1. */
export const adhocId = 0;
/** Keys of what was typed; no draft may have them. */
export const adhocKeys: readonly string[] = ["command", "script"];

export function adhocPlanModule({ command, script, draft }: Typed): PlanModule {
  if (draft !== undefined) return { id: adhocId, version: 0, manifest: draftManifest(draft.source) };
  if (command !== undefined) return { id: adhocId, version: 0, manifest: adhocModule({ command }) };
  if (script !== undefined) return { id: adhocId, version: 0, manifest: adhocModule({ script }) };
  throw new OmError("request.invalid", reasonText("adhoc_empty"));
}

/** Shows in the record what was typed; the plan, and so its hash, stays as it is. */
export function recordOfAdhoc(planned: PlannedRun, { command, script }: Typed): PlannedRun {
  if (planned.module.id !== adhocId || (command === undefined && script === undefined)) return planned;
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
  // A draft can have parameters of these names, which are no command.
  const isTyped = adhocKeys.includes(run.moduleKey);
  if (isTyped && typeof command === "string") return { command: argv(command) };
  if (isTyped && typeof interpreter === "string" && typeof script === "string") {
    return { script: { interpreter: argv(interpreter), text: script } };
  }
  throw new OmError("module.parameters", reasonText("adhoc_not_kept", { run: run.id }));
}

/** Throws `module.invalid` with the places of its faults. The run's name says that it was no module of the catalogue. */
function draftManifest(source: string): ModuleManifest {
  const manifest = parseModule(source);
  if (adhocKeys.includes(manifest.key)) {
    throw new OmError("module.invalid", reasonText("adhoc_key_taken", { key: manifest.key }), {
      problems: [{ place: "/key", message: reasonText("adhoc_key") }],
    });
  }
  const { zh, en } = manifest.name;
  return { ...manifest, id: adhocId, name: { zh: `${zh}（草稿）`, en: `${en} (draft)` } };
}

/** Where what a run carries out came from. */
export function sourceOf({ moduleId, moduleKey }: Pick<Run, "moduleId" | "moduleKey">): RunSource {
  if (moduleId !== adhocId) return "catalogue";
  return adhocKeys.includes(moduleKey) ? "typed" : "draft";
}

/** A draft is for looking whether it works; the catalogue is for fleets. */
export function requireOneHost(planned: PlannedRun, { draft }: Typed): void {
  if (draft === undefined || planned.hosts.length === 1) return;
  throw new OmError("request.invalid", reasonText("draft_one_host", { count: planned.hosts.length }), {
    problems: [{ place: "/query", message: reasonText("match_one_host") }],
  });
}

function argv(text: string): string[] {
  return (JSON.parse(text) as unknown[]).map(String);
}

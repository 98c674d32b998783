import type { z } from "zod";
import { OmError } from "../contract/errors.ts";
import type { ModuleManifest } from "../contract/module.ts";
import { readReason, reasonText } from "../contract/reasons.ts";
import { zodFault } from "../contract/zod-fault.ts";
import { checkManifest } from "./manifest-checks.ts";
import type { ManifestProblem } from "./manifest-problem.ts";
import { manifestSchema } from "./manifest-schema.ts";
import { withScripts } from "./script-files.ts";
import { readYaml } from "./yaml-source.ts";

/** A fault of a manifest's text. `line` and `column` count from 1. */
export interface ModuleProblem {
  readonly place: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/**
 * The manifest that a text (YAML or JSON) holds. `id` is 0 where the text has none. `scripts` are the files that
 * `script: {file: name}` may name; there are none outside a module folder.
 * Throws OmError `module.invalid` with every problem and its place.
 */
export function parseModule(source: string, scripts: ReadonlyMap<string, string> = new Map()): ModuleManifest {
  const { manifest, problems } = readModule(source, scripts);
  if (manifest) return manifest;
  throw new OmError("module.invalid", summary(problems), { problems });
}

/** What is wrong with a manifest's text, in its order; nothing when it is good. Never throws. */
export function moduleProblems(source: string): readonly ModuleProblem[] {
  return readModule(source, new Map()).problems;
}

/** The same checks for a manifest that is already data; places are JSON pointers. Throws OmError `module.invalid`. */
export function checkedManifest(value: unknown): ModuleManifest {
  const { manifest, problems } = judge(value);
  if (manifest) return manifest;
  const placed = problems.map(({ path, message }) => ({ place: pointer(path), message: subject(path, message) }));
  throw new OmError("module.invalid", summary(placed), { problems: placed });
}

function readModule(
  source: string,
  scripts: ReadonlyMap<string, string>,
): { manifest?: ModuleManifest; problems: readonly ModuleProblem[] } {
  const read = readYaml(source);
  if ("problems" in read) return { problems: read.problems };
  const { manifest, problems } = judge(withScripts(read.value, scripts));
  if (manifest) return { manifest, problems: [] };
  const placed = problems.map(({ path, atKey, message }) => {
    const { line, column } = read.place(path, atKey === true);
    return { place: `${line}:${column}`, line, column, message: subject(path, message) };
  });
  return { problems: placed.sort((left, right) => left.line - right.line || left.column - right.column) };
}

function judge(value: unknown): { manifest?: ModuleManifest; problems: readonly ManifestProblem[] } {
  const shaped = manifestSchema.safeParse(value, { reportInput: true });
  if (!shaped.success) return { problems: shaped.error.issues.flatMap(issueProblems) };
  const problems = checkManifest(shaped.data);
  return problems.length > 0 ? { problems } : { manifest: shaped.data, problems };
}

function issueProblems(issue: z.core.$ZodIssue): ManifestProblem[] {
  const path = issue.path.filter((key) => typeof key !== "symbol");
  if ("input" in issue && issue.input === undefined) return [{ path, message: reasonText("module_is_missing") }];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], atKey: true, message: zodFault(issue) }));
  }
  if (issue.code === "invalid_key") {
    const [inner] = issue.issues;
    const known = inner !== undefined && readReason(inner.message) !== undefined;
    return [{ path, atKey: true, message: known ? inner.message : reasonText("module_not_known") }];
  }
  return [{ path, message: zodFault(issue) }];
}

/** `run.all.argv[1]: must be text`. */
function subject(path: readonly (string | number)[], message: string): string {
  const name = path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`),
    "",
  );
  return name === ""
    ? reasonText("module_whole", { fault: message })
    : reasonText("fault_at", { place: name, fault: message });
}

function pointer(path: readonly (string | number)[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function summary(problems: readonly { readonly place: string; readonly message: string }[]): string {
  const [first] = problems;
  const at = {
    place: first?.place || reasonText("module_top"),
    fault: first?.message ?? reasonText("module_unreadable"),
  };
  return problems.length > 1
    ? reasonText("module_faulty_more", { ...at, count: problems.length - 1 })
    : reasonText("module_faulty", at);
}

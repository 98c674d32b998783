import { OmError, type Problem } from "../contract/errors.ts";
import type { ModuleManifest, ParameterValue, ParameterValues } from "../contract/module.ts";
import { fileActionProblems } from "./file-action.ts";
import { playbookProblems } from "./playbook-action.ts";
import { valueProblem } from "./values.ts";

/** All of a host's arguments and environment share one limit in Linux (ARG_MAX, commonly 2 MiB, never below 128 KiB). */
export const largestTotalBytes = 512 * 1024;

/**
 * The values as the module takes them: checked against its form, defaults added, in the form's order. Nothing is
 * converted: `"5"` is no integer.
 * Throws OmError `module.parameters` with a problem for each wrong, missing or unknown parameter (`/name`).
 */
export function validateParameters(manifest: ModuleManifest, values: ParameterValues): ParameterValues {
  const { properties, required = [] } = manifest.parameters;
  const problems: Problem[] = Object.keys(values)
    .filter((name) => !Object.hasOwn(properties, name))
    .map((name) => ({ place: pointer(name), message: unknownMessage(manifest, name) }));
  const taken: [string, ParameterValue][] = [];
  let bytes = 0;
  for (const [name, property] of Object.entries(properties)) {
    const value = Object.hasOwn(values, name) && values[name] !== undefined ? values[name] : property.default;
    if (value === undefined) {
      if (required.includes(name)) problems.push({ place: pointer(name), message: `“${name}” is missing` });
      continue;
    }
    const wrong = valueProblem(property, value);
    if (wrong) {
      problems.push({ place: pointer(name), message: `“${name}” ${wrong}` });
      continue;
    }
    taken.push([name, value]);
    bytes += Buffer.byteLength(String(value));
  }
  if (bytes > largestTotalBytes) {
    problems.push({ place: "", message: "all parameters together must be at most 512 KiB; use library files" });
  }
  const result = Object.fromEntries(taken);
  if (problems.length === 0) {
    problems.push(...fileActionProblems(manifest, result), ...playbookProblems(manifest, result));
  }
  if (problems.length > 0) throw parametersError(manifest, problems);
  return result;
}

/** Names of the parameters whose values nobody may see again. */
export function secretParameters(manifest: ModuleManifest): string[] {
  return Object.entries(manifest.parameters.properties)
    .filter(([, property]) => property.format === "password")
    .map(([name]) => name);
}

export function parametersError(manifest: ModuleManifest, problems: readonly Problem[]): OmError {
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const what = problems[0]?.message ?? "a parameter is wrong";
  return new OmError("module.parameters", `Module “${manifest.key}”: ${what}${more}.`, { problems });
}

function unknownMessage(manifest: ModuleManifest, name: string): string {
  const names = Object.keys(manifest.parameters.properties);
  const known = names.length === 0 ? "the module takes none" : `the module takes: ${names.join(", ")}`;
  return `there is no parameter “${name.length > 64 ? `${name.slice(0, 64)}…` : name}”; ${known}`;
}

function pointer(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

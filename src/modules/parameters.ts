import { OmError, type Problem } from "../contract/errors.ts";
import type { ModuleManifest, ParameterValue, ParameterValues } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
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
      if (required.includes(name))
        problems.push({ place: pointer(name), message: reasonText("parameter_missing", { name }) });
      continue;
    }
    const wrong = valueProblem(property, value);
    if (wrong) {
      problems.push({ place: pointer(name), message: reasonText("parameter_fault", { name, fault: wrong }) });
      continue;
    }
    taken.push([name, value]);
    bytes += Buffer.byteLength(String(value));
  }
  if (bytes > largestTotalBytes) {
    problems.push({ place: "", message: reasonText("parameters_long") });
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
  const what = { module: manifest.key, fault: problems[0]?.message ?? reasonText("parameter_wrong") };
  const message =
    problems.length > 1
      ? reasonText("parameters_faulty_more", { ...what, count: problems.length - 1 })
      : reasonText("parameters_faulty", what);
  return new OmError("module.parameters", message, { problems });
}

function unknownMessage(manifest: ModuleManifest, given: string): string {
  const names = Object.keys(manifest.parameters.properties);
  const name = given.length > 64 ? `${given.slice(0, 64)}…` : given;
  return names.length === 0
    ? reasonText("parameter_unknown_none", { name })
    : reasonText("parameter_unknown", { name, names: names.join(", ") });
}

function pointer(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

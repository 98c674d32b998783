import type { ParameterProperty, ParameterSchema } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
import { type ManifestProblem, noParameter, type Path } from "./manifest-problem.ts";
import { patternProblem } from "./pattern.ts";
import { valueProblem } from "./values.ts";

export const mostParameters = 64;

/** What is wrong with the parameters of a manifest: names, limits, and values that do not keep them. */
export function checkParameters(schema: ParameterSchema): ManifestProblem[] {
  const path = ["parameters", "properties"];
  const names = Object.keys(schema.properties);
  const problems: ManifestProblem[] = Object.entries(schema.properties).flatMap(([name, property]) =>
    checkProperty(property, [...path, name]),
  );
  if (names.length > mostParameters)
    problems.push({ path, message: reasonText("manifest_parameters_many", { count: mostParameters }) });
  const required = schema.required ?? [];
  required.forEach((name, index) => {
    const place = ["parameters", "required", index];
    if (!Object.hasOwn(schema.properties, name)) problems.push({ path: place, message: noParameter(name, names) });
    else if (required.indexOf(name) !== index)
      problems.push({ path: place, message: reasonText("manifest_names_twice", { name }) });
  });
  return problems;
}

const onlyFor: Readonly<Record<string, readonly ParameterProperty["type"][]>> = {
  minimum: ["integer", "number"],
  maximum: ["integer", "number"],
  minLength: ["string"],
  maxLength: ["string"],
  pattern: ["string"],
  format: ["string"],
  enum: ["string", "integer", "number"],
};

function checkProperty(property: ParameterProperty, path: Path): ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  function report(key: string, message: string, ...more: (string | number)[]): void {
    problems.push({ path: [...path, key, ...more], message });
  }
  for (const [key, types] of Object.entries(onlyFor)) {
    if (key in property && !types.includes(property.type)) {
      problems.push({
        path: [...path, key],
        atKey: true,
        message: reasonText("manifest_not_with_type", { type: property.type }),
      });
    }
  }
  if (problems.length > 0) return problems;
  const { minimum, maximum, minLength, maxLength, pattern } = property;
  if (minimum !== undefined && maximum !== undefined && minimum > maximum)
    report("maximum", reasonText("manifest_below_minimum"));
  if (minLength !== undefined && maxLength !== undefined && minLength > maxLength) {
    report("maxLength", reasonText("manifest_below_min_length"));
  }
  const wrongPattern = pattern === undefined ? undefined : patternProblem(pattern);
  if (wrongPattern) report("pattern", wrongPattern);
  if (property.format === "password") {
    for (const key of ["default", "const", "enum", "examples"] as const) {
      if (property[key] !== undefined) report(key, reasonText("manifest_secret_shown"));
    }
  }
  const labels = new Set((property.enum ?? []).map(String));
  for (const language of ["x-zh", "x-en"] as const) {
    for (const label of Object.keys(property[language]?.enum ?? {})) {
      if (!labels.has(label)) report(language, reasonText("manifest_label_stray"), "enum", label);
    }
  }
  if (problems.length > 0) return problems;
  const { default: _default, const: _const, examples: _examples, ...bare } = property;
  (property.enum ?? []).forEach((value, index) => {
    const wrong = valueProblem({ ...bare, enum: undefined }, value);
    if (wrong)
      report("enum", reasonText("manifest_value_fault", { value: JSON.stringify(value), fault: wrong }), index);
    else if (property.enum?.indexOf(value) !== index) report("enum", `names ${JSON.stringify(value)} twice`, index);
  });
  for (const key of ["const", "default"] as const) {
    const value = property[key];
    const wrong = value === undefined ? undefined : valueProblem(key === "default" ? property : bare, value);
    const code = key === "default" ? "manifest_default_fault" : "manifest_constant_fault";
    if (wrong) report(key, reasonText(code, { value: JSON.stringify(value), fault: wrong }));
  }
  (property.examples ?? []).forEach((value, index) => {
    const wrong = valueProblem(property, value);
    if (wrong)
      report("examples", reasonText("manifest_example_fault", { value: JSON.stringify(value), fault: wrong }), index);
  });
  return problems;
}

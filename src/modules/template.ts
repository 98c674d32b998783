import type { ArgumentTemplate, ParameterValue, ParameterValues } from "../contract/module.ts";

/**
 * What a template becomes: exactly one value, or undefined when it has none. A value is never cut, joined, split or
 * read again, so whatever it holds stays one argument.
 */
export function resolveTemplate(template: ArgumentTemplate, values: ParameterValues): ParameterValue | undefined {
  if (typeof template === "string") return template;
  const value = Object.hasOwn(values, template.parameter) ? values[template.parameter] : undefined;
  const found = value === undefined || !template.values ? value : lookUp(template.values, String(value));
  if (found !== undefined) return found;
  return template.otherwise === undefined ? undefined : resolveTemplate(template.otherwise, values);
}

/** The arguments of a list, those without a value left out. */
export function resolveArguments(templates: readonly ArgumentTemplate[], values: ParameterValues): string[] {
  return templates
    .map((template) => resolveTemplate(template, values))
    .filter((value) => value !== undefined)
    .map(String);
}

/** The parameters that a template asks, in its order. */
export function parametersOf(template: ArgumentTemplate): string[] {
  if (typeof template === "string") return [];
  return [template.parameter, ...(template.otherwise === undefined ? [] : parametersOf(template.otherwise))];
}

function lookUp(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

import { Validator } from "@cfworker/json-schema";
import type { ParameterProperty } from "../contract/module.ts";
import { formatProblem } from "./formats.ts";
import { matchesPattern } from "./pattern.ts";

/**
 * A value travels as one argument or environment entry, which Linux limits to 131,072 bytes
 * (MAX_ARG_STRLEN, execve(2)); this leaves room for the entry's name.
 */
export const largestValueBytes = 131_000;

/** What is wrong with a value for this parameter, as a message that follows its name; undefined when it is right. */
export function valueProblem(property: ParameterProperty, value: unknown): string | undefined {
  if (typeof value === "string") {
    const bytes = Buffer.byteLength(value);
    if (bytes > largestValueBytes) {
      return `must be at most ${largestValueBytes.toLocaleString("en")} bytes long (it has ${bytes.toLocaleString("en")}); send longer text as a library file`;
    }
    if (value.includes("\0")) return "must not contain a NUL character";
    if (!value.isWellFormed()) return "must be well-formed Unicode";
  }
  const schemaProblem = schemaProblemOf(property, value);
  if (schemaProblem) return schemaProblem;
  if (typeof value === "number" && !Number.isFinite(value)) return "must be a finite number";
  if (typeof value === "number" && property.type === "integer" && !Number.isSafeInteger(value)) {
    return "must be an integer between -(2^53 - 1) and 2^53 - 1";
  }
  if (typeof value !== "string") return undefined;
  if (property.pattern !== undefined) {
    const matches = matchesPattern(property.pattern, value);
    if (matches === "too slow") return `could not be matched against the pattern ${property.pattern} in time`;
    if (!matches) return `must match the pattern ${property.pattern}`;
  }
  return formatProblem(property.format, value);
}

/** Patterns and formats are checked apart: a pattern under a time limit, formats by our own rules. */
function schemaProblemOf(property: ParameterProperty, value: unknown): string | undefined {
  const { pattern: _pattern, format: _format, ...schema } = property;
  const { enum: choices, ...rest } = schema;
  const validator = new Validator(
    { ...rest, examples: undefined, ...(choices ? { enum: [...choices] } : {}) },
    "2020-12",
    true,
  );
  const result = validator.validate(value);
  if (result.valid) return undefined;
  return messageOf(property, result.errors.at(-1)?.keyword ?? "", result.errors.at(-1)?.error ?? "is not valid");
}

function messageOf(property: ParameterProperty, keyword: string, error: string): string {
  switch (keyword) {
    case "type":
      return {
        string: "must be text",
        integer: "must be an integer",
        number: "must be a number",
        boolean: "must be true or false",
      }[property.type];
    case "enum":
      return `must be one of ${(property.enum ?? []).join(", ")}`;
    case "const":
      return `must be ${JSON.stringify(property.const)}`;
    case "minimum":
      return `must be at least ${property.minimum}`;
    case "maximum":
      return `must be at most ${property.maximum}`;
    case "minLength":
      return property.minLength === 1 ? "must not be empty" : `must have at least ${property.minLength} characters`;
    case "maxLength":
      return `must have at most ${property.maxLength} characters`;
    default:
      return error;
  }
}

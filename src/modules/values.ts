import { Validator } from "@cfworker/json-schema";
import type { ParameterProperty } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
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
      return reasonText("value_bytes", {
        most: largestValueBytes.toLocaleString("en"),
        bytes: bytes.toLocaleString("en"),
      });
    }
    if (value.includes("\0")) return reasonText("field_no_nul");
    if (!value.isWellFormed()) return reasonText("text_well_formed_only");
  }
  const schemaProblem = schemaProblemOf(property, value);
  if (schemaProblem) return schemaProblem;
  if (typeof value === "number" && !Number.isFinite(value)) return reasonText("value_finite");
  if (typeof value === "number" && property.type === "integer" && !Number.isSafeInteger(value)) {
    return reasonText("value_safe_integer");
  }
  if (typeof value !== "string") return undefined;
  if (property.pattern !== undefined) {
    const matches = matchesPattern(property.pattern, value);
    if (matches === "too slow") return reasonText("value_pattern_slow", { pattern: property.pattern });
    if (!matches) return reasonText("value_pattern", { pattern: property.pattern });
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
  return messageOf(property, result.errors.at(-1)?.keyword ?? "");
}

function messageOf(property: ParameterProperty, keyword: string): string {
  switch (keyword) {
    case "type":
      return {
        string: reasonText("value_text"),
        integer: reasonText("value_integer"),
        number: reasonText("value_number"),
        boolean: reasonText("value_boolean"),
      }[property.type];
    case "enum":
      return reasonText("value_one_of", { values: (property.enum ?? []).join(", ") });
    case "const":
      return reasonText("must_be", { value: JSON.stringify(property.const) });
    case "minimum":
      return reasonText("value_at_least", { limit: property.minimum ?? "" });
    case "maximum":
      return reasonText("value_at_most", { limit: property.maximum ?? "" });
    case "minLength":
      return property.minLength === 1
        ? reasonText("must_not_be_empty")
        : reasonText("value_characters_least", { count: property.minLength ?? "" });
    case "maxLength":
      return reasonText("value_characters_most", { count: property.maxLength ?? "" });
    default:
      return reasonText("is_not_valid");
  }
}

import type { z } from "zod";
import { readReason, reasonText } from "./reasons.ts";

/**
 * What a schema found wrong, as a clause of the catalogue that follows the name of what it is about: the schema's own
 * message where it has one, else one by the kind of fault. Zod's own English never gets out.
 */
export function zodFault(issue: z.core.$ZodIssue): string {
  // The message of a strict object is for what is no object.
  if (issue.code === "unrecognized_keys") return reasonText("module_not_known");
  if (readReason(issue.message) !== undefined) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined") ? reasonText("module_is_missing") : typeFault(issue.expected);
    case "invalid_value":
      return issue.values.length === 1
        ? reasonText("must_be", { value: String(issue.values[0]) })
        : reasonText("value_one_of", { values: issue.values.map(String).join(", ") });
    case "too_small":
      return leastFault(issue.origin, issue.minimum, issue.inclusive !== false);
    case "too_big":
      return mostFault(issue.origin, issue.maximum, issue.inclusive !== false);
    case "invalid_union":
      return reasonText("value_no_choice");
    default:
      return reasonText("value_form");
  }
}

function typeFault(expected: string): string {
  switch (expected) {
    case "string":
      return reasonText("value_text");
    case "int":
      return reasonText("value_integer");
    case "number":
      return reasonText("value_number");
    case "boolean":
      return reasonText("value_boolean");
    case "array":
      return reasonText("value_list");
    case "object":
    case "record":
      return reasonText("value_mapping");
    default:
      return reasonText("value_form");
  }
}

function leastFault(origin: string, limit: number | bigint, inclusive: boolean): string {
  const count = String(limit);
  if (origin === "string") {
    return limit === 1 ? reasonText("must_not_be_empty") : reasonText("value_characters_least", { count });
  }
  if (origin === "array" || origin === "set") return reasonText("value_items_least", { count });
  return reasonText(inclusive ? "value_at_least" : "value_above", { limit: count });
}

function mostFault(origin: string, limit: number | bigint, inclusive: boolean): string {
  const count = String(limit);
  if (origin === "string") return reasonText("value_characters_most", { count });
  if (origin === "array" || origin === "set") return reasonText("value_items_most", { count });
  return reasonText(inclusive ? "value_at_most" : "value_below", { limit: count });
}

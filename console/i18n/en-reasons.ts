import { type ReasonCode, reasonTemplates } from "../../src/contract/reasons.ts";

/** The sentences of the contract, with their places as i18next writes them. */
export const enReasons = Object.fromEntries(
  Object.entries(reasonTemplates).map(([code, template]) => [code, template.replace(/\{(\w+)[?!#]?\}/g, "{{$1}}")]),
) as Record<ReasonCode, string>;

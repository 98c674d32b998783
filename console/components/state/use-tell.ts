import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { type Reason, reasonTemplates } from "../../../src/contract/reasons.ts";
import { readReasons } from "./read-reasons.ts";

/** Sentences in sentences in …: “Not started: the engine broke: …”. */
const deepest = 5;

/**
 * How the product's own sentences are told: in the language of the console, by code and values where the server sent
 * them, else by what the sentence itself is read as. What is none of them – the words of hosts and tools – stays as it came.
 */
export function useTell(): (text: string, reason?: Reason) => string {
  const { t, i18n } = useTranslation();
  return (text, reason) => (i18n.language === "en" ? text : tell(t, text, reason));
}

export function tell(t: TFunction, text: string, reason?: Reason): string {
  if (reason !== undefined && reason.code in reasonTemplates) return sentence(t, reason, 0);
  return told(t, text, 0);
}

function told(t: TFunction, text: string, depth: number): string {
  if (depth > deepest) return text;
  const parts = readReasons(text).map((part) => (typeof part === "string" ? part : sentence(t, part, depth)));
  // Chinese sentences stand without a space between them.
  return parts.reduce(
    (before, part) => (before === "" || /[。）]$/.test(before) ? before + part : `${before} ${part}`),
    "",
  );
}

function sentence(t: TFunction, reason: Reason, depth: number): string {
  const values = Object.entries(reason.values).map(([place, value]) => [place, told(t, value, depth + 1)]);
  return t(`reason.${reason.code}`, { replace: Object.fromEntries(values) });
}

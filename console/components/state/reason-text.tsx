import { useTranslation } from "react-i18next";
import type { Reason } from "../../../src/contract/reasons.ts";
import { readReasons } from "./read-reasons.ts";

interface ReasonTextProps {
  readonly text: string;
}

/** Why a host or a run ended as it did: the product's own sentences in the console's language, all else as it came. */
export function ReasonText({ text }: ReasonTextProps) {
  const { t } = useTranslation();
  /** Values may be sentences themselves: “Not started: the engine broke: …”. */
  function told(text: string, depth: number): string {
    if (depth > 2) return text;
    return readReasons(text)
      .map((part) => (typeof part === "string" ? part : sentenceOf(part, depth)))
      .join(" ");
  }
  function sentenceOf(reason: Reason, depth: number): string {
    const values = Object.entries(reason.values).map(([place, value]) => [place, told(value, depth + 1)]);
    return t(`reason.${reason.code}`, { replace: Object.fromEntries(values) });
  }
  return <>{told(text, 0)}</>;
}

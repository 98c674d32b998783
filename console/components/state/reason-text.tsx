import { useTranslation } from "react-i18next";
import { readReason } from "../../../src/contract/reasons.ts";

interface ReasonTextProps {
  readonly text: string;
}

/** Why a host or a run ended as it did: the product's own sentences in the console's language, all else as it came. */
export function ReasonText({ text }: ReasonTextProps) {
  const { t } = useTranslation();
  /** Values may be sentences themselves: “Not started: the engine broke: …”. */
  function told(sentence: string, depth: number): string {
    const reason = depth > 2 ? undefined : readReason(sentence);
    if (reason === undefined) return sentence;
    const values = Object.entries(reason.values).map(([place, value]) => [place, told(value, depth + 1)]);
    return t(`reason.${reason.code}`, { replace: Object.fromEntries(values) });
  }
  return <>{told(text, 0)}</>;
}

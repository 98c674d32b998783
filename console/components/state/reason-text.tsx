import type { Reason } from "../../../src/contract/reasons.ts";
import { useTell } from "./use-tell.ts";

interface ReasonTextProps {
  readonly text: string;
  readonly reason?: Reason | undefined;
}

/** Why something was refused, failed or ended as it did: the product's own sentences in the console's language. */
export function ReasonText({ text, reason }: ReasonTextProps) {
  const tell = useTell();
  return <>{tell(text, reason)}</>;
}

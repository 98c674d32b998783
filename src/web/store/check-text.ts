import { type ErrorCode, OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/**
 * Refuses text that one of the databases could not hold: NUL (PostgreSQL has none), half a surrogate pair (no UTF-8 for
 * it: a driver would put U+FFFD in its place), or more than `maximum` characters, which SQLite alone would take.
 */
export function checkText(text: string, what: string, maximum: number, code: ErrorCode = "inventory.invalid"): void {
  const problem =
    textProblem(text) ?? (text.length > maximum ? reasonText("pattern_long", { count: maximum }) : undefined);
  if (problem === undefined) return;
  throw new OmError(code, reasonText("text_fault", { what, text: shown(text), fault: problem }), {
    problems: [{ place: what, message: problem }],
  });
}

export function textProblem(text: string): string | undefined {
  if (text.includes("\0")) return reasonText("text_nul");
  if (!text.isWellFormed()) return reasonText("text_half");
  return undefined;
}

/** Text from a host or controller, which must be kept whatever it is: what cannot be stored is replaced, the rest cut. */
export function storableText(text: string, maximum: number): string {
  const cut = text.length > maximum ? `${text.slice(0, maximum - 1)}…` : text;
  return textProblem(cut) === undefined ? cut : cut.toWellFormed().replaceAll("\0", "\u{fffd}");
}

function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return short.toWellFormed().replaceAll(/\p{Cc}/gu, "\u{fffd}");
}

import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/** Column, 1-based and in characters (code points), of a UTF-16 offset. The whole text counts as line 1. */
export function placeOf(text: string, offset: number): string {
  return `1:${[...text.slice(0, offset)].length + 1}`;
}

/** A `query.syntax` error at an offset. `message` says what was found and what was expected, without a full stop. */
export function syntaxError(text: string, offset: number, message: string): OmError {
  const place = placeOf(text, offset);
  return new OmError("query.syntax", reasonText("query_at", { column: place.slice(2), fault: message }), {
    problems: [{ place, message }],
  });
}

/** A character or short text in quotes; what does not print as its number. */
export function shown(text: string): string {
  const first = text.codePointAt(0) ?? 0;
  if (/^[\p{C}\p{Zl}\p{Zp}]/u.test(text))
    return reasonText("query_character", { number: first.toString(16).toUpperCase().padStart(4, "0") });
  const characters = [...text];
  const clean = characters.slice(0, 40).join("").replace(/\p{C}/gu, "�");
  return `“${clean}${characters.length > 40 ? "…" : ""}”`;
}

import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/** A page's cursor: the id or seq of its last row. `request.invalid` for anything else. */
export function readCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new OmError("request.invalid", reasonText("cursor_not_given"));
}

/** The rows of a page from a query that asked for one more, and the cursor of the next page. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  place: (row: Row) => number,
): { rows: Row[]; next?: string } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return rows.length > limit && last !== undefined ? { rows: shown, next: String(place(last)) } : { rows: shown };
}

import { OmError } from "../../../src/contract/errors.ts";

export interface QueryFault {
  readonly message: string;
  readonly excerpt?: string;
  readonly caret?: string;
}

/** The line of the query around a fault, and a mark under the place. Columns count characters over the whole text. */
export function faultOf(query: string, error: unknown): QueryFault {
  if (!(error instanceof OmError)) return { message: String(error) };
  const place = error.problems.find((problem) => /^1:\d+$/.test(problem.place))?.place;
  if (place === undefined) return { message: error.message };
  const characters = [...query.replace(/[\r\n\t]/g, " ")];
  const column = Number(place.slice(2)) - 1;
  const from = Math.max(0, column - 24);
  const excerpt = characters.slice(from, column + 20).join("");
  const before = characters.slice(from, column).map((character) => (/[\u1100-\uffdc]/u.test(character) ? "　" : " "));
  return { message: error.message, excerpt, caret: `${before.join("")}▲` };
}

import { reasonText } from "../../contract/reasons.ts";
import { shown, syntaxError } from "./query-error.ts";
import { queryLimits } from "./query-limits.ts";

/** Text of a word: quoted it stands for itself, bare `*`, `?`, `/`, `=` and `:` mean something; a range is `[…]`. */
export interface Piece {
  readonly kind: "bare" | "quoted" | "range";
  readonly text: string;
  /** Where `text` begins, in UTF-16 units; inside the quotes of a quoted piece. */
  readonly at: number;
}

export interface Word {
  readonly kind: "word";
  readonly pieces: readonly Piece[];
  readonly start: number;
  readonly end: number;
  /** A line break stands before it. */
  readonly newLine: boolean;
}

export interface Mark {
  readonly kind: "(" | ")" | "," | "end";
  readonly start: number;
  readonly end: number;
  readonly newLine: boolean;
}

export type Token = Word | Mark;

/** Cuts a query into words and marks. Throws `query.syntax` for a character that stands for nothing here. */
export function tokensOf(text: string): Token[] {
  if (text.length > queryLimits.characters) {
    const message = reasonText("query_long", { count: queryLimits.characters });
    throw syntaxError(text, queryLimits.characters, message);
  }
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    const space = matchAt(whiteSpace, text, at);
    const start = at + space.length;
    const newLine = /[\r\n]/.test(space);
    const character = text[start];
    if (character === undefined) {
      tokens.push({ kind: "end", start, end: start, newLine });
      return tokens;
    }
    if (character === "(" || character === ")" || character === ",") {
      tokens.push({ kind: character, start, end: start + 1, newLine });
    } else {
      tokens.push({ kind: "word", newLine, ...readWord(text, start) });
    }
    at = tokens.at(-1)?.end ?? text.length;
  }
}

/** Whether a name can stand without quotes and means itself. */
export function isBareText(text: string): boolean {
  return /^[\p{L}\p{M}\p{N}._\-@%+~#]+$/u.test(text) && !/^(?:and|or|not|all)$/i.test(text);
}

/** The name as a query writes it: as it is, or in quotes. */
export function quoteName(text: string): string {
  return isBareText(text) ? text : `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** Space of ASCII and the ideographic space of Chinese keyboards. */
const whiteSpace = /[ \t\r\n\u3000]*/y;
const bareText = /[\p{L}\p{M}\p{N}._\-/*?:=@%+~#]+/uy;
const quotedText = /"((?:[^"\\\p{Cc}\p{Cs}]|\\["\\])*)"/uy;
const brackets = /\[[^[\]"()\s]*\]/y;
/** More numbers of `id=1,2,3`. */
const moreNumbers = /(?:,\d+(?:-\d+)?(?![^\s,()]))+/y;

function readWord(text: string, start: number): Omit<Word, "kind" | "newLine"> {
  const pieces: Piece[] = [];
  let end = start;
  for (let next = readPiece(text, end); next !== undefined; next = readPiece(text, end)) {
    pieces.push(next.piece);
    end = next.end;
    if (pieces.length === 1 && /^(?:id|port)=\d+(?:-\d+)?$/i.test(next.piece.text)) {
      const more = matchAt(moreNumbers, text, end);
      pieces[0] = { ...next.piece, text: next.piece.text + more };
      end += more.length;
    }
  }
  if (end === start) throw unexpectedCharacter(text, end);
  return { pieces, start, end };
}

function readPiece(text: string, at: number): { piece: Piece; end: number } | undefined {
  if (text[at] === '"') {
    const whole = matchAt(quotedText, text, at);
    if (whole === "") throw unreadableQuotes(text, at);
    const piece = { text: whole.slice(1, -1).replace(/\\(["\\])/g, "$1"), at: at + 1 };
    return { piece: { kind: "quoted", ...piece }, end: at + whole.length };
  }
  if (text[at] === "[") {
    const whole = matchAt(brackets, text, at);
    if (whole === "") throw syntaxError(text, at, reasonText("query_open_bracket"));
    return { piece: { kind: "range", text: whole, at }, end: at + whole.length };
  }
  const bare = matchAt(bareText, text, at);
  return bare === "" ? undefined : { piece: { kind: "bare", text: bare, at }, end: at + bare.length };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

const hints: Readonly<Record<string, string>> = {
  "&": "“and”",
  "|": "“or”",
  "!": "“not”",
  ";": "“,”",
  "，": reasonText("query_half_comma"),
  "、": "“,”",
  "；": "“,”",
  "（": reasonText("query_half_open"),
  "）": reasonText("query_half_close"),
  "]": reasonText("query_bracket_before"),
  "<": reasonText("query_field_equals"),
  ">": reasonText("query_field_equals"),
};

function unexpectedCharacter(text: string, at: number): Error {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const quotes = "'`‘’“”«»「」".includes(character) ? reasonText("query_straight_quotes") : undefined;
  const expected = hints[character] ?? quotes ?? reasonText("query_quoted_name");
  return syntaxError(text, at, reasonText("query_found_expected", { found: shown(character), expected }));
}

function unreadableQuotes(text: string, at: number): Error {
  const body = /(?:[^"\\\p{Cc}\p{Cs}]|\\["\\])*/uy;
  const end = at + 1 + matchAt(body, text, at + 1).length;
  if (end >= text.length) return syntaxError(text, at, reasonText("query_open_quote"));
  if (text[end] === "\\") return syntaxError(text, end, reasonText("query_backslash"));
  const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
  return syntaxError(text, end, reasonText("query_found_in_quotes", { found: shown(character) }));
}

import { reasonText } from "../../../contract/reasons.ts";
/** A piece of an SQL text; `line` is where it begins, 1-based. */
export type Token =
  /** A bare word, as it is written. */
  | { readonly kind: "word"; readonly text: string; readonly line: number }
  /** A name in backquotes, whole. */
  | { readonly kind: "name"; readonly text: string; readonly line: number }
  | { readonly kind: "string"; readonly text: string; readonly line: number }
  | { readonly kind: "number"; readonly text: string; readonly line: number }
  | { readonly kind: "mark"; readonly text: string; readonly line: number }
  /** Something that never ends, up to the end of the text. */
  | { readonly kind: "broken"; readonly text: string; readonly line: number };

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  b: "\b",
  n: "\n",
  r: "\r",
  t: "\t",
  Z: "\u001a",
  // Outside of LIKE they stand for themselves with the backslash (MySQL manual, string literals).
  "%": "\\%",
  _: "\\_",
};

/**
 * Cuts SQL as mysqldump and phpMyAdmin write it into tokens. Comments (`--`, `#`, and those in slash and star) and
 * conditionals for other versions (slash, star, exclamation mark) are left out: what is in them says how to load the
 * data, not what it is.
 */
export function* sqlTokens(text: string): Generator<Token, void, undefined> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  function advanceTo(next: number): void {
    for (let index = text.indexOf("\n", at); index !== -1 && index < next; index = text.indexOf("\n", index + 1)) {
      line += 1;
    }
    at = next;
  }
  while (at < text.length) {
    const character = text[at] ?? "";
    const begun = line;
    if (/\s/.test(character)) {
      advanceTo(at + 1);
    } else if (isLineComment(text, at)) {
      const end = text.indexOf("\n", at);
      advanceTo(end === -1 ? text.length : end);
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      if (end === -1) yield { kind: "broken", text: reasonText("dump_comment_open"), line: begun };
      advanceTo(end === -1 ? text.length : end + 2);
    } else if (character === "'" || character === '"' || character === "`") {
      const { content, end } = quoted(text, at);
      if (end === -1) {
        yield { kind: "broken", text: reasonText("dump_quote_open"), line: begun };
        return;
      }
      advanceTo(end);
      yield { kind: character === "`" ? "name" : "string", text: content, line: begun };
    } else {
      const token = plainToken(text, at, begun);
      advanceTo(at + token.length);
      yield token.token;
    }
  }
}

function isLineComment(text: string, at: number): boolean {
  if (text[at] === "#") return true;
  return text.startsWith("--", at) && (at + 2 >= text.length || /\s/.test(text[at + 2] ?? ""));
}

const hexadecimal = /0x([0-9A-Fa-f]*)(?![A-Za-z0-9_])|[xX]'([0-9A-Fa-f]*)'/y;
const number = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z_])/y;
const word = /[\p{L}\p{N}_$@]+/uy;

function plainToken(text: string, at: number, line: number): { token: Token; length: number } {
  const hex = matchAt(hexadecimal, text, at);
  if (hex !== null) {
    const content = Buffer.from(hex[1] ?? hex[2] ?? "", "hex").toString("utf8");
    return { token: { kind: "string", text: content, line }, length: hex[0].length };
  }
  for (const [kind, pattern] of [["number", number] as const, ["word", word] as const]) {
    const found = matchAt(pattern, text, at);
    if (found !== null) return { token: { kind, text: found[0], line }, length: found[0].length };
  }
  return { token: { kind: "mark", text: text[at] ?? "", line }, length: 1 };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** From the opening quote to behind the closing one; doubled quotes and, but for names, backslashes are undone. */
function quoted(text: string, begin: number): { content: string; end: number } {
  const quote = text[begin] ?? "";
  let content = "";
  let at = begin + 1;
  for (;;) {
    let next = at;
    while (next < text.length && text[next] !== quote && (quote === "`" || text[next] !== "\\")) next += 1;
    content += text.slice(at, next);
    if (next >= text.length) return { content, end: -1 };
    if (text[next] === "\\") {
      const escaped = text[next + 1] ?? "";
      content += escapes[escaped] ?? escaped;
      at = next + 2;
    } else if (text[next + 1] === quote) {
      content += quote;
      at = next + 2;
    } else {
      return { content, end: next + 1 };
    }
  }
}

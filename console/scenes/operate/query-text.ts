/**
 * Just enough of the query language to keep tree and text together (docs/query.md has all of it): names in quotes,
 * parentheses, lists, `not`, `and`, `or`. The server alone decides what a query means.
 */

const bareName = /^[\p{L}\p{M}\p{N}._\-@%+~#]+$/u;
const keyword = /^(?:and|or|not|all)$/i;

/** A name as a query writes it: as it is, or in quotes. */
export function quoteName(name: string): string {
  return bareName.test(name) && !keyword.test(name) ? name : `"${name.replace(/[\\"]/g, "\\$&")}"`;
}

export function functionTerm(category: string): string {
  return quoteName(category);
}

export function appTerm(category: string, app: string): string {
  return `${quoteName(category)}/${quoteName(app)}`;
}

/** A part of a query with its text. Inside a group stands what is in its parentheses. */
export type QueryPart =
  | { readonly kind: "term"; readonly text: string }
  | { readonly kind: "group" | "not"; readonly text: string; readonly of: QueryPart }
  | { readonly kind: "list" | "and" | "or"; readonly text: string; readonly parts: readonly QueryPart[] };

/** The parts of a query; undefined where its form is wrong. From the tightest: list, not, and, or. */
export function queryParts(text: string): QueryPart | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined || tokens.length === 0) return undefined;
  const reader: Reader = { text, tokens, next: 0 };
  const part = readJoined(reader, "or", (inner) => readJoined(inner, "and", readNot));
  return reader.next === tokens.length ? part : undefined;
}

interface Token {
  readonly text: string;
  readonly at: number;
  /** A line break stands before it. */
  readonly newLine: boolean;
}

interface Reader {
  readonly text: string;
  readonly tokens: readonly Token[];
  next: number;
}

type Read = (reader: Reader) => QueryPart | undefined;

function readJoined(reader: Reader, word: "and" | "or", read: Read): QueryPart | undefined {
  const start = reader.next;
  const parts: QueryPart[] = [];
  do {
    const part = read(reader);
    if (part === undefined) return undefined;
    parts.push(part);
  } while (take(reader, word));
  return parts.length === 1 ? parts[0] : { kind: word, text: textFrom(reader, start), parts };
}

function readNot(reader: Reader): QueryPart | undefined {
  const start = reader.next;
  if (!take(reader, "not")) return readList(reader);
  const of = readNot(reader);
  return of === undefined ? undefined : { kind: "not", text: textFrom(reader, start), of };
}

function readList(reader: Reader): QueryPart | undefined {
  const start = reader.next;
  const parts: QueryPart[] = [];
  for (;;) {
    const part = readTerm(reader);
    if (part === undefined) return undefined;
    parts.push(part);
    const token = reader.tokens[reader.next];
    const goesOn = token?.newLine === true && !/^(?:[),]|and|or|not)$/i.test(token.text);
    if (!take(reader, ",") && !goesOn) break;
  }
  return parts.length === 1 ? parts[0] : { kind: "list", text: textFrom(reader, start), parts };
}

function readTerm(reader: Reader): QueryPart | undefined {
  const start = reader.next;
  const token = reader.tokens[start];
  if (token === undefined || /^(?:[),]|and|or|not)$/i.test(token.text)) return undefined;
  reader.next++;
  const opens = reader.tokens[reader.next];
  if (token.text !== "(") {
    if (opens?.text !== "(" || opens.at !== token.at + token.text.length) return { kind: "term", text: token.text };
    // A selection of an earlier run: failed(41).
    reader.next += 2;
    return take(reader, ")") ? { kind: "term", text: textFrom(reader, start) } : undefined;
  }
  const of = readJoined(reader, "or", (inner) => readJoined(inner, "and", readNot));
  if (of === undefined || !take(reader, ")")) return undefined;
  return { kind: "group", text: textFrom(reader, start), of };
}

function take(reader: Reader, text: string): boolean {
  if (reader.tokens[reader.next]?.text.toLowerCase() !== text) return false;
  reader.next++;
  return true;
}

function textFrom(reader: Reader, start: number): string {
  const first = reader.tokens[start];
  const last = reader.tokens[reader.next - 1];
  return first === undefined || last === undefined ? "" : reader.text.slice(first.at, last.at + last.text.length);
}

/** Words and marks; a word keeps its quotes and brackets. Undefined where a quote or bracket is not closed. */
function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const token = /([ \t\r\n\u3000]*)([(),]|(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s\u3000(),"[\]])+)?/uy;
  while (token.lastIndex < text.length) {
    const start = token.lastIndex;
    const [whole = "", space = "", found] = token.exec(text) ?? [];
    if (found === undefined) return start + whole.length === text.length ? tokens : undefined;
    tokens.push({ text: found, at: start + space.length, newLine: /[\r\n]/.test(space) });
  }
  return tokens;
}

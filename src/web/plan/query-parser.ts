import { reasonText } from "../../contract/reasons.ts";
import { type QueryNode, type QueryTerm, runSelections, termKey } from "./query-ast.ts";
import { shown, syntaxError } from "./query-error.ts";
import { type Token, tokensOf, type Word } from "./query-lexer.ts";
import { queryLimits } from "./query-limits.ts";
import { tooManyNames } from "./query-pattern.ts";
import { fieldNames, termOf } from "./query-term.ts";

/** Reads the grammar of docs/query.md, one function a rule. Throws `query.syntax`. */
export function parseNode(text: string): QueryNode {
  const tokens = tokensOf(text);
  const reader: Reader = { text, tokens, next: 0, depth: 0, expandedNames: 0, scans: new Set() };
  const node = readOr(reader);
  const rest = peek(reader);
  if (rest.kind !== "end") throw unexpected(reader, rest, reasonText("query_after_term"));
  return node;
}

interface Reader {
  readonly text: string;
  readonly tokens: readonly Token[];
  next: number;
  depth: number;
  expandedNames: number;
  readonly scans: Set<string>;
}

function readOr(reader: Reader): QueryNode {
  const of = [readAnd(reader)];
  while (takeKeyword(reader, "or")) of.push(readAnd(reader));
  return combined("or", of);
}

function readAnd(reader: Reader): QueryNode {
  const of = [readNot(reader)];
  while (takeKeyword(reader, "and")) of.push(readNot(reader));
  return combined("and", of);
}

function readNot(reader: Reader): QueryNode {
  const token = peek(reader);
  if (!takeKeyword(reader, "not")) return readList(reader);
  return nested(reader, token, () => ({ kind: "not", of: readNot(reader) }));
}

/** Terms with commas or line breaks between them: any of them. */
function readList(reader: Reader): QueryNode {
  const of = [readTerm(reader)];
  for (;;) {
    const token = peek(reader);
    if (token.kind === ",") reader.next += 1;
    else if (!token.newLine || !beginsTerm(token)) break;
    of.push(readTerm(reader));
  }
  return combined("or", of);
}

function readTerm(reader: Reader): QueryNode {
  const token = peek(reader);
  if (token.kind === "(") {
    reader.next += 1;
    const node = nested(reader, token, () => readOr(reader));
    const close = peek(reader);
    if (close.kind !== ")") throw unexpected(reader, close, reasonText("query_after_inner"));
    reader.next += 1;
    return node;
  }
  if (token.kind !== "word" || isOperator(token)) throw unexpected(reader, token, reasonText("query_a_term"));
  reader.next += 1;
  if (keywordOf(token) === "all") return { kind: "all" };
  const after = peek(reader);
  if (after.kind === "(" && after.start === token.end) return readCall(reader, token);
  const term = termOf(reader.text, token);
  count(reader, term, token);
  return term;
}

function readCall(reader: Reader, name: Word): QueryNode {
  const selection = runSelections.find((known) => known === keywordOf(name));
  if (selection === undefined) {
    const expected = runSelections.map((known) => `${known}(…)`).join(", ");
    throw syntaxError(
      reader.text,
      name.start,
      reasonText("query_found_before", { found: shownToken(reader, name), expected }),
    );
  }
  reader.next += 1;
  const run = peek(reader);
  const number = reader.text.slice(run.start, run.end);
  if (run.kind !== "word" || !/^[1-9]\d{0,14}$/.test(number)) {
    throw unexpected(reader, run, reasonText("query_run_number", { selection }));
  }
  reader.next += 1;
  const close = peek(reader);
  if (close.kind !== ")") throw unexpected(reader, close, "“)”");
  reader.next += 1;
  const term = { kind: "run", selection, runId: Number(number), at: name.start } as const;
  count(reader, term, name);
  return term;
}

/** Holds the text to its limits of names and of terms that look at every host. */
function count(reader: Reader, term: QueryTerm, word: Word): void {
  const pattern = "pattern" in term ? term.pattern : undefined;
  reader.expandedNames += pattern?.names?.count ?? 0;
  if (reader.expandedNames > queryLimits.expandedNames) throw tooManyNames(reader.text, word.start);
  if ((term.kind === "name" || term.kind === "host") && (pattern?.exact ?? pattern?.names) !== undefined) return;
  if (term.kind === "tag" && pattern?.exact !== undefined) return;
  if (term.kind === "address" && term.range.bits === term.range.words.length * 32) return;
  if (term.kind === "path" && term.functionCategory.exact !== undefined) {
    if (term.app === undefined || term.app.exact !== undefined) return;
  }
  reader.scans.add(termKey(term));
  if (reader.scans.size > queryLimits.scans) {
    const message = reasonText("query_scans", { count: queryLimits.scans });
    throw syntaxError(reader.text, word.start, message);
  }
}

function nested(reader: Reader, token: Token, read: () => QueryNode): QueryNode {
  reader.depth += 1;
  if (reader.depth > queryLimits.depth) {
    throw syntaxError(reader.text, token.start, reasonText("query_depth", { count: queryLimits.depth }));
  }
  const node = read();
  reader.depth -= 1;
  return node;
}

function combined(kind: "or" | "and", of: readonly QueryNode[]): QueryNode {
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind, of };
}

function peek(reader: Reader): Token {
  const token = reader.tokens[reader.next] ?? reader.tokens.at(-1);
  return token ?? { kind: "end", start: 0, end: 0, newLine: false };
}

/** Lower-case text of a word that could be a keyword. */
function keywordOf(token: Token): string | undefined {
  const [piece] = token.kind === "word" ? token.pieces : [];
  return token.kind === "word" && token.pieces.length === 1 && piece?.kind === "bare"
    ? piece.text.toLowerCase()
    : undefined;
}

function takeKeyword(reader: Reader, keyword: string): boolean {
  if (keywordOf(peek(reader)) !== keyword) return false;
  reader.next += 1;
  return true;
}

function isOperator(token: Token): boolean {
  return ["and", "or", "not"].includes(keywordOf(token) ?? "");
}

function beginsTerm(token: Token): boolean {
  return token.kind === "(" || (token.kind === "word" && !isOperator(token));
}

function shownToken(reader: Reader, token: Token): string {
  return token.kind === "end" ? reasonText("query_the_end") : shown(reader.text.slice(token.start, token.end));
}

function unexpected(reader: Reader, token: Token, expected: string): Error {
  const before = reader.tokens[reader.next - 1];
  const field = before === undefined ? undefined : fieldNames.find((name) => name === keywordOf(before));
  const isEquals = token.kind === "word" && reader.text[token.start] === "=";
  const found = shownToken(reader, token);
  const message =
    isEquals && field !== undefined
      ? reasonText("query_found_expected_field", { found, expected, field })
      : reasonText("query_found_expected", { found, expected });
  return syntaxError(reader.text, token.start, message);
}

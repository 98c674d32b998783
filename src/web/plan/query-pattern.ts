import { expansionFault } from "../../contract/host-range.ts";
import { parseRangeSet, type RangeSet, rangeHolds } from "../../contract/range-set.ts";
import { queryLimits } from "./query-ast.ts";
import { shown, syntaxError } from "./query-error.ts";
import type { Piece } from "./query-lexer.ts";

/** A name with wildcards: `*` any text, `?` any one character, `[01-12]` any of these numbers. */
export interface Pattern {
  readonly segments: readonly (string | RangeSet | Wildcard)[];
  /** As it was written, for messages. */
  readonly text: string;
  /** The one text that it matches, when it has no wildcard and no range. */
  readonly exact?: string;
  /** Ranges without `*` and `?`: the texts that it stands for can be listed. */
  readonly names?: { readonly segments: readonly (string | RangeSet)[]; readonly count: number };
}

export type Wildcard = { readonly wildcard: "*" | "?" };

/** The pattern of a word's pieces. Throws `query.syntax` for a range that cannot be read or is too large. */
export function patternOf(query: string, pieces: readonly Piece[]): Pattern {
  const segments = pieces.flatMap((piece) => segmentsOf(query, piece));
  const text = pieces.map((piece) => piece.text).join("");
  const listed = segments.filter((segment) => typeof segment === "string" || "items" in segment);
  const problem = expansionFault(listed);
  if (problem !== undefined) throw syntaxError(query, pieces[0]?.at ?? 0, problem);
  const literals = segments.filter((segment) => typeof segment === "string");
  if (literals.length === segments.length) return { segments, text, exact: literals.join("") };
  if (listed.length < segments.length) return { segments, text };
  const count = listed.reduce((product, segment) => product * (typeof segment === "string" ? 1 : segment.count), 1);
  if (count > queryLimits.expandedNames) throw tooManyNames(query, pieces[0]?.at ?? 0);
  return { segments, text, names: { segments: listed, count } };
}

export function tooManyNames(query: string, at: number): Error {
  return syntaxError(query, at, `the ranges stand for more than ${queryLimits.expandedNames} names`);
}

function segmentsOf(query: string, piece: Piece): (string | RangeSet | Wildcard)[] {
  if (piece.kind === "quoted") return piece.text === "" ? [] : [piece.text];
  if (piece.kind === "range") {
    const set = parseRangeSet(piece.text.slice(1, -1));
    if ("message" in set) throw syntaxError(query, piece.at + 1 + set.offset, set.message);
    return [set];
  }
  return piece.text
    .split(/([*?])/)
    .filter((part) => part !== "")
    .map((part) => (part === "*" || part === "?" ? { wildcard: part } : part));
}

export interface MatchOptions {
  readonly ignoreCase?: boolean;
}

/** A test for whole texts. Its time grows with the product of both lengths at the most: nothing backtracks. */
export function matcherOf(pattern: Pattern, { ignoreCase = false }: MatchOptions = {}): (text: string) => boolean {
  const fold = ignoreCase ? (text: string) => text.toLowerCase() : (text: string) => text;
  const segments = pattern.segments.map((segment) => (typeof segment === "string" ? fold(segment) : segment));
  const test = pattern.exact === undefined ? testOf(segments) : sameAs(fold(pattern.exact));
  return ignoreCase ? (text) => test(text.toLowerCase()) : test;
}

function sameAs(exact: string): (text: string) => boolean {
  return (text) => text === exact;
}

type Part = string | RangeSet | { readonly wildcard: "?" };
/** What stands between two `*`. */
type Chunk = readonly Part[];

function testOf(segments: Pattern["segments"]): (text: string) => boolean {
  const chunks: Part[][] = [[]];
  for (const segment of segments) {
    if (typeof segment === "string" || "items" in segment) chunks.at(-1)?.push(segment);
    else if (segment.wildcard === "?") chunks.at(-1)?.push({ wildcard: "?" });
    else chunks.push([]);
  }
  const [first = [], ...others] = chunks;
  const last = others.pop();
  if (last === undefined) return (text) => endsOf(first, text, 0).includes(text.length);
  const middle = others.filter(({ length }) => length > 0);
  return (text) => {
    let at = first.length === 0 ? 0 : Math.min(...endsOf(first, text, 0));
    for (const chunk of middle) {
      if (at > text.length) return false;
      at = earliestEnd(chunk, text, at);
    }
    return at <= text.length && standsAtEnd(last, text, at);
  };
}

/** Earliest end of the chunk at or after `from`; infinite when it does not occur. A `*` before it makes the rest free. */
function earliestEnd(chunk: Chunk, text: string, from: number): number {
  const [only] = chunk;
  if (chunk.length === 1 && typeof only === "string") {
    const at = text.indexOf(only, from);
    return at < 0 ? Number.POSITIVE_INFINITY : at + only.length;
  }
  let best = Number.POSITIVE_INFINITY;
  for (let at = from; at < text.length && at < best; at++) best = Math.min(best, ...endsOf(chunk, text, at));
  return best;
}

function standsAtEnd(chunk: Chunk, text: string, from: number): boolean {
  const [only] = chunk;
  if (only === undefined) return true;
  if (chunk.length === 1 && typeof only === "string") return text.length - only.length >= from && text.endsWith(only);
  for (let at = from; at < text.length; at++) if (endsOf(chunk, text, at).includes(text.length)) return true;
  return false;
}

/** Every place where the chunk can end when it begins at `start`; several only after ranges of different lengths. */
function endsOf(chunk: Chunk, text: string, start: number): readonly number[] {
  let reached: readonly number[] = [start];
  for (const part of chunk) {
    if (typeof part === "string") {
      reached = reached.filter((at) => text.startsWith(part, at)).map((at) => at + part.length);
    } else if ("items" in part) {
      reached = [...new Set(reached.flatMap((at) => numberEnds(part, text, at)))];
    } else {
      reached = reached.filter((at) => at < text.length).map((at) => at + widthAt(text, at));
    }
    if (reached.length === 0) return reached;
  }
  return reached;
}

/** UTF-16 units of the character at this place. */
function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function numberEnds(set: RangeSet, text: string, at: number): number[] {
  const ends: number[] = [];
  const longest = set.items.at(-1)?.digits ?? 0;
  for (let digits = 1; digits <= longest && isDigit(text, at + digits - 1); digits++) {
    if (rangeHolds(set, text, at, digits)) ends.push(at + digits);
  }
  return ends;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** For a message: the pattern as it was written, cut where it is long. */
export function patternText(pattern: Pattern): string {
  return shown(pattern.text);
}

import { expansionFault } from "../../contract/host-range.ts";
import { parseRangeSet, type RangeSet } from "../../contract/range-set.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type ChunkPart, chunkOf } from "./pattern-chunk.ts";
import { syntaxError } from "./query-error.ts";
import type { Piece } from "./query-lexer.ts";
import { queryLimits } from "./query-limits.ts";

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
  return syntaxError(query, at, reasonText("query_names_many", { count: queryLimits.expandedNames }));
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

function testOf(segments: Pattern["segments"]): (text: string) => boolean {
  const parts: ChunkPart[][] = [[]];
  for (const segment of segments) {
    if (typeof segment === "string" || "items" in segment) parts.at(-1)?.push(segment);
    else if (segment.wildcard === "?") parts.at(-1)?.push({ wildcard: "?" });
    else parts.push([]);
  }
  const [first, ...others] = parts.map(chunkOf);
  const last = others.pop();
  if (first === undefined) return (text) => text === "";
  if (last === undefined) return (text) => first.fills(text, 0);
  const middle = others.filter(({ isEmpty }) => !isEmpty);
  return (text) => {
    let at = first.earliestEnd(text, 0, 0);
    for (const chunk of middle) {
      if (at < 0) return false;
      at = chunk.earliestEnd(text, at, text.length);
    }
    return at >= 0 && last.standsAtEnd(text, at);
  };
}

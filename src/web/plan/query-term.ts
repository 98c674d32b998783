import { engineIds } from "../../contract/engine.ts";
import { parseRangeSet } from "../../contract/range-set.ts";
import { reasonText } from "../../contract/reasons.ts";
import { looksLikeAddress, parseAddressRange } from "./ip-address.ts";
import { enabledValues, type NumberField, numberFields, type QueryTerm, textFields } from "./query-ast.ts";
import { shown, syntaxError } from "./query-error.ts";
import type { Piece, Word } from "./query-lexer.ts";
import { patternOf } from "./query-pattern.ts";

/** What may stand before “=”. */
export const fieldNames = ["name", "tag", "enabled", ...textFields, ...numberFields] as const;

/**
 * What a word means; the first that fits: `*`, `tag:…`, `field=…`, an IP address or network, a category path (it holds
 * “/”), else a name. Quoted text is never a keyword, a field, an address or a separator.
 */
export function termOf(query: string, word: Word): QueryTerm {
  const { pieces, start: at } = word;
  const [first] = pieces;
  const only = pieces.length === 1 && first?.kind === "bare" ? first.text : undefined;
  if (only === "*") return { kind: "all" };
  if (first?.kind === "bare" && /^tag:/i.test(first.text)) return tagTerm(query, cutAt(pieces, ":"), at);
  const equals = cutAt(pieces, "=");
  if (equals !== undefined) return fieldTerm(query, equals, at);
  if (only !== undefined && looksLikeAddress(only)) return addressTerm(query, only, at);
  const slash = cutAt(pieces, "/");
  if (slash !== undefined) return pathTerm(query, slash, at);
  const pattern = patternOf(query, pieces);
  if (pattern.segments.length === 0) throw syntaxError(query, at, reasonText("query_empty_name"));
  return { kind: "name", pattern, at };
}

interface Cut {
  readonly before: readonly Piece[];
  readonly after: readonly Piece[];
  /** Where `after` begins. */
  readonly at: number;
}

/** Cuts at the first unquoted separator. */
function cutAt(pieces: readonly Piece[], separator: string): Cut | undefined {
  for (const [index, piece] of pieces.entries()) {
    const place = piece.kind === "bare" ? piece.text.indexOf(separator) : -1;
    if (place < 0) continue;
    const at = piece.at + place + 1;
    const before = { ...piece, text: piece.text.slice(0, place) };
    const after = { ...piece, text: piece.text.slice(place + 1), at };
    return {
      before: [...pieces.slice(0, index), before].filter(isThere),
      after: [after, ...pieces.slice(index + 1)].filter(isThere),
      at,
    };
  }
  return undefined;
}

function isThere(piece: Piece): boolean {
  return piece.kind === "quoted" || piece.text !== "";
}

function tagTerm(query: string, cut: Cut | undefined, at: number): QueryTerm {
  const pattern = patternOf(query, cut?.after ?? []);
  if (pattern.segments.length === 0) throw syntaxError(query, cut?.at ?? at, reasonText("query_no_tag"));
  return { kind: "tag", pattern, at };
}

function fieldTerm(query: string, cut: Cut, at: number): QueryTerm {
  const name = cut.before
    .map(({ text }) => text)
    .join("")
    .toLowerCase();
  const value = cut.after.map(({ text }) => text).join("");
  const field = fieldNames.find((known) => known === name);
  switch (field) {
    case undefined:
      throw syntaxError(
        query,
        at,
        reasonText("query_field_unknown", { found: shown(name), fields: fieldNames.join(", ") }),
      );
    case "tag":
      return tagTerm(query, cut, at);
    case "name": {
      const pattern = patternOf(query, cut.after);
      if (pattern.segments.length === 0) throw syntaxError(query, cut.at, reasonText("query_no_name"));
      return { kind: "host", pattern, at };
    }
    case "enabled": {
      const known = enabledValues.find((candidate) => candidate === value.toLowerCase());
      if (known === undefined)
        throw syntaxError(
          query,
          cut.at,
          reasonText("query_found_expected", { found: found(value), expected: reasonText("query_yes_no_any") }),
        );
      return { kind: "enabled", value: known };
    }
    case "id":
    case "port":
      return numberTerm(query, field, value, cut.at);
    case "address": {
      const range = cut.after.every(({ kind }) => kind === "bare") ? parseAddressRange(value) : undefined;
      if (range !== undefined) return { kind: "address", range };
      if (looksLikeAddress(value)) return addressTerm(query, value, cut.at);
      return { kind: "text", field, pattern: patternOf(query, cut.after) };
    }
    case "engine": {
      const pattern = patternOf(query, cut.after);
      if (pattern.exact !== undefined && !(engineIds as readonly string[]).includes(pattern.exact.toLowerCase())) {
        throw syntaxError(
          query,
          cut.at,
          reasonText("query_found_expected", {
            found: found(value),
            expected: reasonText("query_one_of", { names: engineIds.join(", ") }),
          }),
        );
      }
      return { kind: "text", field, pattern };
    }
    case "os":
    case "zone":
    case "user":
    case "credential":
      return { kind: "text", field, pattern: patternOf(query, cut.after) };
  }
}

function numberTerm(query: string, field: NumberField, value: string, at: number): QueryTerm {
  const inside = /^\[.*\]$/s.test(value);
  const numbers = parseRangeSet(inside ? value.slice(1, -1) : value);
  if ("message" in numbers) throw syntaxError(query, at + (inside ? 1 : 0) + numbers.offset, numbers.message);
  return { kind: "number", field, numbers };
}

function addressTerm(query: string, text: string, at: number): QueryTerm {
  const range = parseAddressRange(text);
  if (range !== undefined) return { kind: "address", range };
  const slash = text.indexOf("/");
  if (slash >= 0 && parseAddressRange(text.slice(0, slash)) !== undefined) {
    const most = text.includes(":") ? 128 : 32;
    const message = reasonText("query_found_expected", {
      found: found(text.slice(slash + 1)),
      expected: reasonText("query_prefix_length", { most }),
    });
    throw syntaxError(query, at + slash + 1, message);
  }
  throw syntaxError(
    query,
    at,
    reasonText("query_found_expected", { found: shown(text), expected: reasonText("query_an_address") }),
  );
}

function pathTerm(query: string, cut: Cut, at: number): QueryTerm {
  const second = cutAt(cut.after, "/");
  if (second !== undefined) {
    throw syntaxError(query, second.at - 1, reasonText("query_second_slash"));
  }
  const functionCategory = patternOf(query, cut.before);
  if (functionCategory.segments.length === 0) {
    throw syntaxError(query, at, reasonText("query_leading_slash"));
  }
  const app = patternOf(query, cut.after);
  return app.segments.length === 0
    ? { kind: "path", functionCategory, at }
    : { kind: "path", functionCategory, app, at };
}

function found(text: string): string {
  return text === "" ? reasonText("query_no_text") : shown(text);
}

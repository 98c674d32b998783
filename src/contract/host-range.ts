import { OmError } from "./errors.ts";
import { foldNumbers, maxRangeDigits, parseRangeSet, type RangeSet, rangeNumbers } from "./range-set.ts";
import { queryReasons } from "./reasons/query.ts";
import { filled } from "./sentence.ts";

/**
 * Host names as a folded range, `web[01-12,15],db3`, and back. Any set of texts survives the way there and back:
 * `expandHosts(foldHosts(names))` is the sorted set of `names`. What is no host name is quoted as JSON text, not folded.
 */

/** Most names that a text may expand to. */
export const maxExpandedHosts = 1_000_000;

/** Most ranges in one name. */
const mostRanges = 8;

/**
 * Folds every number that varies, last one first: `rack[1-2]-web[01-12]`. In natural order (web2 before web10), without
 * duplicates; zero padding is kept. The empty list is the empty text.
 */
export function foldHosts(names: readonly string[]): string {
  const shapes = new Map<string, string[][]>();
  const quoted: string[] = [];
  for (const name of new Set(names)) {
    if (name.length > 253 || !plainName.test(name)) {
      quoted.push(JSON.stringify(name));
      continue;
    }
    const parts = name.split(numberInName);
    const shape = parts.filter((_, index) => index % 2 === 0).join("\u0000");
    const group = shapes.get(shape);
    if (group === undefined) shapes.set(shape, [parts]);
    else group.push(parts);
  }
  const folded = new Map<string, string>();
  for (const group of shapes.values()) {
    for (const { first, text } of foldShape(group)) folded.set(first, text);
  }
  const plain = naturalSort([...folded.keys()]).map((first) => folded.get(first) ?? first);
  return [...plain, ...quoted.sort()].join(",");
}

/**
 * The names of a folded range in natural order, without duplicates. Spaces and line breaks around names are ignored.
 * Throws `query.syntax` with the place (`1:column`) for what cannot be read or holds more than {@link maxExpandedHosts}.
 */
export function expandHosts(text: string): string[] {
  const names = new Set<string>();
  let total = 0;
  for (const { segments, start } of readNames(text)) {
    const problem = expansionFault(segments);
    if (problem !== undefined) throw fault(text, start, problem);
    total += segments.reduce((product, segment) => product * (typeof segment === "string" ? 1 : segment.count), 1);
    if (total > maxExpandedHosts)
      throw fault(text, start, filled(queryReasons.range_names_many, { count: maxExpandedHosts }));
    for (const name of expandSegments(segments)) names.add(name);
  }
  return naturalSort([...names]);
}

/** Why nobody should list what the segments make; undefined when it is harmless. Keeps a short text from costing much. */
export function expansionFault(segments: readonly (string | RangeSet)[]): string | undefined {
  const ranges = segments.filter((segment) => typeof segment !== "string");
  const characters = segments.reduce((sum, segment) => sum + (typeof segment === "string" ? segment.length : 1), 0);
  if (ranges.length > mostRanges) return filled(queryReasons.range_many, { count: mostRanges });
  if (ranges.length > 0 && characters > 253) return filled(queryReasons.range_name_long);
  return undefined;
}

/** Every text that the segments make, the last range running fastest. Ask {@link expansionFault} first. */
export function* expandSegments(segments: readonly (string | RangeSet)[], prefix = ""): Generator<string, void> {
  const [head, ...tail] = segments;
  if (head === undefined) yield prefix;
  else if (typeof head === "string") yield* expandSegments(tail, prefix + head);
  else if (tail.length === 0) for (const number of rangeNumbers(head)) yield prefix + number;
  else for (const number of rangeNumbers(head)) yield* expandSegments(tail, prefix + number);
}

/** In the order in which a person counts: web2 before web10; equal values by fewer leading zeros first. Not in place. */
export function naturalSort(names: readonly string[]): string[] {
  return names
    .map((name) => ({ key: naturalKey(name), name }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ name }) => name);
}

/** Text whose plain order is the natural order of names: each number stands behind its length. */
export function naturalKey(name: string): string {
  return name.replace(/\d+/g, (digits) => {
    const value = digits.replace(/^0+(?=\d)/, "");
    return String.fromCharCode(0x30 + value.length) + value;
  });
}

const plainName = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u;
/** Runs of ASCII digits that a range can hold; longer runs stay text. */
const numberInName = new RegExp(`(?<!\\d)(\\d{1,${maxRangeDigits}})(?!\\d)`);

interface Folded {
  /** First name in it, for the order. */
  readonly first: string;
  readonly text: string;
}

/** Names of one shape (same text between the numbers): at odd places the numbers. Merges along one number after the other. */
function foldShape(group: readonly (readonly string[])[]): Folded[] {
  let rows = group.map((parts) => ({ first: parts, parts: [...parts] }));
  const last = (group[0]?.length ?? 1) - 2;
  let ranges = 0;
  for (let place = last; place > 0 && rows.length > 1 && ranges < mostRanges; place -= 2) {
    const merged = new Map<string, { row: (typeof rows)[number]; numbers: string[] }>();
    for (const row of rows) {
      const number = row.parts[place] ?? "";
      row.parts[place] = "";
      const key = row.parts.join("\u0000");
      const same = merged.get(key);
      if (same === undefined) merged.set(key, { row, numbers: [number] });
      else {
        same.numbers.push(number);
        if (isBefore(number, same.row.first[place] ?? "")) same.row = row;
      }
    }
    if (merged.size < rows.length) ranges += 1;
    rows = [...merged.values()].map(({ row, numbers }) => {
      row.parts[place] = foldNumbers(numbers);
      return row;
    });
  }
  return rows.map(({ first, parts }) => ({ first: first.join(""), text: parts.join("") }));
}

function isBefore(number: string, other: string): boolean {
  return Number(number) - Number(other) < 0 || (Number(number) === Number(other) && number.length < other.length);
}

interface NamePattern {
  readonly segments: readonly (string | RangeSet)[];
  readonly start: number;
}

function* readNames(text: string): Generator<NamePattern, void> {
  let at = skipSpace(text, 0);
  if (at === text.length) return;
  for (;;) {
    const { segments, end } = text[at] === '"' ? readQuoted(text, at) : readName(text, at);
    yield { segments, start: at };
    at = skipSpace(text, end);
    if (at === text.length) return;
    if (text[at] !== ",")
      throw fault(
        text,
        at,
        filled(queryReasons.query_found_expected, {
          found: shown(text, at),
          expected: filled(queryReasons.range_comma_or_end),
        }),
      );
    at = skipSpace(text, at + 1);
  }
}

function readName(text: string, start: number): { segments: (string | RangeSet)[]; end: number } {
  const segments: (string | RangeSet)[] = [];
  const literal = /[\p{L}\p{M}\p{N}._-]+/uy;
  let at = start;
  while (at < text.length) {
    if (text[at] === "[") {
      const close = text.indexOf("]", at);
      if (close < 0) throw fault(text, at, filled(queryReasons.range_open_bracket));
      const set = parseRangeSet(text.slice(at + 1, close));
      if ("message" in set) throw fault(text, at + 1 + set.offset, set.message);
      segments.push(set);
      at = close + 1;
      continue;
    }
    literal.lastIndex = at;
    const found = literal.exec(text);
    if (found === null) break;
    segments.push(found[0]);
    at += found[0].length;
  }
  if (at === start)
    throw fault(
      text,
      at,
      filled(queryReasons.query_found_expected, {
        found: shown(text, at),
        expected: filled(queryReasons.range_a_name),
      }),
    );
  return { segments, end: at };
}

function readQuoted(text: string, start: number): { segments: string[]; end: number } {
  const quoted = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
  quoted.lastIndex = start;
  const found = quoted.exec(text);
  try {
    if (found !== null) return { segments: [String(JSON.parse(found[0]))], end: start + found[0].length };
  } catch {
    // Falls through to the one complaint: the quotes hold something that JSON does not know.
  }
  throw fault(text, start, filled(queryReasons.range_quoted));
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (end < text.length && " \t\r\n".includes(text[end] ?? "x")) end++;
  return end;
}

function shown(text: string, at: number): string {
  const character = text.codePointAt(at);
  return character === undefined ? filled(queryReasons.query_the_end) : `“${String.fromCodePoint(character)}”`;
}

function fault(text: string, at: number, message: string): OmError {
  const column = [...text.slice(0, at)].length + 1;
  return new OmError("query.syntax", filled(queryReasons.range_at, { column, fault: message }), {
    problems: [{ place: `1:${column}`, message }],
  });
}

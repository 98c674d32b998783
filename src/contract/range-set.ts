import { queryReasons } from "./reasons/query.ts";
import { filled } from "./sentence.ts";
/**
 * What stands between the brackets of a host range: `001-500,777`. Zero padding counts: `[1-3]` is 1, 2, 3 and `[01-03]`
 * is 01, 02, 03; `[01-100]` is 01 … 99, 100. No duplicates.
 */
export interface RangeSet {
  /** Disjoint, ascending, by number of digits and then by value; each item is of one number of digits. */
  readonly items: readonly RangeItem[];
  /** How many numbers it holds. */
  readonly count: number;
}

export interface RangeItem {
  readonly digits: number;
  readonly low: number;
  readonly high: number;
}

/** A fault in a range: `offset` counts UTF-16 units from the start of the text. */
export interface RangeFault {
  readonly offset: number;
  readonly message: string;
}

/** Longest number that a range folds or reads; longer runs of digits are plain text. Keeps values exact. */
export const maxRangeDigits = 15;

/** Reads the text between `[` and `]`. Spaces are not allowed. */
export function parseRangeSet(text: string): RangeSet | RangeFault {
  const items: RangeItem[] = [];
  let offset = 0;
  for (const part of text.split(",")) {
    const fault = readPart(part, items);
    if (fault !== undefined) return { offset: offset + fault.offset, message: fault.message };
    offset += part.length + 1;
  }
  return mergeItems(items);
}

function readPart(part: string, items: RangeItem[]): RangeFault | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(part);
  if (match === null) {
    const wrong = /[^\d-]/u.exec(part);
    if (wrong !== null) {
      return { offset: wrong.index, message: expectedNumber(shown(wrong[0])) };
    }
    const found = part === "" ? filled(queryReasons.query_no_text) : `“${part}”`;
    return { offset: 0, message: expectedNumber(found) };
  }
  const low = match[1] ?? "";
  const high = match[2] ?? low;
  if (low.length > maxRangeDigits || high.length > maxRangeDigits) {
    return { offset: 0, message: filled(queryReasons.range_digits, { count: maxRangeDigits }) };
  }
  const highOffset = part.length - high.length;
  if (high.length > 1 && high.startsWith("0") && high.length !== low.length) {
    return { offset: highOffset, message: filled(queryReasons.range_same_digits, { range: part }) };
  }
  if (high.length < low.length || Number(high) < Number(low)) {
    return { offset: highOffset, message: filled(queryReasons.range_below, { range: part }) };
  }
  addRange(items, low, Number(high));
}

function expectedNumber(found: string): string {
  return filled(queryReasons.query_found_expected, { found, expected: filled(queryReasons.range_number) });
}

/** A character in quotes; what does not print as its number. */
function shown(character: string): string {
  if (!/\p{C}/u.test(character)) return `“${character}”`;
  return filled(queryReasons.query_character, {
    number: (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0"),
  });
}

/** One item for each number of digits: `8-101` is 8-9, 10-99 and 100-101. */
function addRange(items: RangeItem[], low: string, high: number): void {
  let from = Number(low);
  for (let digits = low.length; from <= high; digits++) {
    const to = Math.min(high, 10 ** digits - 1);
    items.push({ digits, low: from, high: to });
    from = to + 1;
  }
}

function mergeItems(items: readonly RangeItem[]): RangeSet {
  const merged: RangeItem[] = [];
  let count = 0;
  for (const item of [...items].sort((a, b) => a.digits - b.digits || a.low - b.low)) {
    const last = merged.at(-1);
    if (last !== undefined && last.digits === item.digits && item.low <= last.high + 1) {
      const high = Math.max(last.high, item.high);
      count += high - last.high;
      merged[merged.length - 1] = { digits: last.digits, low: last.low, high };
    } else {
      count += item.high - item.low + 1;
      merged.push(item);
    }
  }
  return { items: merged, count };
}

/** The numbers as text, padded. */
export function* rangeNumbers(set: RangeSet): Generator<string, void> {
  for (const { digits, low, high } of set.items) {
    for (let value = low; value <= high; value++) yield String(value).padStart(digits, "0");
  }
}

/** Whether the set holds the number that stands as `digits` characters from `start` on in `text`; false for other text. */
export function rangeHolds(set: RangeSet, text: string, start: number, digits: number): boolean {
  let value = 0;
  for (let at = start; at < start + digits; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return false;
    value = value * 10 + digit;
  }
  let from = 0;
  let to = set.items.length - 1;
  while (from <= to) {
    const middle = (from + to) >> 1;
    const item = set.items[middle];
    if (item === undefined) return false;
    if (item.digits < digits || (item.digits === digits && item.high < value)) from = middle + 1;
    else if (item.digits > digits || item.low > value) to = middle - 1;
    else return true;
  }
  return false;
}

/** The shortest text for these different numbers (as they stand in names, padding kept): a lone one without brackets. */
export function foldNumbers(numbers: readonly string[]): string {
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined) return only;
  const set = mergeItems(numbers.map((text) => ({ digits: text.length, low: Number(text), high: Number(text) })));
  const parts: { low: string; high: string; next: RangeItem }[] = [];
  for (const item of set.items) {
    const low = String(item.low).padStart(item.digits, "0");
    const high = String(item.high).padStart(item.digits, "0");
    const last = parts.at(-1);
    // 01-99 goes on as 100: the next number of digits begins right behind the last one's end.
    if (last?.next.digits === item.digits && last.next.low === item.low) last.high = high;
    else parts.push({ low, high, next: item });
    const end = parts.at(-1);
    if (end !== undefined) end.next = nextAfter(item);
  }
  const texts = parts.map(({ low, high }) => (low === high ? low : `${low}-${high}`));
  return `[${texts.join(",")}]`;
}

/** What would continue the item as one range: the first number with one digit more, if the item ends in nines. */
function nextAfter(item: RangeItem): RangeItem {
  const ends = item.high === 10 ** item.digits - 1 && item.digits < maxRangeDigits;
  return { digits: ends ? item.digits + 1 : 0, low: item.high + 1, high: 0 };
}

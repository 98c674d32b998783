import { makeVisible } from "./visible-text.ts";

/** Lines of an output, ready to show any of them without looking at the ones before. */
export interface OutputLines {
  readonly count: number;
  /** Length of the longest line in columns, wide characters as two, to size the scrolled area. */
  readonly columns: number;
  /** Text of a line, with the colour sequences that hold at its start before it. Nothing in it acts but those. */
  line(index: number): string;
  /** The line as it was sent, without what came before it. */
  raw(index: number): string;
  /** All of it as it was sent, for a search; undefined where a line was cut, so that its lines are not these. */
  readonly whole: string | undefined;
  /** More lines came than a browser can scroll through. */
  readonly cut: boolean;
}

/** A line longer than this goes on in the next row. */
const longestLine = 4_000;
/** At 18 pixels each, what every browser can still scroll through. */
const mostLines = 900_000;
/** Colour sequences in force that are carried from line to line; older ones beyond it are let go. */
const longestCarried = 512;

/** Cuts decoded output into lines. Linear in its length, and little more than one look at each character. */
export function outputLines(text: string): OutputLines {
  const starts: number[] = [];
  const ends: number[] = [];
  let longest = 0;
  let wasCut = false;
  let at = 0;
  while (at < text.length && starts.length < mostLines) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    const shownEnd = newline > at && text.charCodeAt(end - 1) === 0x0d ? end - 1 : end;
    let from = at;
    for (;;) {
      const to = cutAt(text, from, shownEnd);
      starts.push(from);
      ends.push(to);
      longest = Math.max(longest, to - from);
      if (to >= shownEnd) break;
      wasCut = true;
      from = to;
    }
    at = end + 1;
  }
  const raw = (index: number) => text.slice(starts[index], ends[index]);
  const carried = carriedColours(text);
  return {
    count: starts.length,
    columns: /[\t\u1100-\uffff]/.test(text) ? widest(text, starts, ends) : longest,
    line: (index) => `${carried(starts[index] ?? 0)}${makeVisible(raw(index))}`,
    raw,
    whole: wasCut ? undefined : text,
    cut: at < text.length,
  };
}

function cutAt(text: string, from: number, end: number): number {
  if (end - from <= longestLine) return end;
  const cut = from + longestLine;
  // Not inside a colour sequence, and not between the halves of a character.
  const sequence = text.lastIndexOf("\x1b", cut);
  if (sequence > from && sequence > cut - 70) return sequence;
  const code = text.charCodeAt(cut);
  return code >= 0xdc00 && code <= 0xdfff ? cut - 1 : cut;
}

function widest(text: string, starts: readonly number[], ends: readonly number[]): number {
  let widestSoFar = 0;
  for (let index = 0; index < starts.length; index++) {
    widestSoFar = Math.max(widestSoFar, columnsOf(text, starts[index] ?? 0, ends[index] ?? 0));
  }
  return widestSoFar;
}

function columnsOf(text: string, from: number, to: number): number {
  let columns = to - from;
  for (let index = from; index < to; index++) {
    if (text.charCodeAt(index) >= 0x1100) columns++;
    else if (text.charCodeAt(index) === 0x09) columns += 7;
  }
  return columns;
}

/** Tells the colour sequences since the last reset before a place. What it needs to know is read when first asked. */
function carriedColours(text: string): (place: number) => string {
  if (!text.includes("\x1b[")) return () => "";
  let places: number[] | undefined;
  return (place) => {
    places ??= sequencePlaces(text);
    let carried = "";
    for (let index = before(places, place); index >= 0; index--) {
      const sequence = sequenceAt(text, places[index] ?? 0);
      if (sequence === undefined) continue;
      if (/^\x1b\[0*m$/.test(sequence) || carried.length + sequence.length > longestCarried) break;
      carried = sequence + carried;
    }
    return carried;
  };
}

function sequencePlaces(text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf("\x1b["); at !== -1; at = text.indexOf("\x1b[", at + 2)) places.push(at);
  return places;
}

function sequenceAt(text: string, place: number): string | undefined {
  const colour = /\x1b\[[0-9;]{0,64}m/y;
  colour.lastIndex = place;
  return colour.exec(text)?.[0];
}

/** Index of the last of the ascending places that lies before `place`; -1 for none. */
function before(places: readonly number[], place: number): number {
  let from = 0;
  let to = places.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((places[middle] ?? 0) < place) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}

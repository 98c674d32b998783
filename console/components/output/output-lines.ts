import { makeVisible } from "./visible-text.ts";

/** Lines of an output, ready to show any of them without looking at the ones before. */
export interface OutputLines {
  readonly count: number;
  /** Length of the longest line in columns, wide characters as two, to size the scrolled area. */
  readonly columns: number;
  /** Text of a line, with the colour sequences that hold at its start before it. */
  line(index: number): string;
}

/** A line longer than this goes on in the next row. */
const longestLine = 4_000;
const colour = /\x1b\[([0-9;]*)m/g;
/** Colour sequences in force that are carried from line to line; older ones beyond it are let go. */
const longestCarried = 512;

/** Cuts decoded output into lines. Linear in its length. */
export function outputLines(decoded: string): OutputLines {
  const text = makeVisible(decoded);
  const starts: number[] = [];
  const ends: number[] = [];
  let columns = 0;
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    for (let from = at; from === at || from < end; from = cutAt(text, from, end)) {
      starts.push(from);
      const to = cutAt(text, from, end);
      ends.push(to);
      columns = Math.max(columns, columnsOf(text, from, to));
      if (to >= end) break;
    }
    at = end + 1;
  }
  const carried = carriedColours(text, starts);
  return {
    count: starts.length,
    columns,
    line: (index) => `${carried?.[index] ?? ""}${text.slice(starts[index], ends[index])}`,
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

function columnsOf(text: string, from: number, to: number): number {
  let columns = to - from;
  for (let index = from; index < to; index++) {
    if (text.charCodeAt(index) >= 0x1100) columns++;
    else if (text.charCodeAt(index) === 0x09) columns += 7;
  }
  return columns;
}

/** For each line, the colour sequences since the last reset before it; undefined when there are none at all. */
function carriedColours(text: string, starts: readonly number[]): string[] | undefined {
  if (!text.includes("\x1b[")) return undefined;
  const carried: string[] = [];
  let state = "";
  let line = 0;
  for (const match of text.matchAll(colour)) {
    for (; line < starts.length && (starts[line] ?? 0) <= match.index; line++) carried.push(state);
    state = /^0*$/.test(match[1] ?? "") ? "" : `${state}${match[0]}`;
    if (state.length > longestCarried) state = state.slice(state.indexOf("\x1b", state.length - longestCarried));
  }
  for (; line < starts.length; line++) carried.push(state);
  return carried;
}

import { diffArrays } from "diff";
import { makeVisible, withoutColours } from "../output/visible-text.ts";

/** A line of a comparison; `gap` stands for equal lines that are left out. */
export type DiffRow =
  | { readonly kind: "same" | "removed" | "added"; readonly text: string }
  | { readonly kind: "gap"; readonly count: number };

export interface Diff {
  readonly rows: readonly DiffRow[];
  readonly added: number;
  readonly removed: number;
  /** More rows differ than are listed. */
  readonly cut: boolean;
}

/** More lines than this are not compared: reading the result would help nobody. */
export const mostDiffLines = 50_000;
const mostRows = 2_000;
const context = 3;
/** Beyond so many changes, or so long a look, two texts have little in common. */
const mostChanges = 4_000;
const longestMilliseconds = 1_500;

/**
 * What tells the text from the other, line by line; colours and line ends of another kind make no difference. Undefined
 * when the texts are too large or too different for a comparison that somebody could read.
 */
export function diffLines(before: string, after: string): Diff | undefined {
  const old = linesOf(before);
  const now = linesOf(after);
  if (old.length > mostDiffLines || now.length > mostDiffLines) return undefined;
  const changes = diffArrays(old, now, { maxEditLength: mostChanges, timeout: longestMilliseconds });
  if (changes === undefined) return undefined;
  const rows: DiffRow[] = [];
  let added = 0;
  let removed = 0;
  changes.forEach((change, place) => {
    if (change.added) added += change.count;
    if (change.removed) removed += change.count;
    if (change.added || change.removed) {
      const kind = change.added ? "added" : "removed";
      rows.push(...change.value.map((text) => ({ kind, text }) as const));
    } else {
      rows.push(...withGap(change.value, place > 0, place < changes.length - 1));
    }
  });
  return { rows: rows.slice(0, mostRows), added, removed, cut: rows.length > mostRows };
}

/** Equal lines: those next to a change on either side, and how many lie between. */
function withGap(lines: readonly string[], afterChange: boolean, beforeChange: boolean): DiffRow[] {
  const head = afterChange ? context : 0;
  const tail = beforeChange ? context : 0;
  const same = (text: string): DiffRow => ({ kind: "same", text });
  if (lines.length <= head + tail + 1) return lines.map(same);
  const gap: DiffRow = { kind: "gap", count: lines.length - head - tail };
  return [...lines.slice(0, head).map(same), gap, ...lines.slice(lines.length - tail).map(same)];
}

function linesOf(text: string): string[] {
  const lines = makeVisible(withoutColours(text)).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

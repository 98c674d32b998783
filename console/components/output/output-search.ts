import type { OutputLines } from "./output-lines.ts";
import { withoutColours } from "./visible-text.ts";

/** Finds text in lines, whatever its case and across changes of colour. Made once for the same lines. */
export interface OutputSearch {
  /** Numbers of the lines that hold the text, ascending; none for the empty text. */
  find(text: string): readonly number[];
}

export function outputSearch(lines: OutputLines): OutputSearch {
  let folded: string | undefined;
  return {
    find(text) {
      const wanted = text.toLowerCase();
      if (wanted === "") return [];
      folded ??= foldedText(lines);
      return linesWith(folded, wanted);
    },
  };
}

/** All lines in lower case without colours, one newline between them: what can be searched in one go. */
function foldedText(lines: OutputLines): string {
  if (lines.whole !== undefined) return withoutColours(lines.whole).toLowerCase();
  return Array.from({ length: lines.count }, (_, index) => withoutColours(lines.raw(index)))
    .join("\n")
    .toLowerCase();
}

function linesWith(text: string, wanted: string): number[] {
  const found: number[] = [];
  let line = 0;
  let newline = text.indexOf("\n");
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, newline + 1)) {
    for (; newline !== -1 && newline < at; newline = text.indexOf("\n", newline + 1)) line++;
    found.push(line);
    if (newline === -1) break;
  }
  return found;
}

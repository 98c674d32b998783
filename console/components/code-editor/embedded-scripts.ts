import { languageOf, type ScriptLanguage } from "./code-language.ts";

/** Lines of a YAML text that are a script: a block under `script:` beside an `interpreter:`. */
export interface EmbeddedScript {
  /** Its first line, and the first one after it. */
  readonly from: number;
  readonly to: number;
  /** Columns that are YAML's and not the script's. */
  readonly indent: number;
  readonly language: ScriptLanguage;
}

/** The scripts in a YAML text, as far as the language of their interpreter is known. A text with mistakes may have fewer. */
export function embeddedScripts(lines: readonly string[]): readonly EmbeddedScript[] {
  const scripts: EmbeddedScript[] = [];
  for (let at = 0; at < lines.length; at++) {
    const key = /^( *(?:- +)?)script:\s*[|>][-+\d]*\s*(?:#.*)?$/.exec(lines[at] ?? "");
    if (key === null) continue;
    const column = key[1]?.length ?? 0;
    const end = blockEnd(lines, at + 1, column);
    const language = languageOf(interpreterBeside(lines, at, column));
    const first = lines.slice(at + 1, end).find((line) => line.trim() !== "");
    if (language !== undefined && first !== undefined) {
      scripts.push({ from: at + 1, to: end, indent: indentOf(first), language });
    }
    at = end - 1;
  }
  return scripts;
}

/** The `interpreter` of the mapping whose key stands in this line and column, as words with spaces between. */
function interpreterBeside(lines: readonly string[], at: number, column: number): string {
  for (const line of siblings(lines, at, column)) {
    const found = /^ *(?:- +)?interpreter:(.*)$/.exec(lines[line] ?? "");
    if (found === null) continue;
    const value = (found[1] ?? "").trim();
    return (value === "" ? listItems(lines, line + 1) : value).replace(/[[\],"']/g, " ").trim();
  }
  return "";
}

/** The lines of the other keys of a mapping, upwards first. */
function* siblings(lines: readonly string[], at: number, column: number): Generator<number> {
  for (let line = at; line >= 0; line--) {
    const text = lines[line] ?? "";
    if (text.trim() === "") continue;
    if (columnOf(text) < column) break;
    const isKey = columnOf(text) === column;
    if (isKey && line !== at) yield line;
    // Behind a dash stands the first key of a mapping.
    if (isKey && indentOf(text) < column) break;
  }
  for (let line = at + 1; line < lines.length; line++) {
    const text = lines[line] ?? "";
    if (text.trim() === "") continue;
    if (indentOf(text) < column) break;
    if (columnOf(text) === column) yield line;
  }
}

function listItems(lines: readonly string[], start: number): string {
  const items: string[] = [];
  for (let line = start; /^ *- +\S/.test(lines[line] ?? ""); line++)
    items.push((lines[line] ?? "").replace(/^ *- +/, ""));
  return items.join(" ");
}

/** The first line from `start` on that is no deeper than the column. */
function blockEnd(lines: readonly string[], start: number, column: number): number {
  let end = start;
  while (end < lines.length && ((lines[end] ?? "").trim() === "" || indentOf(lines[end] ?? "") > column)) end++;
  return end;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Where its key stands: behind the dash of a list item. */
function columnOf(line: string): number {
  return /^ *(?:- +)?/.exec(line)?.[0].length ?? 0;
}

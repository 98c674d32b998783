import { json } from "@codemirror/legacy-modes/mode/javascript";
import { perl } from "@codemirror/legacy-modes/mode/perl";
import { python } from "@codemirror/legacy-modes/mode/python";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { yaml } from "@codemirror/legacy-modes/mode/yaml";
import { type StreamParser, StringStream } from "@codemirror/streamparser";
import type { CodeLanguage } from "./code-language.ts";
import { embeddedScripts } from "./embedded-scripts.ts";

/** A piece of a line; `kind` is undefined for plain text. */
export interface CodePiece {
  readonly text: string;
  readonly kind: CodeKind | undefined;
}

export type CodeKind = "comment" | "string" | "keyword" | "number" | "name";

type Parsed = Exclude<CodeLanguage, "manifest">;
const parsers: Readonly<Record<Parsed, StreamParser<unknown>>> = { shell, python, perl, yaml, json };

/** CodeMirror's names of tokens, by their first part; what is not here stays plain. */
const kinds: Readonly<Record<string, CodeKind>> = {
  comment: "comment",
  string: "string",
  keyword: "keyword",
  atom: "keyword",
  meta: "keyword",
  builtin: "keyword",
  number: "number",
  def: "name",
  attribute: "name",
  propertyName: "name",
};
const tabSize = 2;

/** The lines of a text in coloured pieces, which together are the text exactly. Whatever the text is, it ends. */
export function highlight(text: string, language: CodeLanguage): readonly (readonly CodePiece[])[] {
  const lines = text.split("\n");
  if (language !== "manifest") return colouredLines(lines, language);
  if (text.trimStart().startsWith("{")) return colouredLines(lines, "json");
  const coloured = [...colouredLines(lines, "yaml")];
  for (const { from, to, indent, language: inner } of embeddedScripts(lines)) {
    const script = lines.slice(from, to).map((line) => line.slice(indent));
    for (const [place, pieces] of colouredLines(script, inner).entries()) {
      const before = (lines[from + place] ?? "").slice(0, indent);
      coloured[from + place] = before === "" ? pieces : [{ text: before, kind: undefined }, ...pieces];
    }
  }
  return coloured;
}

function colouredLines(lines: readonly string[], language: Parsed) {
  const parser = parsers[language];
  const state = parser.startState?.(tabSize);
  return lines.map((line): readonly CodePiece[] => {
    if (line === "") {
      parser.blankLine?.(state, tabSize);
      return [];
    }
    const pieces = piecesOf(line, parser, state);
    return language === "yaml" ? withoutQuotesInWords(pieces) : pieces;
  });
}

/** The parser takes every quotation mark for the beginning of a string; in YAML one inside a word is a letter. */
function withoutQuotesInWords(pieces: readonly CodePiece[]): readonly CodePiece[] {
  return pieces.map((piece, place) =>
    piece.kind === "string" && /[\p{L}\p{N}]$/u.test(pieces[place - 1]?.text ?? "")
      ? { ...piece, kind: undefined }
      : piece,
  );
}

function piecesOf(line: string, parser: StreamParser<unknown>, state: unknown): readonly CodePiece[] {
  const stream = new StringStream(line, tabSize, tabSize);
  const pieces: CodePiece[] = [];
  let idle = 0;
  while (!stream.eol()) {
    const name = parser.token(stream, state);
    // A parser may look once without moving; one that never moves is not waited for.
    if (stream.pos === stream.start) {
      idle++;
      if (idle > 8) stream.next();
      else continue;
    }
    idle = 0;
    pieces.push({ text: stream.current(), kind: kindOf(name) });
    stream.start = stream.pos;
  }
  return pieces;
}

/** Some parsers leave plain text without a name instead of naming it null. */
function kindOf(name: string | null | undefined): CodeKind | undefined {
  if (name === null || name === undefined) return undefined;
  if (name.includes("variableName.definition")) return "name";
  if (name.includes("variableName.standard") || /\bproperty\b/.test(name)) return "keyword";
  const [first = ""] = name.split(/[ .]/);
  return kinds[first];
}

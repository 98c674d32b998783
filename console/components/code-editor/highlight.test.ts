import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CodeLanguage, languageOf } from "./code-language.ts";
import { highlight } from "./highlight.ts";

const languages: readonly CodeLanguage[] = ["shell", "python", "perl", "yaml", "json", "manifest"];

describe("colours of code", () => {
  it("tell comments, strings, words of the language and numbers apart", () => {
    expect(coloured('# note\nif [ -n "$A" ]; then\n  sleep 3\nfi', "shell")).toEqual([
      "comment:# note",
      "keyword:if",
      "name:-n",
      'string:"',
      "name:$A",
      'string:"',
      "keyword:then",
      "keyword:sleep",
      "number:3",
      "keyword:fi",
    ]);
    expect(coloured('def go(n):\n    return "x" * 2  # twice', "python")).toEqual([
      "keyword:def",
      "name:go",
      "keyword:return",
      'string:"x"',
      "number:2",
      "comment:# twice",
    ]);
  });

  it("take no quotation mark inside a word of YAML for the beginning of a string", () => {
    expect(coloured("en: Sync an application's file, don't ask\nzh: 'quoted'", "yaml")).toEqual([
      "keyword:en",
      "keyword:: ",
      "keyword:zh",
      "keyword:: ",
      "string:'quoted'",
    ]);
  });

  it("of a manifest are YAML's, and in its scripts those of the interpreter, wherever that stands", () => {
    const manifest = [
      "key: a # note",
      "run:",
      "  all:",
      "    kind: script",
      "    interpreter: [/bin/sh]",
      "    script: |",
      "      # here",
      "",
      "      if true; then",
      "  engines:",
      "    ansible:",
      "      - script: |-",
      "          def go():",
      "        interpreter:",
      "          - /usr/bin/env",
      "          - python3",
      "  timeoutMilliseconds: 5",
    ].join("\n");

    const words = coloured(manifest, "manifest");
    for (const word of ["key", "if", "then", "def"]) expect(words).toContain(`keyword:${word}`);
    expect(words.filter((word) => !word.startsWith("keyword:"))).toEqual([
      "comment:# note",
      "comment:# here",
      "name:go",
      "number:5",
    ]);
  });

  it("of a manifest in JSON tell names from values", () => {
    expect(coloured('{"key": "a", "id": 5, "x": true}', "manifest")).toEqual([
      'keyword:"key"',
      'string:"a"',
      'keyword:"id"',
      "number:5",
      'keyword:"x"',
      "keyword:true",
    ]);
  });

  it.each(languages)("change no character of any text, and come to an end: %s", (language) => {
    const line = fc.string({ unit: fc.constantFrom(..."ab \t$\"'`\\#{}[]()<>|&;:=-%@*/~\u4e2d😀0<<EOF".split("")) });
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join("\n");
        const shown = highlight(text, language).map((pieces) => pieces.map((piece) => piece.text).join(""));
        expect(shown.join("\n")).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

it.each([
  ["/bin/sh", "shell"],
  ["/usr/bin/env", undefined],
  ["/usr/bin/env python3", "python"],
  ["/usr/bin/python3.11 -u", "python"],
  ["bash", "shell"],
  ["/usr/bin/perl", "perl"],
  ["/opt/push", undefined],
  ["", undefined],
] as const)("knows what %j reads", (interpreter, language) => {
  expect(languageOf(interpreter)).toBe(language);
});

function coloured(text: string, language: CodeLanguage): readonly string[] {
  return highlight(text, language)
    .flat()
    .flatMap(({ text: piece, kind }) => (kind === undefined ? [] : [`${kind}:${piece}`]));
}

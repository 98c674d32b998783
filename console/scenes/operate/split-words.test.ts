import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinWords, splitWords } from "./split-words.ts";

describe("a typed command", () => {
  it.each([
    ["uptime", ["uptime"]],
    ["  df   -h\t/ \n", ["df", "-h", "/"]],
    ["echo 'a  b' \"c d\"", ["echo", "a  b", "c d"]],
    [`grep -e "it's" 'say "x"'`, ["grep", "-e", "it's", 'say "x"']],
    ["a\\ b c\\'d", ["a b", "c'd"]],
    ['"a\\"b\\\\c\\n"', ['a"b\\c\\n']],
    ["''", [""]],
    ["pre'mid'\"post\"", ["premidpost"]],
    ["echo $HOME * | rm; `id` $(id)", ["echo", "$HOME", "*", "|", "rm;", "`id`", "$(id)"]],
    ["", []],
  ] as const)("%j has the arguments %j", (text, words) => {
    expect(splitWords(text)).toEqual({ ok: true, words });
  });

  it("points at a quote that is not closed and at a backslash at the end", () => {
    expect(splitWords("echo 'a b")).toEqual({ ok: false, fault: "unclosedQuote", column: 6 });
    expect(splitWords("echo \\")).toEqual({ ok: false, fault: "trailingBackslash", column: 6 });
  });

  it("takes single-quoted words back as they were", () => {
    const word = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(splitWords(words.map((text) => `'${text}'`).join(" "))).toEqual({ ok: true, words });
      }),
    );
  });
});

it("cuts what was joined into the same words again, whatever they are", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom(..."ab '\"\\$*|;\t\n中-=".split("")) })), (words) => {
      expect(splitWords(joinWords(words))).toEqual({ ok: true, words });
    }),
  );
});

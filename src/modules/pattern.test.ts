import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPattern, patternProblem } from "./pattern.ts";

test.each([
  "^[a-z]+$",
  "^[0-7]{3,4}$",
  "^(?!-)[A-Za-z0-9_.@:-]{1,128}$",
  "^\\d+(?:,\\d+)*$",
  "^(?:[a-z0-9]+\\.)*[a-z]+$",
  "^(/[^/]+)+$",
  "^(?:a|b|[0-9])*$",
  "^(ab)*$",
  "^(?:\\p{L}|\\d)+$",
  "^a*b*c*$",
  "\\[[^\\]]*\\]",
  "^(?:\\u{4e2d}|\\x41)+$",
  "",
])("%s is taken", (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined();
});

test.each([
  ["(", /is not a regular expression/],
  ["[z-a]", /is not a regular expression/],
  ["a".repeat(513), /longer than 512/],
  ["(a+)+$", /can overlap/],
  ["(a*)*$", /can overlap/],
  ["([a-z]+[0-9]*)+$", /can overlap/],
  ["(a|a)*$", /begin alike/],
  ["(?:[a-z]|[m-q0-9])+$", /begin alike/],
  ["(a|aa)+$", /begin alike/],
  ["((a+){1,20}){1,20}$", /can overlap/],
  ["(?:x(a+)+)?$", /can overlap/],
  ["(a)\\1", /refer back/],
  ["(?<n>a)\\k<n>", /refer back/],
])("%s is refused", (pattern, message) => {
  expect(patternProblem(pattern)).toMatch(message);
});

test("a pattern that takes too long on a text is stopped", () => {
  const before = process.cpuUsage();

  expect(matchesPattern("^(a+)+$", `${"a".repeat(60)}!`)).toBe("too slow");
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
});

test("patterns match as JavaScript's do, with the flag u and without anchors", () => {
  fc.assert(
    fc.property(fc.constantFrom("^[a-z]+$", "b", "^.$", "\\p{L}"), fc.string({ unit: "binary" }), (pattern, text) => {
      expect(matchesPattern(pattern, text)).toBe(new RegExp(pattern, "u").test(text));
    }),
  );
});

test("the judge never throws, and what it takes is fast on hostile texts", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    "[ab]",
    "\\d",
    ".",
    "(",
    ")",
    "(?:",
    "*",
    "+",
    "?",
    "{2,}",
    "|",
    "^",
    "$",
    ",",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const pattern = pieces.join("");
      if (patternProblem(pattern) !== undefined) return;
      // Exponential patterns would never end on these; what is left is at worst polynomial.
      for (const letter of ["a", "b", "1", ","])
        expect(matchesPattern(pattern, `${letter.repeat(40)}!`)).not.toBe("too slow");
    }),
    { numRuns: 2000 },
  );
});

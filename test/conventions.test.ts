import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** Habits of the tests that no linter knows. */

// `toMatchObject` never holds an error's message against a pattern: such an expectation passes whatever was thrown.
const pattern = /toMatchObject\(\s*\{[^{}]*\bmessage:\s*\/(?![/*])/;

it("no test holds a message against a pattern where that cannot fail; expect.stringMatching(/…/) does", () => {
  const files = globSync(["{src,test,console,bench}/**/*.{ts,tsx}"], { cwd: new URL("..", import.meta.url) });
  const faulty = files.filter((file) => pattern.test(readFileSync(new URL(`../${file}`, import.meta.url), "utf8")));

  expect(files.length).toBeGreaterThan(500);
  expect(faulty).toEqual([]);
});

it("finds such an expectation, and leaves others alone", () => {
  const found = ["toMatchObject", '({ code: "x", message: /found/ })'].join("");
  const over = ["toMatchObject", "(\n  {\n    message: /found/,\n  })"].join("");
  const fine = ["toMatchObject", "({ message: expect.stringMatching(/found/) })"].join("");

  expect([found, over, fine].map((text) => pattern.test(text))).toEqual([true, true, false]);
});

import { expect, it } from "vitest";
import { acceptOption, newOptions } from "./accept-option.ts";

it("puts an option in the place of the word that was being written, wherever in the query it stands", () => {
  const word = { from: 4, to: 6 };

  expect(acceptOption("not we, db1", word, { text: "web2", kind: "host" })).toEqual({
    query: "not web2, db1",
    cursor: 8,
  });
});

it("leaves room after an operator, and no second one", () => {
  const end = { from: 5, to: 6 };

  expect(acceptOption("web1 a", end, { text: "and", kind: "operator" })).toEqual({ query: "web1 and ", cursor: 9 });
  expect(acceptOption("web1 a db", end, { text: "and", kind: "operator" })).toEqual({
    query: "web1 and db",
    cursor: 8,
  });
});

it("does not suggest what is there already", () => {
  const options = [
    { text: "web1", kind: "host" as const, count: 1 },
    { text: "web10", kind: "host" as const, count: 1 },
  ];

  expect(newOptions("web1", { from: 0, to: 4, options }).map(({ text }) => text)).toEqual(["web10"]);
});

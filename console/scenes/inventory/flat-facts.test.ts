import { expect, it } from "vitest";
import { flatFacts } from "./flat-facts.ts";

it("names every fact by its path, whatever it is", () => {
  const facts = { os: "Debian", ipv4: { address: "10.0.0.1", all: ["a", "b"] }, none: null, empty: {}, yes: true };

  expect(flatFacts(facts)).toEqual([
    { name: "os", value: "Debian" },
    { name: "ipv4.address", value: "10.0.0.1" },
    { name: "ipv4.all.0", value: "a" },
    { name: "ipv4.all.1", value: "b" },
    { name: "none", value: "null" },
    { name: "empty", value: "{}" },
    { name: "yes", value: "true" },
  ]);
  expect(flatFacts({})).toEqual([]);
});

it("is bounded in number and depth", () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`f${at}`, at]));
  let deep: unknown = "bottom";
  for (let level = 0; level < 1000; level += 1) deep = { deep };

  expect(flatFacts(many)).toHaveLength(5000);
  expect(flatFacts({ deep })).toHaveLength(1);
});

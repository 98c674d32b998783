import fc from "fast-check";
import { expect, it } from "vitest";
import { type ReasonCode, readReason, reasonTemplates, reasonText } from "./reasons.ts";

const codes = Object.keys(reasonTemplates) as ReasonCode[];
const placesOf = (code: ReasonCode) => [...reasonTemplates[code].matchAll(/\{(\w+)\}/g)].map(([, place = ""]) => place);
const textOf = reasonText as (code: ReasonCode, values: Readonly<Record<string, string>>) => string;

it.each(codes)("finds code and values of its sentence again: %s", (code) => {
  const values = Object.fromEntries(placesOf(code).map((place) => [place, `web01 (10.0.0.1:22) ${place}`]));

  expect(readReason(textOf(code, values))).toEqual({ code, values });
});

it("gives back a sentence that says the same, whatever the values are", () => {
  fc.assert(
    fc.property(fc.constantFrom(...codes), fc.string({ minLength: 1, unit: "binary" }), (code, value) => {
      const text = textOf(code, Object.fromEntries(placesOf(code).map((place) => [place, value])));
      const read = readReason(text);
      expect(read && textOf(read.code, read.values)).toBe(text);
    }),
  );
});

it("lets pass what is none of its sentences, quickly", () => {
  expect(readReason("")).toBeUndefined();
  expect(readReason("bash: line 1: foo: command not found")).toBeUndefined();
  expect(readReason("{host} ".repeat(500))).toBeUndefined();
  const begun = performance.now();
  expect(readReason(`The  engine broke: ${" engine broke: ".repeat(260)}\n`.slice(0, 4000))).toBeDefined();
  expect(readReason("The connection to ".repeat(220))).toBeUndefined();
  expect(performance.now() - begun).toBeLessThan(500);
});

it("tells the particular from the general", () => {
  expect(readReason("Not started: more than 3 hosts of this run had failed.")).toEqual({
    code: "too_many_failures",
    values: { count: "3" },
  });
  expect(readReason("Not started: The ssh engine broke: no memory")?.code).toBe("not_started_because");
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { type ReasonCode, readReason, reasonTemplates, reasonText } from "./reasons.ts";

const codes = Object.keys(reasonTemplates) as ReasonCode[];
const placesOf = (code: ReasonCode) =>
  [...reasonTemplates[code].matchAll(/\{(\w+)([?!#]?)\}/g)].map(([, name = "", kind = ""]) => ({ name, kind }));
const textOf = reasonText as (code: ReasonCode, values: Readonly<Record<string, string>>) => string;

/** A value that its place takes: a sentence of the catalogue, digits, or what is given. */
function valueFor(kind: string, given: string): string {
  return kind === "!" ? reasonText("must_not_be_empty") : kind === "#" ? "42" : given;
}

it.each(codes)("finds code and values of its sentence again: %s", (code) => {
  const values = Object.fromEntries(placesOf(code).map(({ name, kind }) => [name, valueFor(kind, `web01:22/${name}`)]));

  expect(readReason(textOf(code, values))).toEqual({ code, values });
});

it("gives back a sentence that says the same, whatever the values are", () => {
  fc.assert(
    fc.property(fc.constantFrom(...codes), fc.string({ minLength: 1, unit: "binary" }), (code, value) => {
      const text = textOf(
        code,
        Object.fromEntries(placesOf(code).map(({ name, kind }) => [name, valueFor(kind, value)])),
      );
      const read = readReason(text);
      expect(read && textOf(read.code, read.values)).toBe(text);
    }),
  );
});

it("has no two sentences that only their places' names tell apart, and none that is a single word", () => {
  const shapes = codes.map((code) => reasonTemplates[code].replace(/\{\w+([?!#]?)\}/g, "{}"));
  expect(shapes.filter((shape, at) => shapes.indexOf(shape) !== at)).toEqual([]);
  expect(shapes.filter((shape) => !/\S\s+\S/.test(shape))).toEqual([]);
});

it("lets nothing stand between two places but what tells them apart", () => {
  for (const code of codes) expect(reasonTemplates[code], code).not.toMatch(/\}\{\w/);
});

it("takes a stranger's words for none of its own, where a template has few of them", () => {
  expect(readReason("bash: line 1: foo: command not found")).toBeUndefined();
  expect(readReason("“web01” went away")).toBeUndefined();
  expect(readReason("Host key verification failed")).toBeUndefined();
  expect(readReason("Module not found")).toBeUndefined();
  expect(readReason("User deploy")).toBeUndefined();
});

it("lets pass what is none of its sentences, quickly", () => {
  expect(readReason("")).toBeUndefined();
  expect(readReason("{host} ".repeat(500))).toBeUndefined();
  const begun = process.cpuUsage();
  expect(readReason(`The  engine broke: ${" engine broke: ".repeat(260)}\n`.slice(0, 4000))).toBeDefined();
  expect(readReason("The connection to ".repeat(220))).toBeUndefined();
  expect(readReason("“a” ".repeat(990))).toBeUndefined();
  expect(readReason("a: ".repeat(1300))).toBeUndefined();
  expect(process.cpuUsage(begun).user).toBeLessThan(500_000);
});

it("tells the particular from the general", () => {
  expect(readReason("Not started: more than 3 hosts of this run had failed.")).toEqual({
    code: "too_many_failures",
    values: { count: "3" },
  });
  expect(readReason("Not started: The ssh engine broke: no memory")?.code).toBe("not_started_because");
  expect(readReason("/name: must not be empty")).toEqual({
    code: "fault_at",
    values: { place: "/name", fault: "must not be empty" },
  });
});

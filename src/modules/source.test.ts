import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModuleManifest } from "../contract/module.ts";
import { adhocModule } from "./adhoc.ts";
import { canonicalJson, moduleSha256 } from "./content.ts";
import { parseModule } from "./parse.ts";
import { moduleSource } from "./source.ts";

const line = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((text) => /\S/u.test(text) && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text));
const anyText = fc
  .string({ unit: "grapheme", maxLength: 200 })
  .filter((text) => !text.includes("\0") && text.isWellFormed());
const script = fc
  .oneof(
    fc
      .array(
        fc.oneof(anyText, fc.constantFrom("#!/bin/sh", "  indented", "\ttab", "--- x", "key: value", "trailing  ")),
        { minLength: 1 },
      )
      .map((lines) => lines.join("\n")),
    anyText,
  )
  .filter((text) => text.length > 0);

const manifests: fc.Arbitrary<ModuleManifest> = fc.record({
  id: fc.nat(1_000_000),
  key: fc.stringMatching(/^[a-z][a-z0-9-]{1,20}$/),
  name: fc.record({ zh: line, en: line }),
  description: fc.record({ zh: line, en: line }),
  danger: fc.constantFrom("read" as const, "change" as const, "destructive" as const),
  parameters: fc.record({
    type: fc.constant("object" as const),
    properties: fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9_]{0,31}$/).filter((name) => !(name in Object.prototype)),
      fc.record({
        type: fc.constant("string" as const),
        title: line,
        default: line,
        examples: fc.array(line, { maxLength: 3 }),
      }),
      { maxKeys: 4 },
    ),
  }),
  run: fc.record({
    all: fc.record({
      kind: fc.constant("script" as const),
      interpreter: fc.constant(["/bin/sh", "-e"]),
      script,
      arguments: fc.array(anyText, { maxLength: 3 }),
    }),
  }),
});

test("the text of a manifest reads back as the same manifest", () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      expect(parseModule(moduleSource(manifest))).toEqual(manifest);
    }),
    { numRuns: 300 },
  );
});

test("parameters stand in the author's order", () => {
  const manifest =
    parseModule(`{"key": "order", "name": {"zh": "序", "en": "Order"}, "description": {"zh": "", "en": ""},
    "danger": "read", "run": {"all": {"kind": "command", "argv": ["true"]}},
    "parameters": {"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "string"}, "m": {"type": "string"}}}}`);

  expect(Object.keys(parseModule(moduleSource(manifest)).parameters.properties)).toEqual(["z", "a", "m"]);
});

test("a script stands as a text block", () => {
  const manifest = adhocModule({ script: { interpreter: ["/bin/sh"], text: "echo one\necho two\n" } });

  expect(moduleSource(manifest)).toContain("script: |\n      echo one\n      echo two\n");
});

test("the content hash does not see the order of keys, and sees every change", () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      const turned = Object.fromEntries(Object.entries(manifest).reverse()) as unknown as ModuleManifest;

      expect(moduleSha256(turned)).toBe(moduleSha256(manifest));
      expect(moduleSha256({ ...manifest, id: manifest.id + 1 })).not.toBe(moduleSha256(manifest));
      expect(JSON.parse(canonicalJson(manifest))).toEqual(JSON.parse(JSON.stringify(manifest)));
    }),
  );
});

test("a typed command is a module that a reader of manifests takes", () => {
  const manifest = adhocModule({ command: ["ls", "-la", "$(touch canary)", "{{7*7}}"] });

  expect(parseModule(canonicalJson(manifest))).toEqual(manifest);
  expect(manifest).toMatchObject({ id: 0, key: "command", danger: "change" });
  expect(adhocModule({ script: { interpreter: ["/usr/bin/python3"], text: "print(1)" } })).toMatchObject({
    id: 0,
    key: "script",
  });
});

test.each([
  ["nothing", {}],
  ["both", { command: ["ls"], script: { interpreter: ["sh"], text: "ls" } }],
  ["no program", { command: [] }],
  ["an option for a program", { command: ["-rf"] }],
  ["a NUL", { command: ["ls", "a\0b"] }],
  ["an empty script", { script: { interpreter: ["sh"], text: "" } }],
  ["no interpreter", { script: { interpreter: [], text: "ls" } }],
  ["half a megabyte of script", { script: { interpreter: ["sh"], text: "#".repeat(524_288) } }],
])("a typed task with %s is refused", (_name, adhoc) => {
  expect(() => adhocModule(adhoc)).toThrow(expect.objectContaining({ code: "module.invalid" }));
});

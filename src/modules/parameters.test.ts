import fc from "fast-check";
import { expect, test } from "vitest";
import { OmError } from "../contract/errors.ts";
import type { ModuleManifest, ParameterProperty, ParameterValues } from "../contract/module.ts";
import { secretParameters, validateParameters } from "./parameters.ts";

function moduleOf(properties: Record<string, ParameterProperty>, required: string[] = []): ModuleManifest {
  return {
    id: 1,
    key: "test",
    name: { zh: "测试", en: "Test" },
    description: { zh: "", en: "" },
    danger: "read",
    parameters: { type: "object", properties, required },
    run: { all: { kind: "command", argv: ["true"] } },
  };
}

/** The problems of one value of a parameter `p`. */
function problemOf(property: ParameterProperty, value: unknown): string | undefined {
  try {
    validateParameters(moduleOf({ p: property }), { p: value } as ParameterValues);
    return undefined;
  } catch (error) {
    if (!(error instanceof OmError)) throw error;
    expect(error.code).toBe("module.parameters");
    expect(error.problems.map((problem) => problem.place)).toEqual(["/p"]);
    return error.problems[0]?.message;
  }
}

test.each<[ParameterProperty, unknown, RegExp]>([
  [{ type: "integer" }, "5", /“p” must be an integer/],
  [{ type: "integer" }, 5.5, /must be an integer/],
  [{ type: "integer" }, 2 ** 60, /between/],
  [{ type: "integer" }, Number.NaN, /must be an integer|finite/],
  [{ type: "number" }, true, /must be a number/],
  [{ type: "number" }, Number.POSITIVE_INFINITY, /must be a finite number/],
  [{ type: "boolean" }, "true", /must be true or false/],
  [{ type: "boolean" }, 1, /must be true or false/],
  [{ type: "string" }, 5, /must be text/],
  [{ type: "string" }, null, /must be text/],
  [{ type: "string" }, ["x"], /must be text/],
  [{ type: "string" }, { toString: "x" }, /must be text/],
  [{ type: "integer", minimum: 1, maximum: 9 }, 0, /at least 1/],
  [{ type: "integer", minimum: 1, maximum: 9 }, 10, /at most 9/],
  [{ type: "string", minLength: 1 }, "", /must not be empty/],
  [{ type: "string", minLength: 2 }, "中", /at least 2 characters/],
  [{ type: "string", maxLength: 2 }, "三个字", /at most 2 characters/],
  [{ type: "string", enum: ["a", "b"] }, "c", /must be one of a, b/],
  [{ type: "string", const: "a" }, "b", /must be "a"/],
  [{ type: "string", pattern: "^[a-z]+$" }, "a\n", /must match the pattern/],
  [{ type: "string", pattern: "^[a-z]+$" }, "-oProxyCommand=x", /must match the pattern/],
  [{ type: "string" }, "a\0b", /NUL/],
  [{ type: "string" }, "\uD800", /well-formed/],
  [{ type: "string" }, "two\nlines", /must be one line/],
  [{ type: "string", format: "password" }, "two\nlines", /must be one line/],
  [{ type: "string" }, "x".repeat(1_048_576), /at most 131,000 bytes long \(it has 1,048,576\)/],
  [{ type: "string", format: "multiline" }, "中".repeat(44_000), /at most 131,000 bytes/],
  [{ type: "string", format: "path" }, "etc", /absolute path/],
  [{ type: "string", format: "path" }, "/etc/../shadow", /must not contain/],
  [{ type: "string", format: "hostname" }, "-x", /host name/],
  [{ type: "string", format: "hostname" }, "a b", /host name/],
  [{ type: "string", format: "hostname" }, "$(id)", /host name/],
  [{ type: "string", format: "file" }, "abc", /SHA-256/],
])("a value that is not right is refused, and told why (%#)", (property, value, message) => {
  expect(problemOf(property, value)).toMatch(message);
});

test.each<[ParameterProperty, unknown]>([
  [{ type: "integer", minimum: 0 }, 0],
  [{ type: "number" }, -0.5],
  [{ type: "boolean" }, false],
  [{ type: "string" }, ""],
  [{ type: "string" }, "-rf / ; $(touch canary) `id` {{7*7}} ' \" \\ __proto__"],
  [{ type: "string", maxLength: 2 }, "😀😀"],
  [{ type: "string", format: "multiline" }, "two\nlines\r\n"],
  [{ type: "string", format: "path" }, "/etc/nginx/a b.conf"],
  [{ type: "string", format: "hostname" }, "web-01.example.com"],
  [{ type: "string", format: "hostname" }, "2001:db8::1"],
  [{ type: "string", format: "file" }, "0".repeat(64)],
])("a value that is right is taken as it is (%#)", (property, value) => {
  const values = { p: value } as ParameterValues;

  expect(validateParameters(moduleOf({ p: property }), values)).toEqual(values);
});

test("defaults are added, in the form's order, and a value wins over its default", () => {
  const manifest = moduleOf({
    a: { type: "string", default: "x" },
    b: { type: "integer", default: 1 },
    c: { type: "boolean" },
  });

  expect(Object.entries(validateParameters(manifest, { b: 2 }))).toEqual([
    ["a", "x"],
    ["b", 2],
  ]);
});

test("every wrong, missing and unknown parameter is named at once", () => {
  const manifest = moduleOf({ a: { type: "string" }, b: { type: "integer" }, constructed: { type: "string" } }, ["a"]);
  const values = JSON.parse('{"b": "x", "__proto__": 1, "toString": 2, "a/b": 3}') as ParameterValues;

  try {
    validateParameters(manifest, values);
    expect.unreachable();
  } catch (error) {
    const { problems } = error as OmError;
    expect(problems.map((problem) => problem.place).sort()).toEqual(["/__proto__", "/a", "/a~1b", "/b", "/toString"]);
    expect(problems.map((problem) => problem.message).join()).toContain("the module takes: a, b, constructed");
  }
});

test("all values together are limited", () => {
  const names = ["a", "b", "c", "d", "e"];
  const manifest = moduleOf(Object.fromEntries(names.map((name) => [name, { type: "string" }])));

  expect(() =>
    validateParameters(manifest, Object.fromEntries(names.map((name) => [name, "x".repeat(125_000)]))),
  ).toThrow(/512 KiB/);
});

test("a file's destination must be chosen one way or the other", () => {
  const manifest: ModuleManifest = {
    ...moduleOf({ file: { type: "string", format: "file" }, path: { type: "string" }, mode: { type: "string" } }),
    run: {
      all: {
        kind: "file",
        file: { parameter: "file" },
        destination: { parameter: "path" },
        mode: { parameter: "mode" },
      },
    },
  };
  const file = "0".repeat(64);

  expect(() => validateParameters(manifest, { file })).toThrow(/the destination is not chosen: give “path”/);
  expect(() => validateParameters(manifest, { path: "/etc/x" })).toThrow(/the file is not chosen/);
  expect(() => validateParameters(manifest, { file, path: "etc/x" })).toThrow(/“path” must be an absolute path/);
  expect(() => validateParameters(manifest, { file, path: "/etc/x", mode: "u+s" })).toThrow(/“mode” must be octal/);
  expect(validateParameters(manifest, { file, path: "/etc/x" })).toEqual({ file, path: "/etc/x" });
});

test("passwords are the secrets", () => {
  expect(secretParameters(moduleOf({ a: { type: "string" }, b: { type: "string", format: "password" } }))).toEqual([
    "b",
  ]);
});

test("whatever is sent, the answer is the values or an OmError, never anything else", () => {
  const manifest = moduleOf({
    a: { type: "string", pattern: "^(?:[a-z]+,)*$" },
    b: { type: "integer", minimum: 3 },
    c: { type: "string", format: "hostname" },
  });
  const anything = fc.oneof(fc.string({ unit: "binary" }), fc.anything());
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.constantFrom("a", "b", "c", "__proto__"), fc.string()), anything),
      (values) => {
        try {
          const taken = validateParameters(manifest, values as ParameterValues);
          expect(Object.keys(taken).every((name) => ["a", "b", "c"].includes(name))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(OmError);
        }
      },
    ),
  );
});

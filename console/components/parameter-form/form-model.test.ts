import { describe, expect, it } from "vitest";
import type { ParameterSchema } from "../../../src/contract/module.ts";
import {
  type Draft,
  draftFaults,
  draftValues,
  firstDraft,
  formFields,
  rememberable,
  validValues,
} from "./form-model.ts";

const schema: ParameterSchema = {
  type: "object",
  required: ["service", "lines"],
  properties: {
    service: {
      type: "string",
      title: "Service",
      enum: ["nginx", "haproxy"],
      default: "nginx",
      "x-zh": { title: "服务", enum: { haproxy: "负载均衡" } },
    },
    lines: { type: "integer", minimum: 1, maximum: 1000, default: 20 },
    ratio: { type: "number", examples: [0.5] },
    verbose: { type: "boolean", default: true },
    note: { type: "string", format: "multiline", maxLength: 5 },
    secret: { type: "string", format: "password", minLength: 3, default: "never shown" },
    target: { type: "string", format: "path" },
    host: { type: "string", format: "hostname" },
    code: { type: "string", pattern: "^[a-z]+$" },
    odd: { type: "string", pattern: "(" },
    file: { type: "string", format: "file" },
    fixed: { type: "string", const: "same" },
  },
};
const fields = formFields(schema, "en");
const good: Draft = { service: "nginx", lines: "20" };

describe("the form of a JSON Schema", () => {
  it("has a field of the right kind for every parameter, in order", () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ["service", "choice"],
      ["lines", "number"],
      ["ratio", "number"],
      ["verbose", "boolean"],
      ["note", "multiline"],
      ["secret", "password"],
      ["target", "text"],
      ["host", "text"],
      ["code", "text"],
      ["odd", "text"],
      ["file", "file"],
      ["fixed", "text"],
    ]);
  });

  it("speaks the language asked for, and falls back to the plain title and the name", () => {
    const [chinese] = formFields(schema, "zh");
    expect(chinese).toMatchObject({ title: "服务", choices: [{ label: "nginx" }, { label: "负载均衡" }] });
    expect(fields[0]).toMatchObject({ title: "Service", choices: [{ label: "nginx" }, { label: "haproxy" }] });
    expect(fields[1]?.title).toBe("lines");
    expect(fields[2]?.example).toBe("0.5");
  });

  it("starts with defaults and with what was typed last, never with a secret", () => {
    expect(firstDraft(fields)).toMatchObject({ service: "nginx", lines: "20", verbose: true, fixed: "same" });
    expect(firstDraft(fields).secret).toBeUndefined();
    const remembered = { lines: "7", verbose: false, secret: "old", fixed: "other" };
    expect(firstDraft(fields, remembered)).toMatchObject({ lines: "7", verbose: false, fixed: "same" });
    expect(firstDraft(fields, remembered).secret).toBeUndefined();
  });

  it("keeps for the next time what is neither secret nor fixed nor a file, and takes back what is still valid", () => {
    const draft = { ...firstDraft(fields), lines: "7", verbose: false, secret: "hidden", file: "ab12" };
    const kept = rememberable(fields, draft);
    expect(kept).toEqual({ service: "nginx", lines: "7", verbose: false });
    expect(validValues(fields, kept)).toEqual(kept);
    const older = { service: "gone", lines: "5000", verbose: "yes", secret: "old", note: "short", other: "x" };
    expect(validValues(fields, older)).toEqual({ note: "short" });
  });

  it.each([
    [{ service: undefined }, { service: { kind: "required" } }],
    [{ lines: "" }, { lines: { kind: "required" } }],
    [{ lines: "x" }, { lines: { kind: "number" } }],
    [{ lines: " " }, { lines: { kind: "number" } }],
    [{ lines: "1.5" }, { lines: { kind: "integer" } }],
    [{ lines: "1e400" }, { lines: { kind: "number" } }],
    [{ lines: "0" }, { lines: { kind: "minimum", limit: 1 } }],
    [{ lines: "1001" }, { lines: { kind: "maximum", limit: 1000 } }],
    [{ ratio: "0.25" }, {}],
    [{ note: "123456" }, { note: { kind: "maxLength", limit: 5 } }],
    [{ note: "😀😀😀😀😀" }, {}],
    [{ secret: "ab" }, { secret: { kind: "minLength", limit: 3 } }],
    [{ target: "etc/x" }, { target: { kind: "path" } }],
    [{ target: "/etc/x" }, {}],
    [{ host: "-x" }, { host: { kind: "hostname" } }],
    [{ host: "db1.example.com" }, {}],
    [{ code: "A" }, { code: { kind: "pattern" } }],
    [{ odd: "anything" }, {}],
    [{}, {}],
  ] as const)("finds the fault of %j", (change, faults) => {
    expect(draftFaults(fields, { ...good, ...change })).toEqual(faults);
  });

  it("gives the API numbers as numbers, and leaves out what is empty", () => {
    const draft = { ...firstDraft(fields), ratio: "0.25", note: "", target: undefined };
    expect(draftValues(fields, draft)).toEqual({
      service: "nginx",
      lines: 20,
      ratio: 0.25,
      verbose: true,
      fixed: "same",
    });
  });
});

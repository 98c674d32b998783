import { z } from "zod";
import { engineIds } from "../contract/engine.ts";
import { type ArgumentTemplate, dangers, type ParameterProperty } from "../contract/module.ts";
import { gitUrl, isPathInside, isReservedVariable } from "./playbook-action.ts";

/**
 * The shape of a manifest; what needs more than one field at a time to judge is in manifest-checks.ts. Every object is
 * strict: a misspelt key is a problem, not a setting without effect.
 */

export const largestScriptBytes = 256 * 1024;

const wellFormed = (text: string) => text.isWellFormed() && !text.includes("\0");
const badText = "must be well-formed Unicode without NUL characters";

function text(longest: number) {
  return z.string("must be text (put quotes around it)").max(longest).refine(wellFormed, badText);
}

/** A title that stands on one line. */
function label(longest: number) {
  return text(longest)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, "must be one line without control characters")
    .refine((value) => value.trim() !== "", "must not be empty");
}

/** A description: lines are allowed. */
function prose(longest: number) {
  return text(longest).regex(/^(?:\P{Cc}|[\n\t])*$/u, "must not contain control characters");
}

const parameterName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]{0,31}$/,
    "is not a parameter name: it begins with a small letter and holds at most 32 small letters, digits and “_”",
  )
  .refine((name) => !(name in Object.prototype), "is not a parameter name: JavaScript reserves it");

const argument: z.ZodType<ArgumentTemplate> = z.lazy(() =>
  z.union(
    [
      text(131_071),
      z.strictObject({
        parameter: z.string("must be the name of a parameter"),
        values: z.record(z.string(), text(4096)).optional(),
        otherwise: argument.optional(),
      }),
    ],
    { error: "must be text (put quotes around a number), or {parameter: name}" },
  ),
);

const literal = text(4096).min(1);
const argumentList = z.array(argument, "must be a list of arguments").max(1024);
const program = z.array(argument, "must be a list: the program, then its arguments").min(1).max(1024);

const command = z.strictObject({ kind: z.literal("command"), argv: program });

const script = z.strictObject({
  kind: z.literal("script"),
  interpreter: z.array(literal, "must be a list: the program, then its options").min(1).max(16),
  script: z
    .string("must be the text of the script ({file: name} works only in a module folder)")
    .min(1)
    .refine((value) => Buffer.byteLength(value) <= largestScriptBytes, "is longer than 256 KiB")
    .refine(wellFormed, badText),
  arguments: argumentList.optional(),
});

const file = z.strictObject({
  kind: z.literal("file"),
  file: argument,
  destination: argument,
  owner: argument.optional(),
  group: argument.optional(),
  mode: argument.optional(),
  keepOld: z.boolean().optional(),
  after: program.optional(),
  afterAlways: z
    .union([z.boolean(), z.strictObject({ parameter: z.string() })], {
      error: "must be true, false or {parameter: name}",
    })
    .optional(),
});

const native = z.strictObject({
  kind: z.literal("native"),
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*$/, "must be a module's name such as service.restart")
    .max(200),
  arguments: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, "is not an argument's name"),
    z.union([argument, z.number(), z.boolean()], { error: "must be text, a number, true, false or {parameter: name}" }),
  ),
  positional: z.array(z.string(), "must be a list of arguments' names").max(64).optional(),
});

const sha = /^[0-9a-f]{64}$/;
const tags = z.array(argument, "must be a list of tags").max(64).optional();

const playbook = z.strictObject({
  kind: z.literal("playbook"),
  source: z.union(
    [
      z.strictObject({
        project: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be the name of a project on the controller"),
        sha256: z.string().regex(sha, "must be 64 hex digits").optional(),
      }),
      z.strictObject({
        git: z.string().regex(gitUrl, "must be https://…, ssh://… or an absolute path, without password"),
        commit: z
          .string()
          .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "must be the full id of a commit, not a branch or a tag"),
      }),
    ],
    { error: "must be {project: name} or {git: url, commit: id}" },
  ),
  playbook: text(500).refine(isPathInside, "must be a path inside the source, such as site.yml").optional(),
  role: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, "must be the name of a role")
    .optional(),
  variables: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, "is not a variable's name")
        .refine((name) => !isReservedVariable(name), "is a name that Ansible or OMServer keeps for itself"),
      z.union([argument, z.number(), z.boolean()], {
        error: "must be text, a number, true, false or {parameter: name}",
      }),
    )
    .optional(),
  tags,
  skipTags: tags,
  limit: argument.optional(),
  groups: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, "must be the name of a group"))
    .max(32)
    .optional(),
});

const action = z.discriminatedUnion("kind", [command, script, file, native, playbook], {
  error: "must have a “kind”: command, script, file, native or playbook",
});

const value = z.union([text(65_536), z.number(), z.boolean()], { error: "must be text, a number, true or false" });

const texts = z.strictObject({
  title: label(100).optional(),
  description: prose(1000).optional(),
  enum: z.record(z.string(), label(100)).optional(),
});

const count = z.number().int().min(0);

const property: z.ZodType<ParameterProperty> = z.strictObject({
  type: z.enum(["string", "integer", "number", "boolean"], "must be string, integer, number or boolean"),
  title: label(100).optional(),
  description: prose(1000).optional(),
  default: value.optional(),
  enum: z
    .array(z.union([text(1000), z.number()], { error: "must be text or a number" }))
    .min(1)
    .max(500)
    .optional(),
  const: value.optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: count.optional(),
  maxLength: count.optional(),
  pattern: z.string().optional(),
  examples: z.array(value).max(20).optional(),
  format: z
    .enum(["multiline", "password", "file", "path", "hostname"], "must be multiline, password, file, path or hostname")
    .optional(),
  "x-zh": texts.optional(),
  "x-en": texts.optional(),
});

export const manifestSchema = z.strictObject(
  {
    id: z.number().int().min(0).max(2_000_000_000).default(0),
    key: z
      .string("must be the module's key")
      .regex(/^[a-z][a-z0-9-]{1,62}$/, "must begin with a small letter and hold 2 to 63 small letters, digits and “-”"),
    name: z.strictObject({ zh: label(100), en: label(100) }, "must be {zh: …, en: …}"),
    description: z.strictObject({ zh: prose(2000), en: prose(2000) }, "must be {zh: …, en: …}"),
    danger: z.enum(dangers, "must be read, change or destructive"),
    parameters: z.strictObject({
      type: z.literal("object", "must be “object”"),
      properties: z.record(parameterName, property),
      required: z.array(z.string()).max(64).optional(),
      additionalProperties: z.literal(false, "must be false: a module takes no other parameters").optional(),
    }),
    run: z.strictObject({
      all: action.optional(),
      engines: z.partialRecord(z.enum(engineIds, "is not an engine"), action).optional(),
    }),
    become: z
      .strictObject({
        user: z
          .string()
          .max(64)
          .regex(/^[A-Za-z_][A-Za-z0-9_.@-]*\$?$/, "must be a user name"),
      })
      .optional(),
    timeoutMilliseconds: z.number().int().min(1000).max(86_400_000).optional(),
  },
  "must be a mapping with key, name, description, danger, parameters and run",
);

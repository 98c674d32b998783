import { z } from "zod";
import { engineIds } from "../contract/engine.ts";
import { type ArgumentTemplate, dangers, type ParameterProperty } from "../contract/module.ts";
import { reasonText } from "../contract/reasons.ts";
import { gitUrl, isPathInside, isReservedVariable } from "./playbook-action.ts";

/**
 * The shape of a manifest; what needs more than one field at a time to judge is in manifest-checks.ts. Every object is
 * strict: a misspelt key is a problem, not a setting without effect.
 */

export const largestScriptBytes = 256 * 1024;

const wellFormed = (text: string) => text.isWellFormed() && !text.includes("\0");
const badText = reasonText("text_well_formed");

function text(longest: number) {
  return z.string(reasonText("text_quoted")).max(longest).refine(wellFormed, badText);
}

/** A title that stands on one line. */
function label(longest: number) {
  return text(longest)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, reasonText("text_one_line"))
    .refine((value) => value.trim() !== "", reasonText("must_not_be_empty"));
}

/** A description: lines are allowed. */
function prose(longest: number) {
  return text(longest).regex(/^(?:\P{Cc}|[\n\t])*$/u, reasonText("field_no_control"));
}

const parameterName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,31}$/, reasonText("shape_parameter_name"))
  .refine((name) => !(name in Object.prototype), reasonText("shape_parameter_reserved"));

const argument: z.ZodType<ArgumentTemplate> = z.lazy(() =>
  z.union(
    [
      text(131_071),
      z.strictObject({
        parameter: z.string(reasonText("shape_parameter")),
        values: z.record(z.string(), text(4096)).optional(),
        otherwise: argument.optional(),
      }),
    ],
    { error: reasonText("shape_argument") },
  ),
);

const literal = text(4096).min(1);
const argumentList = z.array(argument, reasonText("shape_arguments")).max(1024);
const program = z.array(argument, reasonText("shape_program")).min(1).max(1024);

const command = z.strictObject({ kind: z.literal("command"), argv: program });

const script = z.strictObject({
  kind: z.literal("script"),
  interpreter: z.array(literal, reasonText("shape_interpreter")).min(1).max(16),
  script: z
    .string(reasonText("shape_script"))
    .min(1)
    .refine((value) => Buffer.byteLength(value) <= largestScriptBytes, reasonText("shape_script_long"))
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
      error: reasonText("shape_after_always"),
    })
    .optional(),
});

const native = z.strictObject({
  kind: z.literal("native"),
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*$/, reasonText("shape_native_name"))
    .max(200),
  arguments: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, reasonText("shape_argument_name")),
    z.union([argument, z.number(), z.boolean()], { error: reasonText("shape_argument_value") }),
  ),
  positional: z.array(z.string(), reasonText("shape_positional")).max(64).optional(),
});

const sha = /^[0-9a-f]{64}$/;
const tags = z.array(argument, reasonText("shape_tags")).max(64).optional();

const playbook = z.strictObject({
  kind: z.literal("playbook"),
  source: z.union(
    [
      z.strictObject({
        project: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, reasonText("shape_project")),
        sha256: z.string().regex(sha, reasonText("shape_hex")).optional(),
      }),
      z.strictObject({
        git: z.string().regex(gitUrl, reasonText("shape_git")),
        commit: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, reasonText("shape_commit")),
      }),
    ],
    { error: reasonText("shape_source") },
  ),
  playbook: text(500).refine(isPathInside, reasonText("shape_path_inside")).optional(),
  role: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, reasonText("shape_role"))
    .optional(),
  variables: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, reasonText("shape_variable"))
        .refine((name) => !isReservedVariable(name), reasonText("shape_variable_kept")),
      z.union([argument, z.number(), z.boolean()], {
        error: reasonText("shape_argument_value"),
      }),
    )
    .optional(),
  tags,
  skipTags: tags,
  limit: argument.optional(),
  groups: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, reasonText("shape_group")))
    .max(32)
    .optional(),
});

const action = z.discriminatedUnion("kind", [command, script, file, native, playbook], {
  error: reasonText("shape_kind"),
});

const value = z.union([text(65_536), z.number(), z.boolean()], { error: reasonText("shape_value") });

const texts = z.strictObject({
  title: label(100).optional(),
  description: prose(1000).optional(),
  enum: z.record(z.string(), label(100)).optional(),
});

const count = z.number().int().min(0);

const property: z.ZodType<ParameterProperty> = z.strictObject({
  type: z.enum(["string", "integer", "number", "boolean"], reasonText("shape_type")),
  title: label(100).optional(),
  description: prose(1000).optional(),
  default: value.optional(),
  enum: z
    .array(z.union([text(1000), z.number()], { error: reasonText("shape_text_number") }))
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
  format: z.enum(["multiline", "password", "file", "path", "hostname"], reasonText("shape_format")).optional(),
  "x-zh": texts.optional(),
  "x-en": texts.optional(),
});

export const manifestSchema = z.strictObject(
  {
    id: z.number().int().min(0).max(2_000_000_000).default(0),
    key: z.string(reasonText("shape_key_wanted")).regex(/^[a-z][a-z0-9-]{1,62}$/, reasonText("shape_key")),
    name: z.strictObject({ zh: label(100), en: label(100) }, reasonText("shape_both_languages")),
    description: z.strictObject({ zh: prose(2000), en: prose(2000) }, reasonText("shape_both_languages")),
    danger: z.enum(dangers, reasonText("shape_danger")),
    parameters: z.strictObject({
      type: z.literal("object", reasonText("shape_object")),
      properties: z.record(parameterName, property),
      required: z.array(z.string()).max(64).optional(),
      additionalProperties: z.literal(false, reasonText("shape_additional")).optional(),
    }),
    run: z.strictObject({
      all: action.optional(),
      engines: z.partialRecord(z.enum(engineIds, reasonText("shape_engine")), action).optional(),
    }),
    become: z
      .strictObject({
        user: z
          .string()
          .max(64)
          .regex(/^[A-Za-z_][A-Za-z0-9_.@-]*\$?$/, reasonText("field_user")),
      })
      .optional(),
    timeoutMilliseconds: z.number().int().min(1000).max(86_400_000).optional(),
  },
  reasonText("shape_module"),
);

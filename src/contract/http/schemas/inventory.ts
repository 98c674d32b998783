import { z } from "zod";
import { engineIds } from "../../engine.ts";
import { reasonText } from "../../reasons.ts";
import { address, hostName, idNumber, name, tag, timestamp, userName, zoneOrNone } from "./fields.ts";

/** An option replaces the part of the query from `from` to `to`, in UTF-16 units. */
export const queryCompletion = z.object({
  from: z.number(),
  to: z.number(),
  options: z.array(
    z.object({
      text: z.string(),
      kind: z.enum(["operator", "selection", "field", "value", "category", "tag", "host"]),
      /** Hosts that it means; 0 for what is no set of hosts. */
      count: z.number(),
    }),
  ),
});

/** Each at most once. */
const engineList = z
  .array(z.enum(engineIds))
  .min(1)
  .max(engineIds.length)
  .refine((ids) => new Set(ids).size === ids.length, reasonText("field_engines_once"));

/** One rule a field, whether a host is added or changed. */
const hostShape = {
  name: hostName,
  appCategoryId: idNumber,
  outerAddress: z.union([address, z.literal("")]),
  innerAddress: z.union([address, z.literal("")]),
  port: z.number().int().min(1).max(65_535),
  os: z
    .string()
    .max(64)
    .regex(/^[^\p{Cc}]*$/u, reasonText("field_no_control")),
  /** In order of preference. */
  engines: engineList,
  user: userName,
  credential: z.union([name, z.literal("")]),
  proxyJump: z.string().max(1024),
  tags: z.array(tag).max(64),
  enabled: z.boolean(),
  note: z.string().max(2000),
  zone: zoneOrNone,
  /** Whether it keeps what it runs until that is told; without, a crash of the controller leaves it unknown. */
  claim: z.boolean(),
};

export const hostFields = z.strictObject({
  name: hostShape.name,
  appCategoryId: hostShape.appCategoryId,
  outerAddress: hostShape.outerAddress.default(""),
  innerAddress: hostShape.innerAddress.default(""),
  port: hostShape.port.default(22),
  os: hostShape.os.default(""),
  engines: hostShape.engines.default(["ssh"]),
  user: hostShape.user.default(""),
  credential: hostShape.credential.default(""),
  proxyJump: hostShape.proxyJump.default(""),
  tags: hostShape.tags.default([]),
  enabled: hostShape.enabled.default(true),
  note: hostShape.note.default(""),
  zone: hostShape.zone.default(""),
  claim: hostShape.claim.default(true),
});

/** What was stored under an older rule is shown all the same. */
const stored = { outerAddress: z.string(), innerAddress: z.string(), os: z.string() };

export const host = z.object({
  id: z.number(),
  ...hostFields.shape,
  ...stored,
  createdAt: timestamp,
  updatedAt: timestamp,
});

/** Fields left out stay as they are. */
export const hostChange = z.strictObject(hostShape).partial();

/** The same for several hosts at once: tags can be added and removed besides, what else they carry stays. */
export const hostsChange = hostChange.extend({ addTags: hostShape.tags, removeTags: hostShape.tags }).partial();

/** What a change of several hosts does, or would do. */
export const hostsChangeReport = z.object({
  /** Hosts that are different afterwards; only they are written. */
  changed: z.number(),
  unchanged: z.number(),
  /** The changed ones, folded. */
  hosts: z.string(),
  effects: z.array(
    z.object({
      /** Field of the change. */
      field: z.string(),
      /** Hosts in which it becomes another. */
      count: z.number(),
      /** The most frequent values before, as text. */
      from: z.array(z.object({ value: z.string(), count: z.number() })).max(5),
      to: z.string(),
    }),
  ),
  /** False in a preview. */
  applied: z.boolean(),
});

export const appCategory = z.object({
  id: z.number(),
  functionCategoryId: z.number(),
  name: z.string(),
  zone: z.string(),
  hostCount: z.number(),
});

export const functionCategory = z.object({
  id: z.number(),
  name: z.string(),
  zone: z.string(),
  hostCount: z.number(),
  appCategories: z.array(appCategory),
});

export const importReport = z.object({
  added: z.array(
    z.object({
      line: z.number(),
      name: z.string(),
      /** Where it goes: `Linux.Web/www`. */
      category: z.string(),
    }),
  ),
  changed: z.array(
    z.object({
      line: z.number(),
      name: z.string(),
      fields: z.array(z.string()),
      /** Each field as it is and as it would be; of the first 500 changed hosts. */
      changes: z.array(z.object({ field: z.string(), from: z.string(), to: z.string() })).optional(),
    }),
  ),
  unchanged: z.number(),
  /** Categories that there are not yet, and that it makes. */
  newCategories: z.array(z.string()),
  refused: z.array(z.object({ line: z.number(), column: z.number().optional(), text: z.string(), reason: z.string() })),
  /** False in a preview, and whenever a row was refused and `skipRefused` was not set. */
  applied: z.boolean(),
});

/** Number and folded range (`web[01-12]`) of what a query matches, and by engine. */
export const matchReport = z.object({
  count: z.number(),
  hosts: z.string(),
  sample: z.array(z.object({ id: z.number(), name: z.string() })).max(20),
  engines: z.array(z.object({ engine: z.string(), count: z.number() })),
  /** Matching hosts of each app category that has any: what the console's tree ticks. */
  appCategories: z.array(z.object({ id: z.number(), count: z.number() })).optional(),
});

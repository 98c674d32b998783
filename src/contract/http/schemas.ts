import { z } from "zod";
import { approvalPolicies } from "../approval.ts";
import { controllerNamePattern, controllerStates, zoneNamePattern } from "../controller.ts";
import { credentialKinds } from "../credential.ts";
import { engineIds, engineLacks, stepStatuses } from "../engine.ts";
import { dangers } from "../module.ts";
import { reasonText } from "../reasons.ts";
import { executionStates, runStates } from "../states.ts";

/** Shapes that several routes share. Times are milliseconds since 1970. */

/** What an integer column of every database holds. */
const largestInteger = 2_147_483_647;
/** In a path: plain decimal digits, so that one object has one address. */
export const id = z.preprocess(plainDigits, z.coerce.number().int().positive().max(largestInteger));
/** In a body. */
export const idNumber = z.number().int().positive().max(largestInteger);
/** Where to go on, in a query string. */
export const offset = z.coerce.number().int().min(0).max(largestInteger);
/** 0-based place of a host in a run, in a path. */
export const position = z.preprocess(plainDigits, z.coerce.number().int().min(0).max(largestInteger));
/** A time in a query string. */
export const time = z.coerce.number().int().min(0).max(8_640_000_000_000_000);
export const timestamp = z.number().int();

/** `1e0`, `0x1`, `+1` and ` 1` are numbers to JavaScript too; here they are none. */
function plainDigits(raw: unknown): unknown {
  return typeof raw === "string" && !/^\d+$/.test(raw) ? Number.NaN : raw;
}

/** No control characters, no leading `-`, no surrounding space. */
export const name = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, reasonText("field_no_control"))
  .regex(/^(?!-)/, reasonText("field_no_dash"))
  .refine((text) => text === text.trim(), reasonText("field_no_edges"));

/** A category's name; `/` separates the levels of a path, so no name holds one. */
export const categoryName = name.max(64).regex(/^[^/]*$/, reasonText("field_no_slash"));

/** What a host may be called: letters, digits, `.`, `_`, `-`; begins with a letter or digit. */
export const hostName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, reasonText("field_host_name"));

export const zone = z.string().regex(zoneNamePattern, reasonText("field_one_word"));

/** Empty leaves it to what stands above: the app category, the function category, the default zone. */
export const zoneOrNone = z.union([zone, z.literal("")]);

/** IPv4, IPv6 without brackets, or a DNS name, whose last label is never a number: `10.11.0.300` is a mistyped address. */
export const address = z
  .string()
  .max(253)
  .regex(
    /^(?:(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._-]+)?|(?!(?:.*\.)?\d+$)[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*)$/,
    reasonText("field_address"),
  )
  .refine(
    (text) => !text.includes(":") || URL.canParse(`http://[${text.replace(/%.*/, "")}]`),
    reasonText("field_address"),
  );

export const tag = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._:-]*$/u, reasonText("field_tag"));

/** Account on a host. */
export const userName = z
  .string()
  .max(64)
  .regex(/^(?:[A-Za-z_][A-Za-z0-9_.@-]*\$?)?$/, reasonText("field_user"));

export const localizedText = z.object({ zh: z.string().max(2000), en: z.string().max(2000) });
export const parameterValues = z.record(
  z.string().max(64),
  z.union([z.string().max(1_048_576), z.number(), z.boolean()]),
);
export const query = z.string().max(65_536);
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
export const pageQuery = z.object({
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export function page<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), next: z.string().optional() });
}

/** A sentence of the catalogue by its stable code; `values` stand in its places. */
const reason = z.object({ code: z.string(), values: z.record(z.string(), z.string()) });
export const problem = z.object({ place: z.string(), message: z.string(), reason: reason.optional() });
/** RFC 9457, `application/problem+json`. */
export const problemDocument = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  /** What `detail` says, for who tells it in another language. */
  reason: reason.optional(),
  instance: z.string(),
  problems: z.array(problem),
});

export const role = z.enum(["administrator", "operator", "viewer"]);
export const scope = z.strictObject({
  everything: z.boolean(),
  functionCategories: z.array(idNumber).max(10_000),
  appCategories: z.array(idNumber).max(10_000),
});
export const user = z.object({
  id: z.number(),
  name: z.string(),
  role,
  scope,
  enabled: z.boolean(),
  hasPassword: z.boolean(),
  createdAt: timestamp,
  lastSignInAt: timestamp.optional(),
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

export const moduleSummary = z.object({
  id: z.number(),
  key: z.string(),
  version: z.number(),
  name: localizedText,
  description: localizedText,
  danger: z.enum(dangers),
  builtIn: z.boolean(),
  enabled: z.boolean(),
  engines: z.array(z.string()),
  updatedAt: timestamp,
  updatedBy: z.string(),
});
export const moduleDetail = z.object({
  ...moduleSummary.shape,
  sha256: z.string(),
  /** JSON Schema of the form, see src/contract/module.ts `ParameterSchema`. */
  parameters: z.custom<import("../module.ts").ParameterSchema>(),
  /** The manifest as YAML text, as the editor shows it. */
  source: z.string(),
});
export const modulePreview = z.object({
  ok: z.boolean(),
  problems: z.array(
    z.object({ place: z.string(), line: z.number().optional(), column: z.number().optional(), message: z.string() }),
  ),
  module: z
    .object({
      key: z.string(),
      name: localizedText,
      description: localizedText,
      danger: z.enum(dangers),
      engines: z.array(z.string()),
      parameters: z.custom<import("../module.ts").ParameterSchema>(),
    })
    .optional(),
});

/** What the import of a module file does, or would do. */
export const moduleImportReport = z.object({
  ...modulePreview.shape,
  /** `refused`: see `problems`, or `reason` where the file itself is sound. */
  action: z.enum(["add", "change", "unchanged", "refused"]),
  reason: z.string(),
  /** The module of that key, as it is before; its text is what the file is compared with. */
  current: z.object({ id: z.number(), version: z.number(), source: z.string() }).optional(),
  /** The module's number and version afterwards; set when it was written or is the same. */
  result: z.object({ id: z.number(), version: z.number() }).optional(),
  /** False in a preview. */
  applied: z.boolean(),
});

export const libraryFile = z.object({
  id: z.number(),
  name: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  uploadedBy: z.string(),
  uploadedAt: timestamp,
});

/** For whom hosts wait: one that is away, drains or was revoked; or a zone that has no controller (`none`). */
export const waitsFor = z.object({
  zone: z.string(),
  /** Left out with `none`. Of several of a zone, any of them would do. */
  controller: z.string().optional(),
  reason: z.enum(["away", "draining", "revoked", "none"]),
  /** When it was last heard of; left out when it never was. */
  since: timestamp.optional(),
  /** How many hosts, in a preview. */
  hosts: z.number().optional(),
});

export const counts = z.record(z.enum(executionStates), z.number());
export const run = z.object({
  id: z.number(),
  uid: z.string(),
  state: z.enum(runStates),
  needsAttention: z.boolean(),
  reason: z.string(),
  counts,
  hostCount: z.number(),
  liveSeq: z.number(),
  moduleId: z.number(),
  moduleVersion: z.number(),
  moduleKey: z.string(),
  moduleName: localizedText,
  danger: z.enum(dangers),
  parameters: parameterValues,
  query: z.string(),
  planSha256: z.string(),
  width: z.number(),
  /** Left out where there was no such limit. */
  waveSize: z.number().optional(),
  maxFailures: z.number().optional(),
  becomeUser: z.string(),
  timeoutMilliseconds: z.number(),
  /** A dry run: it says what would change and changes nothing. */
  check: z.boolean(),
  requestedBy: z.string(),
  cancelRequestedBy: z.string().optional(),
  rerunOf: z
    .object({
      runId: z.number(),
      selection: z.string(),
      /** True when that run is deleted by now. */
      gone: z.boolean().optional(),
    })
    .optional(),
  createdAt: timestamp,
  startedAt: timestamp.optional(),
  finishedAt: timestamp.optional(),
  /** For whom it waits just now; left out when it waits for nobody, and in live frames. */
  waitsFor: z.array(waitsFor).optional(),
  /** Left out where no second person was needed. */
  approval: z
    .object({
      /** It is `expired` when nobody has said anything by then. */
      until: timestamp,
      /** What the second person said. */
      decision: z.enum(["approved", "rejected"]).optional(),
      by: z.string().optional(),
      at: timestamp.optional(),
      comment: z.string(),
    })
    .optional(),
  /** True when it waits and whoever asks may be the second person; left out in live frames. */
  waitsForMe: z.boolean().optional(),
  /** At most fifty of those who may be the second person; of one run, and to whoever may see all users, only. */
  approvers: z.array(z.string()).optional(),
});
export const executionStep = z.object({
  seq: z.number(),
  /** Where it belongs, outermost first: play, role … */
  path: z.array(z.string()),
  name: z.string(),
  action: z.string(),
  status: z.enum(stepStatuses),
  message: z.string(),
  diff: z.string(),
  milliseconds: z.number().optional(),
});
export const execution = z.object({
  position: z.number(),
  hostId: z.number(),
  hostName: z.string(),
  address: z.string(),
  engine: z.string(),
  wave: z.number(),
  state: z.enum(executionStates),
  exitCode: z.number().optional(),
  signal: z.string(),
  reason: z.string(),
  startedAt: timestamp.optional(),
  finishedAt: timestamp.optional(),
  stdoutBytes: z.number(),
  stderrBytes: z.number(),
  output: z.enum(["complete", "truncated", "partial"]).optional(),
  stdoutSha256: z.string().optional(),
  stderrSha256: z.string().optional(),
  liveSeq: z.number(),
});
export const executionDetail = execution.extend({
  /** The first 20, each of at most 500 characters. */
  notices: z.array(z.object({ at: timestamp, message: z.string() })),
});
export const outputGroup = z.object({
  state: z.enum(executionStates),
  exitCode: z.number().optional(),
  signal: z.string(),
  reason: z.string(),
  count: z.number(),
  /** Folded: `web[01-12],db3`. */
  hosts: z.string(),
  stdoutSha256: z.string().optional(),
  stderrSha256: z.string().optional(),
  /** As the hosts printed them; where “output” is truncated, less is kept. */
  stdoutBytes: z.number(),
  stderrBytes: z.number(),
  output: z.enum(["complete", "truncated", "partial"]).optional(),
});

/** What a run asks for. A module by id or key, or a command or script typed for this once (permission `runs.adhoc`). */
export const runRequest = z.strictObject({
  module: z.union([idNumber, z.string().max(64)]).optional(),
  command: z.array(z.string().max(131_072)).min(1).max(1024).optional(),
  script: z
    .strictObject({ interpreter: z.array(z.string().max(1024)).min(1).max(16), text: z.string().min(1).max(1_048_576) })
    .optional(),
  /** A manifest that is not saved, tried on one host; needs `modules.write` and `runs.adhoc`. */
  draft: z.strictObject({ source: z.string().max(1_048_576) }).optional(),
  parameters: parameterValues.default({}),
  query,
  /** At most so many hosts at once; the setting `run.width` where left out. */
  width: z.number().int().min(1).max(10_000).optional(),
  /** Hosts a wave; all at once where left out. */
  waveSize: z.number().int().min(1).max(100_000).optional(),
  /** Start no more hosts once more than so many have ended neither `ok` nor `skipped`. */
  maxFailures: z.number().int().min(1).max(100_000).optional(),
  becomeUser: userName.optional(),
  timeoutMilliseconds: z.number().int().min(1000).max(86_400_000).optional(),
  /** A dry run: says what would change and changes nothing. Hosts whose engines cannot do that are skipped. */
  check: z.boolean().optional(),
});
export const runPreview = z.object({
  planSha256: z.string(),
  hostCount: z.number(),
  hosts: z.string(),
  /** What runs it, and what each of them cannot do. */
  engines: z.array(z.object({ engine: z.string(), count: z.number(), lacks: z.array(z.enum(engineLacks)) })),
  /** Whether it is a dry run, and whether it could be one on any of these hosts. */
  check: z.boolean(),
  canCheck: z.boolean(),
  danger: z.enum(dangers),
  becomeUser: z.string(),
  /** How it goes over the hosts, with the settings' values where the request names none. */
  width: z.number(),
  waveSize: z.number().optional(),
  maxFailures: z.number().optional(),
  /** For each host. */
  timeoutMilliseconds: z.number(),
  /** What will run, for each engine, as text to read. `told`: its lines are sentences of ours, no code. */
  tasks: z.array(z.object({ engine: z.string(), text: z.string(), told: z.boolean() })),
  /** Hosts that cannot run it and why; they would be `skipped`. */
  skipped: z.array(z.object({ hosts: z.string(), count: z.number(), reason: z.string() })),
  /** Set when the start must repeat the host count in `confirmHostCount`. */
  needsConfirmation: z.boolean(),
  confirmationReason: z.enum(["destructive", "many_hosts", ""]),
  /** Set when it would wait for a second person before anything starts. */
  needsApproval: z.boolean().default(false),
  /** For whom it would wait if it started now; empty when for nobody. */
  waitsFor: z.array(waitsFor).default([]),
  /** Hosts whose engine their controllers cannot use just now: unless that is mended first, nothing will run there. */
  unusable: z
    .array(z.object({ engine: z.string(), hosts: z.string(), count: z.number(), reason: z.string(), mend: z.string() }))
    .default([]),
});
export const runStart = z.strictObject({
  ...runRequest.shape,
  /** From the preview: refused (`run.changed`) when what would run is different by now. */
  planSha256: z.string().length(64).optional(),
  confirmHostCount: z.number().int().optional(),
});

const approvalComment = z.string().trim().max(500).default("");
export const runApproval = z.strictObject({
  comment: approvalComment,
  /** As at the start: needed where the preview says so. */
  confirmHostCount: z.number().int().optional(),
});
export const runRejection = z.strictObject({ comment: approvalComment });

export const shellCommand = z.object({
  id: z.number(),
  hostId: z.number().optional(),
  hostName: z.string(),
  address: z.string(),
  user: z.string(),
  /** By the host's clock. */
  typedAt: timestamp,
  receivedAt: timestamp,
  command: z.string(),
  source: z.enum(["shell", "omserver-v1"]),
});
export const shellCommandFilter = z.strictObject({
  /** Hosts of the inventory; empty for all commands, also of hosts that are gone. */
  query: query.default(""),
  user: z.string().max(128).optional(),
  /** Anywhere in the command. */
  text: z.string().max(256).optional(),
  from: time.optional(),
  to: time.optional(),
});

export const auditFilter = z.strictObject({
  actor: z.string().max(128).optional(),
  action: z.string().max(128).optional(),
  /** Anywhere in the record. */
  text: z.string().max(256).optional(),
  from: time.optional(),
  to: time.optional(),
});

export const auditRecord = z.object({
  seq: z.number(),
  at: timestamp,
  actor: z.string(),
  source: z.string(),
  action: z.string(),
  object: z.string(),
  hosts: z.string(),
  detail: z.record(z.string(), z.unknown()),
  hash: z.string(),
});

export const credential = z.object({
  id: z.number(),
  name: z.string(),
  kind: z.enum(credentialKinds),
  user: z.string(),
  description: z.string(),
  updatedAt: timestamp,
  updatedBy: z.string(),
  /** Whose controllers are to hold it; none named is all. */
  zones: z.array(z.string()),
  /** Controllers that took it when it was last put; another one of its zones lacks it. */
  heldBy: z.array(z.string()),
});
export const credentialSecret = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("key"),
    user: userName.optional(),
    privateKey: z.string().min(1).max(65_536),
    passphrase: z.string().max(1024).optional(),
    certificate: z.string().max(65_536).optional(),
    becomePassword: z.string().max(1024).optional(),
  }),
  z.strictObject({
    kind: z.literal("key_file"),
    user: userName.optional(),
    path: z.string().min(1).max(4096),
    passphrase: z.string().max(1024).optional(),
    certificatePath: z.string().max(4096).optional(),
    becomePassword: z.string().max(1024).optional(),
  }),
  z.strictObject({
    kind: z.literal("agent"),
    user: userName.optional(),
    socket: z.string().max(4096).optional(),
    becomePassword: z.string().max(1024).optional(),
  }),
  z.strictObject({
    kind: z.literal("password"),
    user: userName.optional(),
    password: z.string().min(1).max(1024),
    becomePassword: z.string().max(1024).optional(),
  }),
]);

export const settings = z.object({
  /** `strict` refuses hosts whose key is not known; `accept_new` trusts a key on first use. Both refuse a changed key. */
  hostKeyPolicy: z.enum(["strict", "accept_new"]),
  /** More hosts than this need a typed confirmation. */
  confirmAboveHosts: z.number().int().min(1).max(100_000),
  runWidth: z.number().int().min(1).max(10_000),
  runTimeoutMilliseconds: z.number().int().min(1000).max(86_400_000),
  connectTimeoutMilliseconds: z.number().int().min(500).max(300_000),
  outputLimitBytes: z.number().int().min(4096).max(268_435_456),
  approvalFor: z.enum(approvalPolicies),
  /** So long a run waits for its second person before it expires; at most 30 days. */
  approvalMinutes: z.number().int().min(1).max(43_200),
  /** Days after its end on which a run is deleted, with its answers; null keeps runs for ever. */
  keepRunsDays: z.number().int().min(1).max(36_500).nullable(),
});

export const controllerStatus = z.object({
  name: z.string(),
  zone: z.string(),
  state: z.enum(controllerStates),
  connected: z.boolean(),
  /** Of the last change of `connected`. */
  since: timestamp.optional(),
  firstSeenAt: timestamp.optional(),
  lastSeenAt: timestamp.optional(),
  version: z.string(),
  /** Runs that it carries out and hosts that run just now. */
  load: z.object({ runs: z.number(), hosts: z.number() }),
  /** On its disk, not yet here. */
  spool: z.object({ events: z.number(), bytes: z.number() }),
  diskFreeBytes: z.number().optional(),
  /** Its clock minus the web server's. */
  clockSkewMilliseconds: z.number().optional(),
  /** Of its link; none in the same process. */
  certificate: z.object({ serial: z.string(), issuedAt: timestamp, expiresAt: timestamp }).optional(),
  engines: z.array(
    z.object({
      id: z.string(),
      usable: z.boolean(),
      version: z.string(),
      reason: z.string(),
      mend: z.string(),
      /** What stays dangerous while it is used as it is set up; empty mostly. */
      warning: z.string(),
    }),
  ),
});

/**
 * A frame of a run's live stream (`event: run`, SSE `id` = `seq`). It tells what changed after the `seq` that the reader
 * had: the run whole, and the executions that changed, each whole; applying a frame twice changes nothing.
 * The first frame of a new reader holds everything. `event: output` carries bytes of one host (see `live`).
 */
export const liveFrame = z.object({ seq: z.number(), run, executions: z.array(execution) });
export const liveOutput = z.object({
  position: z.number(),
  stream: z.enum(["stdout", "stderr"]),
  offset: z.number(),
  /** base64 */ data: z.string(),
});

export const controllerName = z.string().regex(controllerNamePattern, reasonText("controller_name_form"));

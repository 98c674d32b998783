import { z } from "zod";
import { engineLacks, stepStatuses } from "../../engine.ts";
import { dangers } from "../../module.ts";
import { executionStates, runStates } from "../../states.ts";
import { idNumber, localizedText, parameterValues, query, timestamp, userName } from "./fields.ts";

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

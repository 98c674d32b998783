import { z } from "zod";

/** What the callback (plugins/callback/omserver.py) tells, a JSON line each. What hosts said in it is untrusted. */
const stream = z.object({
  /** base64 of it (programs), … */
  data: z.string().optional(),
  /** … its bytes as Latin-1 characters (modules), … */
  text: z.string().optional(),
  /** … or where it lies, because it is long. */
  file: z.string().optional(),
  /** How many the host sent, kept or not. */
  bytes: z.number().int().min(0),
  /** The controller's disk did not take it: only its beginning is here. */
  lost: z.boolean().optional(),
});
export type OutputPart = z.infer<typeof stream>;

/** What became of a program on a host. */
const program = z.object({
  exit: z.number().int().nullish(),
  signal: z.string().nullish(),
  timedOut: z.boolean().optional(),
  left: z.array(z.number()).optional(),
  lost: z.boolean().optional(),
  stdout: stream.optional(),
  stderr: stream.optional(),
  /** What the engine itself says before the program's output. */
  before: stream.optional(),
  /** It was a dry run. */
  checked: z.boolean().optional(),
});

const result = z.object({
  kind: z.literal("result"),
  host: z.string(),
  status: z.enum(["ok", "changed", "failed", "skipped", "unreachable"]),
  ignored: z.boolean(),
  path: z.array(z.string()),
  name: z.string(),
  action: z.string(),
  message: z.string(),
  timedOut: z.boolean().optional(),
  diff: z.string().optional(),
  rc: z.unknown().optional(),
  omserver: program.optional(),
  stdout: stream.optional(),
  stderr: stream.optional(),
  module_stdout: stream.optional(),
  module_stderr: stream.optional(),
  answer: z.string().optional(),
  facts: z.record(z.string(), z.unknown()).optional(),
});
export type ResultEvent = z.infer<typeof result>;

const counts = z.object({
  ok: z.number(),
  failures: z.number(),
  unreachable: z.number(),
  changed: z.number(),
  skipped: z.number(),
});

const stats = z.object({ kind: z.literal("stats"), hosts: z.record(z.string(), counts) });
export type StatsEvent = z.infer<typeof stats>;

const event = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("begin") }),
  z.object({ kind: z.literal("start"), host: z.string() }),
  result,
  stats,
  z.object({ kind: z.literal("problem"), text: z.string() }),
]);
export type AnsibleEvent = z.infer<typeof event>;

/** Undefined for a line that is none of ours: it is passed over. */
export function parseEvent(line: string): AnsibleEvent | undefined {
  try {
    const parsed = event.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

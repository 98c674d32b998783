import { z } from "zod";
import { reasonText } from "../../reasons.ts";
import { name } from "./fields.ts";
import { execution, run } from "./runs.ts";

/** What only the pages of runs ask for. */

/**
 * Every host of a run in columns, by position. Times are milliseconds after `run.createdAt`. It holds what is known at
 * `seq`: `live` goes on from there. Rows that changed while they were read are in `newer` with their own number.
 */
export const runHosts = z.object({
  seq: z.number(),
  run,
  hostIds: z.array(z.number()),
  hostNames: z.array(z.string()),
  addresses: z.array(z.string()),
  /** Each different one once; `‹host›` and `‹address›` stand in a reason for what `reasons` spells out. */
  answers: z.array(
    execution.pick({
      engine: true,
      wave: true,
      state: true,
      exitCode: true,
      signal: true,
      reason: true,
      stdoutBytes: true,
      stderrBytes: true,
      output: true,
      stdoutSha256: true,
      stderrSha256: true,
    }),
  ),
  /** Place in `answers`. */
  answerOf: z.array(z.number()),
  reasons: z.array(z.tuple([z.number(), z.string()])),
  startedAfter: z.array(z.number().nullable()),
  finishedAfter: z.array(z.number().nullable()),
  newer: z.array(z.tuple([z.number(), z.number()])),
});

/** Other runs of the same module that have ended, newest first. */
export const earlierRuns = z.object({
  runs: z.array(run),
  /** The last one before it on exactly the same hosts. */
  sameHosts: run.optional(),
  /** What a host took in the middle, in the newest runs with the same parameters. */
  usualHostMilliseconds: z.number().optional(),
});

const scene = z.string().regex(/^[a-z]{1,32}$/);
export const savedViewQuery = z.strictObject({ scene });
export const newSavedView = z.strictObject({
  scene,
  name: name.max(64),
  /** The filters as they stand in the address. */
  search: z
    .record(z.string().max(32), z.union([z.string().max(500), z.number()]))
    .refine((search) => Object.keys(search).length <= 32, reasonText("must_not_many_filters")),
});
export const savedView = z.object({ ...newSavedView.shape, id: z.number() });

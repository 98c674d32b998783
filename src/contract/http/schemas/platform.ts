import { z } from "zod";
import { approvalPolicies } from "../../approval.ts";
import { controllerStates } from "../../controller.ts";
import { timestamp } from "./fields.ts";

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

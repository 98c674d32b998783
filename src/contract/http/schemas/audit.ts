import { z } from "zod";
import { query, time, timestamp } from "./fields.ts";

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

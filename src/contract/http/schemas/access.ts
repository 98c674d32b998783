import { z } from "zod";
import { idNumber, timestamp } from "./fields.ts";

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

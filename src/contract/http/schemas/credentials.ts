import { z } from "zod";
import { credentialKinds } from "../../credential.ts";
import { timestamp, userName } from "./fields.ts";

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

import { z } from "zod";

const milliseconds = z.number().int().min(100).max(600_000);

/** `engines.salt` of the configuration: where the master's salt-api is, and who the controller is there. */
export const saltSettings = z.strictObject({
  /** Of salt-api (rest_cherrypy). Only https: the password and root's commands pass here. */
  url: z.url({ protocol: /^https$/, error: "must be an https:// address" }),
  /** PEM file of the CA that signed its certificate, where the system does not trust that already. */
  caFile: z.string().optional(),
  /** Salt's external authentication to sign in by: `pam`, `ldap`, `file` … */
  eauth: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "must be a name of Salt's external authentication, such as pam")
    .default("pam"),
  user: z.string().min(1),
  /** A file that only the service's account reads; its first line is the password. */
  passwordFile: z.string(),
  /**
   * A folder of the master's `file_roots` that this controller writes: on the same machine, or mounted. Files and secrets
   * then go by Salt's file server. Without it files go in pieces with the jobs, and secrets only if `secretsInJobs`.
   */
  fileRoot: z.string().optional(),
  /** Lets secrets travel in a job's arguments, which the master keeps in its job cache. */
  secretsInJobs: z.boolean().default(false),
  /** How long a minion may take to answer a ping before it counts as unreachable. */
  answerMilliseconds: milliseconds.default(10_000),
  /** For one request to salt-api. */
  requestMilliseconds: milliseconds.default(30_000),
  /** How often minions that have not returned are asked how far they are, and for their new output. */
  lookMilliseconds: milliseconds.default(2000),
});
export type SaltSettings = z.infer<typeof saltSettings>;

import { isAbsolute } from "node:path";
import { z } from "zod";

const path = z.string().refine(isAbsolute, "must be an absolute path");

/** `engines.func` of the configuration: `func: {}` switches the engine on with certmaster's own places. */
export const funcSettings = z.strictObject({
  /** Where minions listen whose host has SSH's port 22, which every host has by default. */
  port: z.number().int().min(1).max(65_535).default(51_234),
  /** Whether another port of a host is its minion's. False where hosts are reached by SSH at ports of their own as well. */
  hostPorts: z.boolean().default(true),
  /** What we show to minions: certmaster's own certificate, or the overlord's `<hostname>.cert`. */
  certificate: path.default("/etc/pki/certmaster/ca/certmaster.crt"),
  /** Its key: `certmaster.key`, or the overlord's `<hostname>.pem`. Read by the controller's account. */
  key: path.default("/etc/pki/certmaster/ca/certmaster.key"),
  /** Certmaster's CA certificate, which minions must be signed by. */
  authority: path.default("/etc/pki/certmaster/ca/certmaster.crt"),
  /** Certmaster's folder of signed minions (`<hostname>.cert`), for the import of hosts. */
  certificatesFolder: path.default("/var/lib/certmaster/certmaster/certs"),
  /** A folder on the minions; in it the engine makes a private one for what runs. */
  hostFolder: path.regex(/^\/[A-Za-z0-9_./-]*$/, "must hold plain characters only").default("/var/tmp"),
  /**
   * For minions of ten years ago: TLS below 1.2, keys of 1024 bits, SHA-1 and MD5. Anybody on the path may then be able
   * to read and change what is sent. For this engine alone, with a standing warning.
   */
  legacyTls: z
    .strictObject({
      allow: z.literal(true, "must be true: leave the whole section out to refuse old TLS"),
      minimum: z.enum(["TLSv1", "TLSv1.1", "TLSv1.2"], "must be TLSv1, TLSv1.1 or TLSv1.2").default("TLSv1"),
      /** OpenSSL's: 0 takes anything, 1 refuses keys below 1024 bits and MD5. */
      securityLevel: z.number().int().min(0).max(2).default(0),
    })
    .optional(),
});

export type FuncSettings = z.infer<typeof funcSettings>;

import { isAbsolute } from "node:path";
import { z } from "zod";

const path = z.string().refine(isAbsolute, "must be an absolute path");

/** `engines.omserver-v1` of the configuration: an old controller, for as long as the migration takes. */
export const omserverV1Settings = z.strictObject({
  enabled: z.literal(
    "yes, over a broken cipher",
    "must be “yes, over a broken cipher”, word for word; leave the whole section out otherwise",
  ),
  /** Address of the first OMServer's controller. */
  controller: z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}$/, "must be an address or a DNS name"),
  port: z.number().int().min(1).max(65_535).default(11_511),
  user: z.string().min(1).default("OMuser"),
  /** A file with the password of `login`, which only the controller's account reads. */
  passwordFile: path,
  /** A file with the shared key of the cipher. */
  keyFile: path,
});

export type OmserverV1Settings = z.infer<typeof omserverV1Settings>;

import { createPublicKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { OrderKey } from "../../contract/link/link_pb.ts";
import type { TrustedKey } from "../orders/trusted-keys.ts";

const schema = z.object({
  controller: z.string(),
  /** `https://host:port` of each web server. */
  servers: z.array(z.string()).min(1),
  /** PEM. */
  authority: z.string(),
  key: z.string(),
  certificate: z.string(),
  orderKeys: z.array(z.object({ keyId: z.string(), publicKey: z.base64(), untilMs: z.number() })),
});

/** What this controller is after its enrolment. Holds its private key: mode 0600. */
export type Identity = z.infer<typeof schema>;

/** `config.invalid` when there is none or it cannot be read: the controller has to be enrolled (again). */
export function readIdentity(file: string): Identity {
  const enrol = "On the web server: omserver controller invite NAME; then run the line that it prints here";
  if (!existsSync(file)) {
    throw new OmError("config.invalid", `This controller is not enrolled: there is no ${file}. ${enrol}.`);
  }
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new OmError(
      "config.invalid",
      `The enrolment ${file} cannot be read. Enrol this controller again. ${enrol}.`,
      {
        cause,
      },
    );
  }
}

/** Appears whole, or not at all. */
export function writeIdentity(file: string, identity: Identity): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(fresh, file);
}

/** PEM of a certificate (DER) that was made for this key. `controller.unreachable` when it is not: it is of no use. */
export function certificateFor(key: string, certificate: Uint8Array): string {
  const parsed = new X509Certificate(certificate);
  if (parsed.publicKey.equals(createPublicKey(key))) return parsed.toString();
  throw new OmError("controller.unreachable", "The web server sent a certificate for another key. Try again.");
}

export function plainOrderKeys(keys: readonly OrderKey[]): Identity["orderKeys"] {
  return keys.map(({ keyId, publicKey, untilMs }) => ({
    keyId,
    publicKey: Buffer.from(publicKey).toString("base64"),
    untilMs: Number(untilMs),
  }));
}

export function trustedKeysOf({ orderKeys }: Identity): TrustedKey[] {
  return orderKeys.map(({ keyId, publicKey, untilMs }) => ({
    keyId,
    publicKey: createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" }),
    ...(untilMs === 0 ? {} : { untilMs }),
  }));
}

import type { ParsedKey } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";
import { UnusableCredential } from "./reasons.ts";

/**
 * OpenSSH user certificates (PROTOCOL.certkeys of OpenSSH). ssh2 signs in with plain keys only: it names the
 * certificate's type both as the algorithm and inside the signature, where OpenSSH wants the key's own type.
 * {@link CertifiedKey} is a parsed key that shows the certificate as its public half; direct-sign-in.ts sends it.
 */
export interface CertifiedKey extends ParsedKey {
  /** Algorithm of the request, e.g. `rsa-sha2-512-cert-v01@openssh.com`. */
  readonly certifiedAlgorithm: string;
  /** Algorithm inside the signature, e.g. `rsa-sha2-512`. */
  readonly signatureAlgorithm: string;
}

const suffix = "-cert-v01@openssh.com";

/** Throws {@link UnusableCredential} when the text is no user certificate of this key. */
export function withCertificate(key: ParsedKey, text: string): CertifiedKey {
  const [type = "", encoded = ""] = text.trim().split(/\s+/);
  if (!type.endsWith(suffix)) {
    throw new UnusableCredential(reasonText("ssh_no_certificate"));
  }
  const blob = Buffer.from(encoded, "base64");
  if (type.slice(0, -suffix.length) !== key.type) {
    throw new UnusableCredential(reasonText("ssh_certificate_apart", { type, other: key.type }));
  }
  const problem = certificateProblem(blob, type, new Date());
  if (problem !== undefined) throw new UnusableCredential(problem);
  return certified(key, blob);
}

/** The key with `blob` as its certificate. */
export function certified(key: ParsedKey, blob: Buffer): CertifiedKey {
  const base = key.type;
  const signatureAlgorithm = base === "ssh-rsa" ? "rsa-sha2-512" : base;
  return Object.create(key, {
    type: { value: base + suffix },
    getPublicSSH: { value: () => blob },
    certifiedAlgorithm: { value: signatureAlgorithm + suffix },
    signatureAlgorithm: { value: signatureAlgorithm },
  }) as CertifiedKey;
}

export function isCertified(key: unknown): key is CertifiedKey {
  return typeof key === "object" && key !== null && "certifiedAlgorithm" in key;
}

/** Public fields of the key types between nonce and serial. */
const publicFields: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
};

/** The blob of the plain public key inside a certificate's blob; undefined when it is no certificate of a known type. */
export function plainKeyOf(blob: Buffer): Buffer | undefined {
  const type = blob.subarray(4, 4 + Math.min(64, blob.length >= 4 ? blob.readUInt32BE(0) : 0)).toString("latin1");
  const base = type.endsWith(suffix) ? type.slice(0, -suffix.length) : "";
  const fields = publicFields[base];
  if (fields === undefined) return undefined;
  let at = 4 + type.length;
  at += 4 + blob.readUInt32BE(at);
  const begin = at;
  for (let i = 0; i < fields; i++) at += 4 + blob.readUInt32BE(at);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(base.length);
  return Buffer.concat([length, Buffer.from(base), blob.subarray(begin, at)]);
}

function certificateProblem(blob: Buffer, type: string, now: Date): string | undefined {
  const fields = publicFields[type.slice(0, -suffix.length)];
  if (fields === undefined) return reasonText("ssh_certificate_type", { type });
  try {
    let at = 0;
    const string = (): Buffer => {
      const end = at + 4 + blob.readUInt32BE(at);
      if (end > blob.length) throw new RangeError("cut");
      const value = blob.subarray(at + 4, end);
      at = end;
      return value;
    };
    if (string().toString("latin1") !== type) return reasonText("ssh_certificate_names");
    for (let i = 0; i < fields + 1; i++) string();
    at += 8;
    const role = blob.readUInt32BE(at);
    at += 4;
    const id = string().toString("utf8");
    string();
    const after = blob.readBigUInt64BE(at);
    const before = blob.readBigUInt64BE(at + 8);
    if (role !== 1) return reasonText("ssh_certificate_host", { certificate: id });
    const seconds = BigInt(Math.floor(now.getTime() / 1000));
    if (seconds < after) return reasonText("certificate_not_yet_valid", { certificate: id });
    if (seconds >= before) return reasonText("certificate_expired", { certificate: id, time: expiry(before) });
    return undefined;
  } catch {
    return reasonText("ssh_certificate_damaged");
  }
}

function expiry(seconds: bigint): string {
  return seconds > 253_402_300_799n ? "the end of time" : new Date(Number(seconds) * 1000).toISOString();
}

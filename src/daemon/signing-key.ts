import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { OmError } from "../contract/errors.ts";

export interface SigningKey {
  /** First 16 hex digits of the SHA-256 of the public key. */
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/**
 * The Ed25519 key that signs orders, made at the first start and kept with mode 0600. No two installations share one:
 * nothing secret ships in the package. Safe when two processes start at once (the first to link its file wins).
 */
export function loadSigningKey(file: string): SigningKey {
  if (!existsSync(file)) makeKey(file);
  try {
    const privateKey = createPrivateKey(readFileSync(file));
    const publicKey = createPublicKey(privateKey);
    const raw = publicKey.export({ type: "spki", format: "der" });
    return { keyId: createHash("sha256").update(raw).digest("hex").slice(0, 16), privateKey, publicKey };
  } catch (cause) {
    throw new OmError(
      "config.invalid",
      `The order-signing key ${file} cannot be read. Restore it from a backup, or move it away: a new one is made at the next start.`,
      { cause },
    );
  }
}

function makeKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  const { privateKey } = generateKeyPairSync("ed25519");
  writeFileSync(fresh, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
  chmodSync(fresh, 0o600);
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(fresh);
  }
}

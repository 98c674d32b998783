import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts what the controller keeps at rest (AES-256-GCM). `context` binds a sealed value to its place. */
export interface SealingKey {
  seal(plain: Uint8Array, context: string): Uint8Array;
  /** Throws `credential.unusable` when the value was changed, moved or sealed with another key. */
  open(sealed: Uint8Array, context: string): Uint8Array;
}

/** Reads the key file, or makes it (mode 0600) at the first start. No two installations share one. */
export function loadSealingKey(file: string): SealingKey {
  const key = readOrMake(file);
  return {
    seal(plain, context) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      cipher.setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, context) {
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes));
        decipher.setAAD(Buffer.from(context));
        decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
        return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
      } catch (cause) {
        throw new OmError("credential.unusable", reasonText("sealed_unopened", { context, file }), { cause });
      }
    },
  };
}

function readOrMake(file: string): Buffer {
  const found = read(file);
  if (found !== undefined) return found;
  const fresh = `${file}.${process.pid}`;
  const descriptor = openSync(fresh, "wx", 0o600);
  try {
    writeSync(descriptor, randomBytes(32));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(fresh, file);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    unlinkSync(fresh);
  }
  chmodSync(file, 0o600);
  const made = read(file);
  if (made === undefined)
    throw new OmError("config.invalid", `The controller's key file ${file} vanished while it was made.`);
  return made;
}

function read(file: string): Buffer | undefined {
  try {
    const key = readFileSync(file);
    if (key.byteLength === 32) return key;
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return undefined;
    throw new OmError(
      "config.invalid",
      `The controller's key file ${file} cannot be read. Make it readable for this user alone.`,
      { cause },
    );
  }
  throw new OmError("config.invalid", `The controller's key file ${file} is damaged. Restore it from a backup.`);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

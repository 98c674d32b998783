import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { SigningKey } from "./orders.ts";

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Orders carry secret parameters, and the store keeps them until they are answered: they are encrypted for that time
 * (AES-256-GCM, key derived from the signing key by HKDF), so that no database or backup of it holds a secret.
 */
export interface OrderKeeper {
  seal(order: Uint8Array): Uint8Array;
  /** Throws `order.refused` when it was sealed with another key or changed. */
  open(sealed: Uint8Array): Uint8Array;
}

export function createOrderKeeper(signingKey: Pick<SigningKey, "privateKey" | "earlier">): OrderKeeper {
  const derived = new WeakMap<KeyObject, Buffer>();

  function keyFrom(signing: KeyObject): Buffer {
    const known = derived.get(signing);
    if (known !== undefined) return known;
    const secret = signing.export({ type: "pkcs8", format: "der" });
    const key = Buffer.from(hkdfSync("sha256", secret, "", "omserver: orders kept in the store", 32));
    derived.set(signing, key);
    return key;
  }

  return {
    seal(order) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", keyFrom(signingKey.privateKey), nonce);
      const text = Buffer.concat([cipher.update(order), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed) {
      let cause: unknown;
      for (const signing of [signingKey.privateKey, ...(signingKey.earlier ?? [])]) {
        try {
          return openWith(keyFrom(signing), sealed);
        } catch (error) {
          cause ??= error;
        }
      }
      throw new OmError("order.refused", reasonText("order_unopened"), { cause });
    },
  };
}

function openWith(key: Buffer, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
}

import { createHash, randomBytes } from "node:crypto";

/**
 * The first OMServer's sealing: base64(salt ‖ RC4(SHA1(key ‖ salt), text)), 16 bytes of salt. It protects nothing by
 * today's measure: RC4 is broken, and without an integrity check anybody on the path may flip bits or replay. Node's
 * OpenSSL has RC4 no more, so it is written out here; nothing else may use it.
 */
const saltBytes = 16;

export function seal(text: string, key: string): string {
  const salt = randomBytes(saltBytes);
  return Buffer.concat([salt, rc4(streamKey(key, salt), Buffer.from(text))]).toString("base64");
}

/** Undefined when it is no base64 with a salt; garbage comes out for another key. */
export function unseal(sealed: string, key: string): string | undefined {
  if (!/^[A-Za-z0-9+/=\s]*$/.test(sealed)) return undefined;
  const bytes = Buffer.from(sealed, "base64");
  if (bytes.length < saltBytes) return undefined;
  return rc4(streamKey(key, bytes.subarray(0, saltBytes)), bytes.subarray(saltBytes)).toString("utf8");
}

function streamKey(key: string, salt: Uint8Array): Buffer {
  return createHash("sha1").update(key).update(salt).digest();
}

function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number) => state[index & 255] ?? 0;
  function swap(one: number, other: number): void {
    const held = at(one);
    state[one] = at(other);
    state[other] = held;
  }
  let j = 0;
  for (let i = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  const result = Buffer.alloc(data.length);
  let i = 0;
  j = 0;
  for (let index = 0; index < data.length; index++) {
    i = (i + 1) & 255;
    j = (j + at(i)) & 255;
    swap(i, j);
    result[index] = (data[index] ?? 0) ^ at(at(i) + at(j));
  }
  return result;
}

import type * as Crypto from "node:crypto";
import type { KeyObject } from "node:crypto";

type Replaceable = { -readonly [K in keyof typeof Crypto]: (typeof Crypto)[K] };

const x25519Der = Buffer.from("302a300506032b656e032100", "hex");

/** Random bytes drawn at once for the paddings of packets; more than this for one call is drawn by itself. */
const drawnBytes = 4096;
const longestPadding = 64;

/**
 * Runs `load` while `node:crypto` shows cheaper forms of five functions, which a module binds as it loads; then
 * everything is as before. They give the same results; what they save is in docs/adr/ssh-in-worker-threads.md:
 * Node finds out by a caught exception, with its stack trace, that a Buffer or an object is no KeyObject, and ssh2 (without its native
 * part) makes a cipher a packet, with a padding that is asked of OpenSSL anew each time; the x25519 keys of a handshake
 * need no DER.
 */
export function withTunedCrypto<T>(load: () => T): T {
  const crypto = process.getBuiltinModule("node:crypto") as Replaceable;
  const { createCipheriv, createDecipheriv, createPublicKey, generateKeyPairSync, randomFillSync } = crypto;
  crypto.createCipheriv = withKeyObject(createCipheriv, crypto.createSecretKey);
  crypto.createDecipheriv = withKeyObject(createDecipheriv, crypto.createSecretKey);
  crypto.createPublicKey = rawPublicKey(createPublicKey);
  crypto.generateKeyPairSync = rawKeyPair(generateKeyPairSync);
  crypto.randomFillSync = drawnAhead(randomFillSync);
  try {
    return load();
  } finally {
    Object.assign(crypto, { createCipheriv, createDecipheriv, createPublicKey, generateKeyPairSync, randomFillSync });
  }
}

/** Small parts of buffers are filled from bytes that were drawn together. Each byte is given out once and wiped. */
function drawnAhead(original: typeof Crypto.randomFillSync): typeof Crypto.randomFillSync {
  const drawn = Buffer.allocUnsafeSlow(drawnBytes);
  let next = drawnBytes;
  function tuned(buffer: NodeJS.ArrayBufferView, offset?: number, size?: number): NodeJS.ArrayBufferView {
    const isSmall = Buffer.isBuffer(buffer) && offset !== undefined && size !== undefined && size <= longestPadding;
    if (!isSmall || size < 0 || offset < 0 || offset + size > buffer.length) {
      return (original as (...parameters: unknown[]) => NodeJS.ArrayBufferView)(
        ...[buffer, offset, size].filter((parameter) => parameter !== undefined),
      );
    }
    if (next + size > drawnBytes) {
      original(drawn);
      next = 0;
    }
    drawn.copy(buffer, offset, next, next + size);
    drawn.fill(0, next, next + size);
    next += size;
    return buffer;
  }
  return tuned as typeof Crypto.randomFillSync;
}

/** A cipher's key as a KeyObject, made once for each key buffer. */
function withKeyObject<F>(original: F, createSecretKey: typeof Crypto.createSecretKey): F {
  const known = new WeakMap<Buffer, KeyObject>();
  const create = original as (algorithm: string, key: unknown, ...rest: unknown[]) => unknown;
  function tuned(algorithm: string, key: unknown, ...rest: unknown[]): unknown {
    if (!Buffer.isBuffer(key)) return create(algorithm, key, ...rest);
    let object = known.get(key);
    if (object === undefined) {
      object = createSecretKey(key);
      known.set(key, object);
    }
    return create(algorithm, object, ...rest);
  }
  return tuned as F;
}

/** The peer's x25519 key, which ssh2 wraps into DER, taken as JWK; any other key takes the ordinary way. */
function rawPublicKey(original: typeof Crypto.createPublicKey): typeof Crypto.createPublicKey {
  return (input) => {
    const der = typeof input === "object" && "key" in input && Buffer.isBuffer(input.key) ? input.key : undefined;
    if (der?.length !== x25519Der.length + 32 || !der.subarray(0, x25519Der.length).equals(x25519Der)) {
      return original(input);
    }
    const x = der.subarray(x25519Der.length).toString("base64url");
    return withoutTraces(() => original({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" }));
  };
}

/** An x25519 pair whose public half is exported as DER without asking OpenSSL to encode it. */
function rawKeyPair(original: typeof Crypto.generateKeyPairSync): typeof Crypto.generateKeyPairSync {
  function tuned(...parameters: unknown[]): unknown {
    const make = original as unknown as (...parameters: unknown[]) => { publicKey: KeyObject; privateKey: KeyObject };
    const pair = make(...parameters);
    if (parameters.length !== 1 || parameters[0] !== "x25519") return pair;
    const { x } = pair.publicKey.export({ format: "jwk" });
    const der = Buffer.concat([x25519Der, Buffer.from(x ?? "", "base64url")]);
    return { privateKey: pair.privateKey, publicKey: { export: () => der } };
  }
  return tuned as typeof Crypto.generateKeyPairSync;
}

function withoutTraces<T>(action: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return action();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

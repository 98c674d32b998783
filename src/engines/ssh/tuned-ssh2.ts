import type * as Crypto from "node:crypto";
import { createRequire } from "node:module";

/**
 * ssh2, loaded with two things exchanged before it binds them (docs/adr/ssh-in-worker-threads.md has the figures):
 * - Half of its handshake is OpenSSL decoding the peer's x25519 and ed25519 keys from DER and PEM. The same keys
 *   imported as JWK skip the decoder search. Any other key takes the ordinary way.
 * - Its receive window is 2 MB a channel, which thousands of channels with a slow reader could fill. Here it is 256 kB.
 *
 * Only for a thread of its own: `node:crypto` is exchanged while ssh2 loads and restored at once.
 */
export type Ssh2 = typeof import("ssh2");

const windowBytes = 256 * 1024;
const x25519Der = Buffer.from("302a300506032b656e032100", "hex");
const ed25519Pem =
  /^-----BEGIN PUBLIC KEY-----\r?\nMCowBQYDK2VwAyEA([A-Za-z0-9+/]{43}=)\r?\n-----END PUBLIC KEY-----\s*$/;

export function loadSsh2(): Ssh2 {
  const require = createRequire(import.meta.url);
  narrowWindow(require);
  const crypto = process.getBuiltinModule("node:crypto") as {
    -readonly [K in keyof typeof Crypto]: (typeof Crypto)[K];
  };
  const { createPublicKey, verify } = crypto;
  crypto.createPublicKey = fasterCreatePublicKey(createPublicKey);
  crypto.verify = fasterVerify(verify, createPublicKey);
  try {
    return require("ssh2") as Ssh2;
  } finally {
    crypto.createPublicKey = createPublicKey;
    crypto.verify = verify;
  }
}

function fasterCreatePublicKey(original: typeof Crypto.createPublicKey): typeof Crypto.createPublicKey {
  return (input) => {
    const der = typeof input === "object" && "key" in input && Buffer.isBuffer(input.key) ? input.key : undefined;
    if (der?.length !== x25519Der.length + 32 || !der.subarray(0, x25519Der.length).equals(x25519Der)) {
      return original(input);
    }
    const x = der.subarray(x25519Der.length).toString("base64url");
    return original({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  };
}

function fasterVerify(
  original: typeof Crypto.verify,
  createPublicKey: typeof Crypto.createPublicKey,
): typeof Crypto.verify {
  function verify(...parameters: Parameters<typeof Crypto.verify>): boolean {
    const [algorithm, data, key, signature] = parameters;
    const match = algorithm === null && typeof key === "string" ? ed25519Pem.exec(key) : null;
    if (match?.[1] === undefined) return original(algorithm, data, key, signature);
    const x = Buffer.from(match[1], "base64").toString("base64url");
    const imported = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return original(null, data, imported, signature);
  }
  return verify as typeof Crypto.verify;
}

interface ChannelModule {
  Channel: { prototype: { _read(size: number): void } };
  MAX_WINDOW: number;
  WINDOW_THRESHOLD: number;
  windowAdjust(channel: Channel): void;
}

interface Channel {
  _waitChanDrain: boolean;
  incoming: { window: number };
  outgoing: { id: number; state: string };
  _client: { _protocol: { channelWindowAdjust(channel: number, bytes: number): void } };
}

/** ssh2's client takes these names from its channel module when it loads, so they are exchanged before that. */
function narrowWindow(require: NodeJS.Require): void {
  const channels = require("ssh2/lib/Channel.js") as ChannelModule;
  function adjust(channel: Channel): void {
    const amount = windowBytes - channel.incoming.window;
    if (channel.outgoing.state === "closed" || amount <= 0) return;
    channel.incoming.window += amount;
    channel._client._protocol.channelWindowAdjust(channel.outgoing.id, amount);
  }
  channels.MAX_WINDOW = windowBytes;
  channels.WINDOW_THRESHOLD = windowBytes / 2;
  channels.windowAdjust = adjust;
  channels.Channel.prototype._read = function read(this: Channel) {
    if (!this._waitChanDrain) return;
    this._waitChanDrain = false;
    if (this.incoming.window <= windowBytes / 2) adjust(this);
  };
}

/** Brings the buffers of an open channel to the same bound as its window, before anything arrives on it. */
export function narrowChannel(stream: object): void {
  const channel = stream as Channel & {
    _readableState: { highWaterMark: number };
    stderr: { _read(): void; _readableState: { highWaterMark: number } };
    _read(size: number): void;
  };
  channel._readableState.highWaterMark = windowBytes;
  channel.stderr._readableState.highWaterMark = windowBytes;
  channel.stderr._read = () => channel._read(0);
}

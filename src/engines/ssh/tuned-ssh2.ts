import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { Client } from "ssh2";
import { withTunedCrypto } from "./tuned-crypto.ts";

/**
 * ssh2 1.17 (pinned) as this engine uses it. What is exchanged below the public API, and why, is measured in
 * docs/adr/ssh-in-worker-threads.md; each part is covered by a test against a real sshd.
 */
export type Ssh2 = typeof import("ssh2");

/** ssh2's own receive window is 2 MB a channel, which many channels with a slow reader would fill. */
export const windowBytes = 256 * 1024;
export const packetBytes = 32 * 1024;

/**
 * curve25519 and ed25519 first because they cost least; aes-gcm before chacha20, which is only taken with strict key
 * exchange (Terrapin, CVE-2023-48795; see connect.ts), and no `-etm` MACs for the same reason. group14/16 serve old
 * hosts; group exchange is left out because it blocks the thread for seconds.
 */
const offered = {
  DEFAULT_KEX: [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
  ],
  DEFAULT_SERVER_HOST_KEY: [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ],
  DEFAULT_CIPHER: [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
  ],
  DEFAULT_MAC: ["hmac-sha2-256", "hmac-sha2-512"],
  DEFAULT_COMPRESSION: ["none"],
} as const;

/** Only for a thread of its own: ssh2 must not have been loaded in it before. */
export function loadSsh2(): Ssh2 {
  const require = createRequire(import.meta.url);
  return withTunedCrypto(() => {
    offerAlgorithms(require("ssh2/lib/protocol/constants.js") as Record<string, string[]>);
    narrowWindow(require("ssh2/lib/Channel.js") as ChannelModule);
    return require("ssh2") as Ssh2;
  });
}

/** As defaults they are put into a message once; as an option of each connection, every time. */
function offerAlgorithms(constants: Record<string, string[]>): void {
  for (const [name, algorithms] of Object.entries(offered)) {
    const list = constants[name];
    if (list === undefined) throw new Error(`this release of ssh2 has no ${name}`);
    const supported = new Set(constants[name.replace("DEFAULT", "SUPPORTED")]);
    list.splice(0, list.length, ...algorithms.filter((algorithm) => supported.has(algorithm)));
  }
}

/**
 * To be called for each client right after `connect`: leaves out that every OpenSSH host proves all of its host keys
 * again after the sign-in, a signature on either side that nobody here reads.
 */
export function ignoreHostKeyUpdates(client: Client): void {
  const { _handlers: handlers } = (client as unknown as { _protocol: { _handlers: Record<string, unknown> } })
    ._protocol;
  handlers.GLOBAL_REQUEST = (protocol: { requestFailure(): void }, _name: string, wantReply: boolean) => {
    if (wantReply) protocol.requestFailure();
  };
}

/**
 * ssh2 writes each packet in three pieces (length, content, tag), each a system call and a segment of its own where
 * TCP_NODELAY is set. This sends what was written in one turn of the event loop as one piece.
 */
export function gatherWrites(socket: Pick<Socket, "write" | "end" | "destroy">): void {
  const write = socket.write.bind(socket) as (data: Buffer) => boolean;
  const end = socket.end.bind(socket) as (...parameters: unknown[]) => Socket;
  let waiting: Buffer[] = [];
  function flush(): void {
    if (waiting.length === 0) return;
    const data = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
    waiting = [];
    if (data !== undefined) write(data);
  }
  socket.write = ((data: Buffer) => {
    if (waiting.length === 0) process.nextTick(flush);
    waiting.push(data);
    return true;
  }) as Socket["write"];
  socket.end = ((...parameters: unknown[]) => {
    flush();
    return end(...parameters);
  }) as Socket["end"];
}

interface ChannelModule {
  Channel: {
    prototype: { _read(size: number): void; destroy(): unknown; end(): unknown; close(): void; writableEnded: boolean };
  };
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
function narrowWindow(channels: ChannelModule): void {
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
  // Called at the end of each channel; ending it twice makes an error object that nobody sees.
  channels.Channel.prototype.destroy = function destroy() {
    if (!this.writableEnded) this.end();
    this.close();
    return this;
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

import { createHash } from "node:crypto";
import { connect as openSocket, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AnyAuthMethod, Client, ConnectConfig, NegotiatedAlgorithms } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";
import type { Cancellation } from "../job/cancellation.ts";
import { signInDirectly } from "./direct-sign-in.ts";
import { timerMilliseconds } from "./ending.ts";
import { gatherArrivals } from "./gather-arrivals.ts";
import type { Hop, HostKeyVerdict } from "./messages.ts";
import { connectReason, inSeconds, place, Unreachable } from "./reasons.ts";
import { gatherWrites, ignoreHostKeyUpdates, type Ssh2 } from "./tuned-ssh2.ts";

export interface ConnectOptions {
  readonly hop: Hop;
  /** How the hop is called in reasons: `web01 (10.0.0.1:22)`. */
  readonly title: string;
  readonly methods: readonly AnyAuthMethod[];
  /** The way through a jump host; undefined for a socket of its own. */
  readonly through?: Duplex;
  readonly milliseconds: number;
  readonly cancellation: Cancellation;
  checkHostKey(address: string, port: number, key: Uint8Array): Promise<HostKeyVerdict>;
  notice(message: string): void;
}

/**
 * A signed-in connection. Rejects with {@link Unreachable}; then nothing but sign-in was tried.
 * The host key is checked once the host has proven that the key is its own, and before any credential is sent.
 */
export function connect(ssh2: Ssh2, options: ConnectOptions): Promise<Client> {
  const { hop, title } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  const client = new ssh2.Client();
  const socket = options.through ?? openTcp(hop);
  let settled = false;
  let stage = "answer";

  function settle(): boolean {
    if (settled) return false;
    settled = true;
    clearTimeout(timer);
    unlisten();
    return true;
  }
  function fail(reason: string): void {
    if (!settle()) return;
    client.destroy();
    socket.destroy();
    reject(new Unreachable(`${title} ${reason}`));
  }
  const timer = setTimeout(() => {
    fail(
      `did not ${stage} within ${inSeconds(options.milliseconds)}. Check the address, the host and firewalls on the way.`,
    );
  }, timerMilliseconds(options.milliseconds));
  const unlisten = options.cancellation.listen(() => {
    queueMicrotask(() => fail("was not tried to the end: the run was cancelled."));
  });

  let shownKey: Buffer | undefined;
  let proven = false;
  client.on("error", (error) => fail(connectReason(error)));
  client.on("close", () => fail("closed the connection before the sign-in was complete. Check sshd's log there."));
  client.on("connect", () => {
    stage = "complete the SSH handshake";
  });
  client.on("handshake", (negotiated) => {
    stage = "complete the sign-in";
    if (isOpenToTerrapin(client, negotiated)) {
      fail("offers only ciphers that the Terrapin attack breaks (CVE-2023-48795). Update the host's OpenSSH.");
    }
  });
  client.on("ready", () => {
    if (settle()) resolve(client);
  });

  gatherWrites(socket as Socket);
  const waiting = [...options.methods];
  client.connect({
    sock: socket as never,
    username: hop.user,
    readyTimeout: 0,
    hostVerifier: (key: Buffer) => {
      // Also asked when keys are exchanged anew, and then it must be the same one.
      shownKey ??= Buffer.from(key);
      return shownKey.equals(key);
    },
    authHandler: (
      methodsLeft: string[] | null,
      _partial: boolean | null,
      next: (method: AnyAuthMethod | false) => void,
    ) => {
      function tryNext(): void {
        const method = waiting.find((each) => isOffered(each, methodsLeft));
        if (method !== undefined) waiting.splice(waiting.indexOf(method), 1);
        next(method ?? false);
      }
      if (proven) {
        tryNext();
        return;
      }
      proven = true;
      void hostKeyRefusal(options, shownKey).then((refusal) => {
        if (refusal !== undefined) fail(refusal);
        else if (!settled) tryNext();
      });
    },
  } as ConnectConfig);
  signInDirectly(client);
  ignoreHostKeyUpdates(client);
  return promise;
}

/** What a socket reads is copied out of it at once, so that all sockets of the thread share it. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Reads into one buffer: by itself Node takes 64 kB of fresh memory for every few bytes that arrive. */
function openTcp(hop: Hop): Socket {
  const socket = openSocket({
    host: hop.address,
    port: hop.port,
    onread: {
      buffer: readBuffer,
      callback(bytes: number) {
        gatherArrivals();
        socket.emit("data", Buffer.from(readBuffer.subarray(0, bytes)));
        return true;
      },
    },
  });
  socket.setNoDelay(true);
  // A host that died without a word is noticed within about 40 s, by the kernel and at no cost here.
  socket.setKeepAlive(true, 30_000);
  return socket;
}

/** Undefined when the key may be trusted, else what to say. */
async function hostKeyRefusal(options: ConnectOptions, key: Buffer | undefined): Promise<string | undefined> {
  const { address, port } = options.hop;
  if (key === undefined) return "showed no host key.";
  let verdict: HostKeyVerdict;
  try {
    verdict = await options.checkHostKey(address, port, key);
  } catch (error) {
    return `was not signed in to: its host key could not be checked (${error instanceof Error ? error.message : String(error)}).`;
  }
  if (verdict === "unknown" || verdict === "changed")
    options.notice(
      reasonText("host_key_shown", { place: place(address, port), key: `${keyType(key)} ${fingerprint(key)}` }),
    );
  switch (verdict) {
    case "trusted":
      return undefined;
    case "trusted_first_use":
      options.notice(reasonText("host_key_trusted", { place: place(address, port) }));
      return undefined;
    case "unknown":
      return "showed a host key that is not known here. Compare its fingerprint on the host, then add the key to the known hosts or allow trust on first use.";
    case "changed":
      return "showed a DIFFERENT host key than the known one: it was reinstalled, or someone is in between. Nothing was sent. Check the host; if it is right, remove the old key.";
  }
}

/** As OpenSSH shows it: `SHA256:` and unpadded base64. */
function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The name that a key begins with (RFC 4253, section 6.6). */
function keyType(key: Buffer): string {
  const name = key.toString("latin1", 4, 4 + Math.min(key.readUInt32BE(0), 64));
  return /^[\w.@-]+$/.test(name) ? name : "of an unknown kind";
}

function isOffered(method: AnyAuthMethod, offered: string[] | null): boolean {
  if (offered === null) return true;
  return offered.includes(method.type === "agent" ? "publickey" : method.type);
}

/** Of what is offered above, only chacha20 is open to it, and only without strict key exchange. */
function isOpenToTerrapin(client: Client, negotiated: NegotiatedAlgorithms): boolean {
  const strict = (client as unknown as { _protocol: { _kex?: unknown; _strictMode?: boolean } })._protocol._strictMode;
  const ciphers = [negotiated.cs.cipher, negotiated.sc.cipher];
  return strict !== true && ciphers.includes("chacha20-poly1305@openssh.com");
}

import { connect } from "node:net";
import type { BaseAgent, ParsedKey } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";
import { certified, isCertified, plainKeyOf } from "./certificate.ts";
import type { Ssh2 } from "./tuned-ssh2.ts";

/** draft-miller-ssh-agent: the messages and flags used here. */
const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;
const rsaSha256 = 2;
const rsaSha512 = 4;
const longestAnswer = 256 * 1024;

/** The agent behind a socket, with the user certificates that it holds (ssh2's own agent leaves them out). */
export function agentWithCertificates(ssh2: Ssh2, socket: string): BaseAgent {
  class Agent extends ssh2.BaseAgent {
    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      ask(socket, Buffer.from([requestIdentities]), identitiesAnswer)
        .then((answer) => identities(ssh2, answer))
        .then(
          (keys) => done(null, keys),
          (error: unknown) => done(asError(error)),
        )
        .catch(() => undefined);
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      optionsOrDone: unknown,
      maybeDone?: (error?: Error | null, signature?: Buffer) => void,
    ): void {
      const done = maybeDone ?? (optionsOrDone as NonNullable<typeof maybeDone>);
      const hash = maybeDone ? (optionsOrDone as { hash?: string } | undefined)?.hash : undefined;
      const request = Buffer.concat([
        Buffer.from([signRequest]),
        string(key.getPublicSSH()),
        string(data),
        Buffer.from([0, 0, 0, signFlags(key, hash)]),
      ]);
      ask(socket, request, signResponse)
        .then((answer) => strings(strings(answer)[0] ?? Buffer.alloc(0))[1])
        .then(
          (signature) => done(null, signature),
          (error: unknown) => done(asError(error)),
        )
        .catch(() => undefined);
    }
  }
  return new Agent() as unknown as BaseAgent;
}

function signFlags(key: ParsedKey, hash: string | undefined): number {
  if (isCertified(key)) return key.signatureAlgorithm === "rsa-sha2-512" ? rsaSha512 : 0;
  if (key.type !== "ssh-rsa") return 0;
  if (hash === "sha256") return rsaSha256;
  return hash === "sha512" ? rsaSha512 : 0;
}

function identities(ssh2: Ssh2, answer: Buffer): ParsedKey[] {
  const blobs = strings(answer.subarray(4)).filter((_, index) => index % 2 === 0);
  const certificates: ParsedKey[] = [];
  const plain: ParsedKey[] = [];
  for (const blob of blobs) {
    const base = plainKeyOf(blob);
    const parsed = ssh2.utils.parseKey(base ?? blob) as ParsedKey | ParsedKey[] | Error;
    const key = Array.isArray(parsed) ? parsed[0] : parsed;
    if (key === undefined || key instanceof Error) continue;
    if (base === undefined) plain.push(key);
    else certificates.push(certified(key, blob));
  }
  return [...certificates, ...plain];
}

/** One request on a connection of its own; resolves with the answer behind its type byte. */
function ask(path: string, payload: Buffer, expected: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const socket = connect(path);
  let held = Buffer.alloc(0);
  socket.setTimeout(10_000, () => socket.destroy(new Error(reasonText("engine_no_answer_seconds"))));
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(reasonText("engine_closed_connection"))));
  socket.on("data", (data) => {
    held = Buffer.concat([held, data]);
    if (held.length < 5) return;
    const length = held.readUInt32BE(0);
    if (length > longestAnswer) return socket.destroy(new Error(reasonText("engine_answer_long")));
    if (held.length < 4 + length) return;
    if (held[4] === expected) resolve(held.subarray(5, 4 + length));
    else reject(new Error(reasonText("engine_refused_request")));
    socket.destroy();
  });
  socket.write(string(payload));
  return promise;
}

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function strings(buffer: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= buffer.length; ) {
    const end = at + 4 + buffer.readUInt32BE(at);
    if (end > buffer.length) break;
    found.push(buffer.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

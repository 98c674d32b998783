import { sign as signData } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import ssh2, { type ParsedKey } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";

/** draft-miller-ssh-agent: the messages and flags used here. */
const failure = 5;
const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;
const rsaSha256 = 2;
const rsaSha512 = 4;
const longestMessage = 256 * 1024;

/** A private key that signs for `ssh` without ever being on disk or in another process. */
export interface AgentKey {
  /** What is shown to the host: the public key, and its certificate where there is one. */
  readonly identities: readonly Buffer[];
  sign(data: Buffer, flags: number): Buffer;
}

/** Throws with a sentence when the key cannot be read. */
export function readKey(privateKey: string, passphrase?: string, certificate?: string): AgentKey {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) throw new Error(reasonText("ansible_key_unread", { detail: parsed.message }));
  const key: ParsedKey | undefined = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || !key.isPrivateKey()) throw new Error(reasonText("ansible_key_none"));
  const identities = [key.getPublicSSH()];
  if (certificate !== undefined) {
    const blob = certificate.trim().split(/\s+/)[1];
    if (blob === undefined) throw new Error(reasonText("ansible_certificate_text"));
    identities.unshift(Buffer.from(blob, "base64"));
  }
  return { identities, sign: (data, flags) => signature(key, data, flags) };
}

function signature(key: ParsedKey, data: Buffer, flags: number): Buffer {
  const pem = key.getPrivatePEM();
  switch (key.type) {
    case "ssh-ed25519":
      return Buffer.concat([string(key.type), string(signData(null, data, pem))]);
    case "ssh-rsa": {
      const [name, hash] =
        (flags & rsaSha512) !== 0
          ? ["rsa-sha2-512", "sha512"]
          : (flags & rsaSha256) !== 0
            ? ["rsa-sha2-256", "sha256"]
            : ["ssh-rsa", "sha1"];
      return Buffer.concat([string(name), string(signData(hash, data, pem))]);
    }
    default: {
      const hash = {
        "ecdsa-sha2-nistp256": "sha256",
        "ecdsa-sha2-nistp384": "sha384",
        "ecdsa-sha2-nistp521": "sha512",
      }[key.type as string];
      if (hash === undefined) throw new Error(reasonText("ansible_key_kind", { type: key.type }));
      // RFC 5656 section 3.1.2: r and s as mpints.
      const both = signData(hash, data, { key: pem, dsaEncoding: "ieee-p1363" });
      const half = both.length / 2;
      const numbers = Buffer.concat([mpint(both.subarray(0, half)), mpint(both.subarray(half))]);
      return Buffer.concat([string(key.type), string(numbers)]);
    }
  }
}

/** An SSH agent at a socket that holds one key. */
export async function serveKey(path: string, key: AgentKey): Promise<Server> {
  const server = createServer((socket) => converse(socket, key));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, backlog: 1024 }, resolve);
  });
  server.unref();
  return server;
}

function converse(socket: Socket, key: AgentKey): void {
  let held = Buffer.alloc(0);
  socket.unref();
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    held = Buffer.concat([held, data]);
    while (held.length >= 4) {
      const length = held.readUInt32BE(0);
      if (length > longestMessage) {
        socket.destroy();
        return;
      }
      if (held.length < 4 + length) return;
      const message = held.subarray(4, 4 + length);
      held = held.subarray(4 + length);
      socket.write(string(answer(message, key)));
    }
  });
}

function answer(message: Buffer, key: AgentKey): Buffer {
  try {
    if (message[0] === requestIdentities) {
      const list = key.identities.flatMap((blob) => [string(blob), string("")]);
      return Buffer.concat([Buffer.from([identitiesAnswer]), uint32(key.identities.length), ...list]);
    }
    if (message[0] === signRequest) {
      const blobLength = message.readUInt32BE(1);
      const blob = message.subarray(5, 5 + blobLength);
      const dataLength = message.readUInt32BE(5 + blobLength);
      const at = 9 + blobLength;
      if (key.identities.some((known) => known.equals(blob))) {
        const signed = key.sign(message.subarray(at, at + dataLength), message.readUInt32BE(at + dataLength));
        return Buffer.concat([Buffer.from([signResponse]), string(signed)]);
      }
    }
  } catch {
    // A malformed request, or a key that cannot sign this: the answer is the agent's “failure”.
  }
  return Buffer.from([failure]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function mpint(bytes: Buffer): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const trimmed = bytes.subarray(from);
  return string((trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), trimmed]) : trimmed);
}

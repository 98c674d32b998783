import { createRequire } from "node:module";
import type { Client, ParsedKey } from "ssh2";
import { reasonText } from "../../contract/reasons.ts";
import { type CertifiedKey, isCertified } from "./certificate.ts";

/** The parts of ssh2 1.17 that sign in by public key. The test against a real sshd fails when an update moves them. */
interface Protocol {
  authPK(user: string, key: unknown, ...rest: unknown[]): void;
  _kex: { sessionID: Buffer };
  _packetRW: { write: { allocStart: number; alloc(bytes: number): Buffer; finalize(packet: Buffer): Buffer } };
  _authsQueue: string[];
}

interface ProtocolUtilities {
  sendPacket(protocol: Protocol, packet: Buffer): void;
  convertSignature(signature: Buffer, keyType: string): Buffer | false;
}

type Sign = (data: Buffer, signed: (signature: Buffer) => void) => void;

const utilities = createRequire(import.meta.url)("ssh2/lib/protocol/utils.js") as ProtocolUtilities;

/**
 * Lets a client that has begun to connect sign in with a certified key, too, and signs at once where the private key is
 * here: ssh2 first asks the host whether the key would do, a round trip that is only worth while with many keys.
 */
export function signInDirectly(client: Client): void {
  const protocol = (client as unknown as { _protocol: Protocol })._protocol;
  const plain = protocol.authPK.bind(protocol);
  protocol.authPK = (user, key, ...rest) => {
    const algorithm = rest.find((each) => typeof each === "string");
    const asked = rest.find((each): each is Sign => typeof each === "function");
    const sign = asked ?? ownSignature(key as ParsedKey, algorithm);
    if (isCertified(key)) signInCertified(protocol, user, key, sign);
    else plain(user, key, algorithm, sign);
  };
}

/** Undefined for the keys of an agent, which signs by itself. */
function ownSignature(key: ParsedKey, algorithm: string | undefined): Sign | undefined {
  if (!key.isPrivateKey()) return undefined;
  const hash = algorithm === undefined ? undefined : signatureHashes[algorithm];
  return (data, signed) => {
    const signature: Buffer | Error = key.sign(data, hash);
    if (signature instanceof Error) throw signature;
    signed(signature);
  };
}

const signatureHashes: Readonly<Record<string, string>> = {
  "rsa-sha2-256": "sha256",
  "rsa-sha2-512": "sha512",
  "ssh-rsa": "sha1",
};

/** RFC 4252 section 7: without a signature it asks whether the key would do, with one it signs in. */
function signInCertified(protocol: Protocol, user: string, key: CertifiedKey, sign: Sign | undefined): void {
  const request = Buffer.concat([
    Buffer.from([50]),
    string(user),
    string("ssh-connection"),
    string("publickey"),
    Buffer.from([sign ? 1 : 0]),
    string(key.certifiedAlgorithm),
    string(key.getPublicSSH()),
  ]);
  if (!sign) {
    send(protocol, request);
    return;
  }
  sign(Buffer.concat([string(protocol._kex.sessionID), request]), (signature) => {
    const type = key.signatureAlgorithm.startsWith("rsa-") ? "ssh-rsa" : key.signatureAlgorithm;
    const converted = utilities.convertSignature(signature, type);
    if (converted === false) throw new Error(reasonText("ssh_signature_unread"));
    send(
      protocol,
      Buffer.concat([request, string(Buffer.concat([string(key.signatureAlgorithm), string(converted)]))]),
    );
  });
}

function string(value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function send(protocol: Protocol, payload: Buffer): void {
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  protocol._authsQueue.push("publickey");
  utilities.sendPacket(protocol, write.finalize(packet));
}

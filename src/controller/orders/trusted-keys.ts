import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import {
  type AnnouncedKey,
  type AnnouncedKeys,
  AnnouncedKeysSchema,
  KeyStatementSchema,
} from "../../contract/link/controller_pb.ts";

export interface TrustedKey {
  readonly keyId: string;
  /** Ed25519. */
  readonly publicKey: KeyObject;
  /** Orders and statements signed by it are refused from then on, by the wall clock; undefined while it is the newest. */
  readonly untilMs?: number;
}

/** The keys whose orders this controller follows: those of its enrolment, and those that one of them vouched for since. */
export interface TrustedKeys {
  /** Good at this time. */
  current(now: number): readonly TrustedKey[];
  /** Takes what is new and vouched for, leaves out the rest. A key that is known already is not changed by its name. */
  take(announced: AnnouncedKeys, now: number): void;
}

/** Keeps statements over restarts. */
export interface KeptStatements {
  read(): Uint8Array | undefined;
  write(announced: Uint8Array): void;
}

/** What stands before a statement when it is signed, so that no order can be taken for one. */
const statementDomain = Buffer.from("omserver order key v1\n");
const mostKeys = 1000;

export function createTrustedKeys(enrolled: readonly TrustedKey[], kept: KeptStatements, log: Logger): TrustedKeys {
  const keys = new Map(enrolled.map((key) => [key.keyId, key]));
  const statements: AnnouncedKey[] = [];

  function follow({ statement, signedBy, signature }: AnnouncedKey, now: number | undefined): boolean {
    const signer = keys.get(signedBy);
    if (signer === undefined || (now !== undefined && hasEnded(signer, now))) return false;
    if (!verify(null, Buffer.concat([statementDomain, statement]), signer.publicKey, signature)) return false;
    const { keyId, publicKey, previousUntilMs } = fromBinary(KeyStatementSchema, statement);
    if (keys.has(keyId)) return false;
    const key = createPublicKey({ key: Buffer.from(publicKey), type: "spki", format: "der" });
    if (key.asymmetricKeyType !== "ed25519" || keyId !== keyIdOf(key)) return false;
    keys.set(keyId, { keyId, publicKey: key });
    keys.set(signedBy, { ...signer, untilMs: Number(previousUntilMs) });
    return true;
  }

  function takeOne(announced: AnnouncedKey, now: number | undefined): boolean {
    try {
      if (keys.size > mostKeys || !follow(announced, now)) return false;
    } catch (error) {
      log.warn({ error }, "an announced order-signing key cannot be read");
      return false;
    }
    statements.push(announced);
    return true;
  }

  const before = kept.read();
  // They were followed when they came; a signer that has ended since does not undo that.
  if (before !== undefined) for (const key of fromBinary(AnnouncedKeysSchema, before).keys) takeOne(key, undefined);

  return {
    current: (now) => [...keys.values()].filter((key) => !hasEnded(key, now)),
    take(announced, now) {
      const fresh = announced.keys.filter((key) => takeOne(key, now));
      if (fresh.length === 0) return;
      kept.write(toBinary(AnnouncedKeysSchema, create(AnnouncedKeysSchema, { keys: statements })));
      log.info({ keys: [...keys.keys()] }, "another order-signing key is trusted, vouched for by one that was");
    },
  };
}

/** First 16 hexadecimal digits of the SHA-256 of the public key. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
}

function hasEnded({ untilMs }: TrustedKey, now: number): boolean {
  return untilMs !== undefined && now >= untilMs;
}

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { OmError } from "../../contract/errors.ts";
import {
  AnnouncedKeySchema,
  type AnnouncedKeys,
  AnnouncedKeysSchema,
  KeyStatementSchema,
} from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
import { writeOnce } from "./write-once.ts";

/** After a rotation orders of the older key are still followed for so long: more than any of them is valid. */
const overlapMilliseconds = 24 * 3_600_000;

export interface OrderKey {
  /** First 16 hexadecimal digits of the SHA-256 of the public key. */
  readonly keyId: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Set when another took its place: orders of it are refused from then on. */
  readonly untilMs?: number;
}

/** The keys that sign orders. They stay in the data folder of the web server, mode 0600. */
export interface OrderKeys {
  /** Signs orders from now on. */
  current(): OrderKey;
  /** It and, since a rotation, the one before. */
  all(): readonly OrderKey[];
  /** Statements by which each key vouched for the next: what a controller of any age needs to follow. */
  announced(): AnnouncedKeys;
  /** A new key, vouched for by the present one. `store.conflict` while the last rotation is not through. */
  rotate(): OrderKey;
}

interface KeyFile {
  /** Newest first. */
  readonly keys: readonly { readonly file: string; readonly untilMs?: number }[];
  /** An encoded AnnouncedKeys, base64. */
  readonly announced: string;
}

const firstFile = "order-signing.pem";

/**
 * Reads the keys from the folder; the first is made at the first start. No two installations share one: nothing secret
 * ships in the package. `config.invalid` when they cannot be read.
 */
export function openOrderKeys(folder: string, clock: () => number = Date.now): OrderKeys {
  const listFile = join(folder, "order-keys.json");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(join(folder, firstFile)) && !existsSync(listFile)) writeOnce(join(folder, firstFile), newKeyPem());
  let list: KeyFile = { keys: [{ file: firstFile }], announced: "" };
  let keys: OrderKey[];
  let announced: AnnouncedKeys;
  try {
    if (existsSync(listFile)) list = JSON.parse(readFileSync(listFile, "utf8")) as KeyFile;
    keys = list.keys.map(({ file, ...until }) => ({ ...readKey(join(folder, file)), ...until }));
    announced = fromBinary(AnnouncedKeysSchema, Buffer.from(list.announced, "base64"));
  } catch (cause) {
    throw new OmError(
      "config.invalid",
      `The order-signing keys in ${folder} cannot be read. Restore them from a backup, or move ${firstFile} and order-keys.json away: a new key is made at the next start, and every controller must be enrolled again.`,
      { cause },
    );
  }

  function current(): OrderKey {
    const [key] = keys;
    if (key === undefined) throw new OmError("config.invalid", `There is no order-signing key in ${folder}.`);
    return key;
  }

  return {
    current,
    all: () => keys,
    announced: () => announced,
    rotate() {
      const now = clock();
      const old = current();
      const before = keys[1];
      if (before?.untilMs !== undefined && before.untilMs > now) {
        throw new OmError(
          "store.conflict",
          reasonText("rotation_open", { time: new Date(before.untilMs).toISOString() }),
        );
      }
      const pem = newKeyPem();
      const next = keyOf(pem);
      const untilMs = now + overlapMilliseconds;
      const nextAnnounced = create(AnnouncedKeysSchema, { keys: [...announced.keys, vouch(old, next, untilMs)] });
      const file = `order-signing-${next.keyId}.pem`;
      writeOnce(join(folder, file), pem);
      const kept: KeyFile = {
        keys: [{ file }, { file: list.keys[0]?.file ?? firstFile, untilMs }],
        announced: Buffer.from(toBinary(AnnouncedKeysSchema, nextAnnounced)).toString("base64"),
      };
      const fresh = `${listFile}.${process.pid}`;
      writeFileSync(fresh, JSON.stringify(kept), { mode: 0o600 });
      renameSync(fresh, listFile);
      for (const { file: gone } of list.keys.slice(1)) rmSync(join(folder, gone), { force: true });
      list = kept;
      announced = nextAnnounced;
      keys = [next, { ...old, untilMs }];
      return next;
    },
  };
}

/** See AnnouncedKey in controller.proto. */
function vouch(old: OrderKey, next: OrderKey, untilMs: number) {
  const publicKey = next.publicKey.export({ type: "spki", format: "der" });
  const statement = toBinary(
    KeyStatementSchema,
    create(KeyStatementSchema, { keyId: next.keyId, publicKey, previousUntilMs: BigInt(untilMs) }),
  );
  const signature = sign(null, Buffer.concat([Buffer.from("omserver order key v1\n"), statement]), old.privateKey);
  return create(AnnouncedKeySchema, { statement, signedBy: old.keyId, signature });
}

function newKeyPem(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function readKey(file: string): OrderKey {
  return keyOf(readFileSync(file, "utf8"));
}

function keyOf(pem: string): OrderKey {
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ type: "spki", format: "der" });
  return { keyId: createHash("sha256").update(der).digest("hex").slice(0, 16), privateKey, publicKey };
}

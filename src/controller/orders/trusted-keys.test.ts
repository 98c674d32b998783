import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { pino } from "pino";
import { beforeEach, expect, it } from "vitest";
import {
  type AnnouncedKey,
  AnnouncedKeySchema,
  type AnnouncedKeys,
  AnnouncedKeysSchema,
  KeyStatementSchema,
} from "../../contract/link/controller_pb.ts";
import { createTrustedKeys, keyIdOf, type TrustedKeys } from "./trusted-keys.ts";

const now = 1_000_000;
const log = pino({ level: "silent" });
const [first, second, third, foreign] = [newKey(), newKey(), newKey(), newKey()];

let kept: Uint8Array | undefined;
let keys: TrustedKeys;

beforeEach(() => {
  kept = undefined;
  keys = open();
});

function open(): TrustedKeys {
  const statements = {
    read: () => kept,
    write(announced: Uint8Array) {
      kept = announced;
    },
  };
  return createTrustedKeys([{ keyId: first.keyId, publicKey: first.publicKey }], statements, log);
}

interface Key {
  readonly keyId: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function newKey(): Key {
  const pair = generateKeyPairSync("ed25519");
  return { keyId: keyIdOf(pair.publicKey), ...pair };
}

function statement(key: Key, previousUntilMs: number, keyId = key.keyId): Uint8Array {
  const publicKey = key.publicKey.export({ type: "spki", format: "der" });
  return toBinary(
    KeyStatementSchema,
    create(KeyStatementSchema, { keyId, publicKey, previousUntilMs: BigInt(previousUntilMs) }),
  );
}

function vouched(by: Key, bytes: Uint8Array, domain = "omserver order key v1\n"): AnnouncedKey {
  const signature = sign(null, Buffer.concat([Buffer.from(domain), bytes]), by.privateKey);
  return create(AnnouncedKeySchema, { statement: bytes, signedBy: by.keyId, signature });
}

function all(...announced: AnnouncedKey[]): AnnouncedKeys {
  return create(AnnouncedKeysSchema, { keys: announced });
}

function trusted(at = now): string[] {
  return keys.current(at).map(({ keyId }) => keyId);
}

it("follows a chain of keys, has two live ones until the older ends, and remembers that over a restart", () => {
  const chain = all(vouched(first, statement(second, now + 100)), vouched(second, statement(third, now + 200)));

  keys.take(chain, now);
  expect(trusted()).toEqual([first.keyId, second.keyId, third.keyId]);

  keys = open();
  expect(trusted(now + 99)).toEqual([first.keyId, second.keyId, third.keyId]);
  expect(trusted(now + 100)).toEqual([second.keyId, third.keyId]);
  keys.take(chain, now + 300);
  expect(trusted(now + 300)).toEqual([third.keyId]);
});

it.each<[string, () => AnnouncedKey[]]>([
  ["by a foreign key", () => [vouched(foreign, statement(second, now + 100))]],
  [
    "by a foreign key under a trusted name",
    () => [{ ...vouched(foreign, statement(second, now + 100)), signedBy: first.keyId }],
  ],
  ["as an order is signed", () => [vouched(first, statement(second, now + 100), "")]],
  ["by itself", () => [vouched(second, statement(second, now + 100))]],
  ["for a key under another's name", () => [vouched(first, statement(foreign, now + 100, second.keyId))]],
  ["for what is no key", () => [vouched(first, Buffer.from("\x0a\x02hi"))]],
  ["for what cannot be read", () => [vouched(first, Buffer.from("\x0a\xff\xff"))]],
])("does not follow a statement that is signed %s", (_name, announced) => {
  keys.take(all(...announced()), now);

  expect(trusted()).toEqual([first.keyId]);
  expect(kept).toBeUndefined();
});

it("follows nothing that an ended key signs", () => {
  keys.take(all(vouched(first, statement(second, now + 100))), now);

  keys.take(all(vouched(first, statement(foreign, now + 1_000_000))), now + 100);

  expect(trusted(now + 100)).toEqual([second.keyId]);
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTrustedKeys } from "../../controller/orders/trusted-keys.ts";
import { openOrderKeys } from "./order-keys.ts";

const hour = 3_600_000;
let folder: string;
let time = 1_000_000;
const clock = () => time;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omserver-order-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("makes a key of its own at the first start, which only its user reads, and finds it again", () => {
  const first = openOrderKeys(join(folder, "a"), clock).current();
  const again = openOrderKeys(join(folder, "a"), clock).current();
  const other = openOrderKeys(join(folder, "b"), clock).current();

  expect(again.keyId).toBe(first.keyId);
  expect(other.keyId).not.toBe(first.keyId);
  for (const name of readdirSync(join(folder, "a"))) expect(statSync(join(folder, "a", name)).mode & 0o777).toBe(0o600);
});

it("leads a controller of any age to the present key, with two live ones while a rotation goes on", () => {
  const keys = openOrderKeys(folder, clock);
  const first = keys.current();
  const nothingKept = { read: () => undefined, write: () => undefined };
  const enrolled = [{ keyId: first.keyId, publicKey: first.publicKey }];
  const ids = (at: number) => {
    const trusted = createTrustedKeys(enrolled, nothingKept, pino({ level: "silent" }));
    trusted.take(keys.announced(), at);
    return trusted.current(at).map(({ keyId }) => keyId);
  };

  const second = keys.rotate();
  expect(keys.current().keyId).toBe(second.keyId);
  expect(keys.all().map(({ keyId }) => keyId)).toEqual([second.keyId, first.keyId]);
  expect(ids(time)).toEqual([first.keyId, second.keyId]);
  expect(() => keys.rotate()).toThrowError(expect.objectContaining({ code: "store.conflict" }));

  time += 24 * hour;
  const third = keys.rotate();
  expect(ids(time)).toEqual([second.keyId, third.keyId]);
  expect(
    openOrderKeys(folder, clock)
      .all()
      .map(({ keyId }) => keyId),
  ).toEqual([third.keyId, second.keyId]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".pem")).length).toBe(2);
});

it("goes on with the old key when it stopped half-way through a rotation", () => {
  const keys = openOrderKeys(folder, clock);
  const first = keys.current();
  writeFileSync(join(folder, "order-signing-0123456789abcdef.pem"), readFileSync(join(folder, "order-signing.pem")));

  expect(openOrderKeys(folder, clock).current().keyId).toBe(first.keyId);
});

it("says what to do when its files cannot be read", () => {
  writeFileSync(join(folder, "order-signing.pem"), "nothing");

  expect(() => openOrderKeys(folder, clock)).toThrowError(expect.objectContaining({ code: "config.invalid" }));
});

import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OrderSchema, type SignedOrder, SignedOrderSchema } from "../../contract/link/controller_pb.ts";
import { adhocModule } from "../../modules/adhoc.ts";
import { canonicalJson } from "../../modules/content.ts";
import { loadSealingKey } from "../credentials/sealing-key.ts";
import { type JournalDatabase, openDatabase } from "../spool/database.ts";
import { createJournal, type Journal } from "../spool/journal.ts";
import { createOrderIntake, type Taken } from "./order-intake.ts";

const hour = 3_600_000;
const now = Date.now();
const trusted = generateKeyPairSync("ed25519");
const foreign = generateKeyPairSync("ed25519");
const module = Buffer.from(canonicalJson(adhocModule({ command: ["uptime"] })));
const moduleSha256 = createHash("sha256").update(module).digest();

let folder: string;
let database: JournalDatabase;
let journal: Journal;
let take: (signed: SignedOrder) => Taken;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omserver-orders-"));
  open();
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

function open(clock = now): void {
  database = openDatabase(join(folder, "controller.db"));
  // Thousands of refusals: these tests are about what is accepted, not about power cuts.
  database.sql.pragma("synchronous = OFF");
  journal = createJournal(database, loadSealingKey(join(folder, "key")));
  take = createOrderIntake({
    journal,
    trustedKeys: () => [{ keyId: "k1", publicKey: trusted.publicKey }],
    audience: "main",
    log: pino({ level: "silent" }),
    clock: () => clock,
  });
}

function orderOf(change: MessageInitShape<typeof OrderSchema> = {}): Uint8Array {
  const hosts = [0, 1, 2].map((position) => ({ position, name: `web${position}`, engine: "mock", port: 22 }));
  const order = {
    runUid: randomUUID(),
    audience: "main",
    actor: "wang",
    issuedAtMs: BigInt(now),
    expiresAtMs: BigInt(now + hour),
    plan: { module, moduleSha256, parameters: Buffer.from("{}"), hosts, width: 2, runTimeoutMs: 1000n },
    ...change,
  };
  return toBinary(OrderSchema, create(OrderSchema, order as MessageInitShape<typeof OrderSchema>));
}

function signed(order: Uint8Array, key = trusted, keyId = "k1"): SignedOrder {
  const signature = sign(null, order, key.privateKey);
  return create(SignedOrderSchema, { keyId, order, signature, runUid: randomUUID() });
}

describe("an order that is in order", () => {
  it("is accepted and on disk before it begins", () => {
    const order = orderOf();

    const { answer, begin } = take(signed(order));

    expect(answer).toMatchObject({ accepted: true, reason: "" });
    expect(begin?.work.plan.hosts.length).toBe(3);
    database.close();
    open();
    const [run] = journal.openRuns();
    expect(run?.uid).toBe(answer?.runUid);
    expect(run && Buffer.compare(journal.order(run), order)).toBe(0);
  });

  it("begins once when it comes again, and is answered as the first time, also after a restart and its expiry", () => {
    const order = signed(orderOf());
    expect(take(order).begin).toBeDefined();

    for (const clock of [now, now + 2 * hour]) {
      database.close();
      open(clock);
      expect(take(order)).toEqual({ answer: { runUid: expect.any(String), accepted: true, reason: "" } });
    }
  });
});

describe("an order that is not in order is refused and never begins:", () => {
  const cases: [string, () => SignedOrder, RegExp][] = [
    ["signed with a foreign key under a trusted name", () => signed(orderOf(), foreign), /signature does not verify/],
    [
      "signed with a key that is not trusted",
      () => signed(orderOf(), foreign, "k2"),
      /key “k2”, which the controller “main” does not trust/,
    ],
    [
      "for another controller",
      () => signed(orderOf({ audience: "bj-1" })),
      /for the controller “bj-1”, not for “main”/,
    ],
    ["expired", () => signed(orderOf({ expiresAtMs: BigInt(now) })), /had expired/],
    [
      "from the future",
      () => signed(orderOf({ issuedAtMs: BigInt(now + hour), expiresAtMs: BigInt(now + 2 * hour) })),
      /issued in the future/,
    ],
    ["without a plan", () => signed(orderOf({ plan: undefined as never })), /no run or no plan/],
    ["without a run", () => signed(orderOf({ runUid: "" })), /no run or no plan/],
    ["signed but no order", () => signed(Buffer.from("\x0a\xff\xff\xff\xff")), /cannot be read/],
    [
      "with another module than its hash",
      () => signed(orderOf({ plan: { module, moduleSha256: Buffer.alloc(32), width: 1 } })),
      /not the one that its hash names/,
    ],
    ["of width 0", () => signed(orderOf({ plan: { module, moduleSha256, width: 0 } })), /width is 0/],
    [
      "with a host's position twice",
      () => signed(orderOf({ plan: { module, moduleSha256, width: 1, hosts: [{ position: 1 }, { position: 1 }] } })),
      /position twice/,
    ],
    [
      "with parameters that are no object",
      () => signed(orderOf({ plan: { module, moduleSha256, width: 1, parameters: Buffer.from("[1]") } })),
      /parameters are no object/,
    ],
  ];
  it.each(cases)("%s", (_name, make, reason) => {
    const { answer, begin } = take(make());

    expect(begin).toBeUndefined();
    expect(answer?.accepted).toBe(false);
    expect(answer?.reason).toMatch(reason);
  });

  it("stays refused when the real order of that run comes after a damaged copy", () => {
    const real = signed(orderOf());
    const uid = randomUUID();
    const bytes = orderOf({ runUid: uid });
    const damaged = { ...signed(bytes), signature: new Uint8Array(64), runUid: uid };

    expect(take(damaged).answer).toMatchObject({ runUid: uid, accepted: false });
    expect(take(signed(bytes)).answer).toMatchObject({ runUid: uid, accepted: false });
    expect(take(real).begin).toBeDefined();
  });

  it("does not touch a run that was accepted when a forged order names it", () => {
    const bytes = orderOf();
    const { answer } = take(signed(bytes));
    const uid = answer?.runUid ?? "";

    expect(take({ ...signed(orderOf(), foreign), runUid: uid })).toEqual({});
    expect(take(signed(orderOf({ runUid: uid, plan: { module, moduleSha256, width: 9 } })))).toEqual({});
    expect(take(signed(bytes)).answer).toMatchObject({ accepted: true });
  });
});

it("accepts none of 10,000 orders that were flipped, cut, lengthened, mixed or replayed", () => {
  const genuine = Array.from({ length: 20 }, () => signed(orderOf()));
  for (const order of genuine) expect(take(order).begin).toBeDefined();
  let attempts = 0;
  const mutation = fc.record({
    base: fc.nat(genuine.length - 1),
    other: fc.nat(genuine.length - 1),
    fresh: fc.boolean(),
    how: fc.constantFrom("flip order", "flip signature", "cut", "lengthen", "mix", "other key id", "replay", "empty"),
    place: fc.double({ min: 0, max: 0.9999999, noNaN: true }),
    bit: fc.nat(7),
  });
  fc.assert(
    fc.property(mutation, ({ base, other, fresh, how, place, bit }) => {
      attempts += 1;
      const from = fresh ? signed(orderOf()) : genuine[base];
      const second = genuine[other];
      if (from === undefined || second === undefined) return;
      const forged = mutate(from, second, how, place, bit);
      if (fresh && how === "replay") return;
      if (how === "mix" && base === other && !fresh) return;

      expect(take(forged).begin).toBeUndefined();
    }),
    { numRuns: 10_000 },
  );
  expect(attempts).toBe(10_000);
  expect(journal.openRuns().length).toBe(20);
});

function mutate(from: SignedOrder, second: SignedOrder, how: string, place: number, bit: number): SignedOrder {
  const order = Uint8Array.from(from.order);
  const signature = Uint8Array.from(from.signature);
  const at = Math.floor(place * order.length);
  switch (how) {
    case "flip order":
      order[at] = (order[at] ?? 0) ^ (1 << bit);
      break;
    case "flip signature":
      signature[at % 64] = (signature[at % 64] ?? 0) ^ (1 << bit);
      break;
    case "cut":
      return { ...from, order: order.subarray(0, at) };
    case "lengthen":
      return { ...from, order: Uint8Array.from([...order, bit]) };
    case "mix":
      return { ...from, signature: second.signature };
    case "other key id":
      return { ...from, keyId: "k2" };
    case "empty":
      return { ...from, signature: new Uint8Array() };
    default:
      break;
  }
  return { ...from, order, signature };
}

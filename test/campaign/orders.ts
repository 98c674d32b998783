import { randomBytes, randomInt, randomUUID, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import {
  type ControllerFrame,
  OrderSchema,
  PlanSchema,
  type SignedOrder,
  SignedOrderSchema,
  WebFrameSchema,
} from "../../src/contract/link/controller_pb.ts";
import type { WebEnd } from "../../src/contract/link/link.ts";
import { connectInProcess } from "../../src/link/in-process/in-process.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { newSigningKeys, openControllerSide, plannedRun, type SigningKeys } from "../testkit/spine.ts";
import type { Outcome } from "./campaign.ts";

const hour = 3_600_000;
const hosts = 2;
const trusted = newSigningKeys("trusted");
const foreign = newSigningKeys("trusted");
const unknown = newSigningKeys("unknown");
const { plan } = plannedRun(hosts);

/**
 * Bad orders against a real controller with a real journal, over a link, together with good ones, and once more after a
 * restart: `accepted` counts those that were called accepted or that began anything. Options: `tried` (10,000).
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const tried = Number(options.tried ?? 10_000);
  const folder = await mkdtemp(join(tmpdir(), "omserver-orders-"));
  const engine = createScriptedEngine((host) => answers(host));
  const begun: string[] = [];
  const counting = {
    ...engine,
    run(job: Parameters<typeof engine.run>[0], signal: AbortSignal) {
      for (const { position } of job.hosts) begun.push(`${job.runUid} ${position}`);
      return engine.run(job, signal);
    },
  };
  const attack = createAttack();
  try {
    for (let life = 0; life < 2; life += 1) {
      const controller = await openControllerSide({ folder, engines: [counting], signingKey: trusted });
      const ends = connectInProcess();
      const served = controller.attach(ends.controller);
      await attack.overLink(ends.web, Math.ceil(tried / 2), (done) => report(life, done, tried));
      await controller.close();
      await served;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const twice = begun.length - new Set(begun).size;
  const uninvited = [...new Set(begun)].filter((name) => !attack.genuine.has(name.split(" ")[0] ?? "")).length;
  const idle = attack.genuine.size * hosts - begun.length;
  const accepted = attack.accepted() + twice + uninvited;
  const result = { campaign: "orders", tried: attack.tried(), accepted, genuine: attack.genuine.size };
  return { result, held: accepted === 0 && idle === 0 && attack.tried() >= tried };
}

function report(life: number, done: number, tried: number): void {
  console.error(`${Math.ceil(tried / 2) * life + done} of ${tried} bad orders sent`);
}

function createAttack() {
  /** Run ids of good orders, which begin once each. */
  const genuine = new Set<string>();
  /** Good orders that were accepted. */
  const old: SignedOrder[] = [];
  let tried = 0;
  let accepted = 0;
  let requests = 0;

  /** So many bad orders in random order, and a good one among every 100. */
  async function overLink(end: WebEnd, count: number, progress: (done: number) => void): Promise<void> {
    const frames = end.frames[Symbol.asyncIterator]();
    await end.send(webFrame({ case: "welcome", value: {} }));
    for (let done = 0; done < count; done += 500) {
      const due = Math.min(500, count - done);
      const good = Array.from({ length: Math.ceil(due / 100) }, () => signed(trusted, orderBytes()));
      for (const { runUid } of good) genuine.add(runUid);
      const bad = Array.from({ length: due }, () => badOrder(old));
      requests += 1;
      const answered = readAnswers(frames, end);
      for (const order of shuffled([...good, ...bad])) await end.send(webFrame({ case: "order", value: order }));
      const request = { id: requests, request: { case: "probeEngines", value: {} } } as const;
      await end.send(webFrame({ case: "request", value: request }));
      await answered;
      old.push(...good);
      tried += due;
      progress(done + due);
    }
  }

  /** Orders are handled one after the other, so that the answer to the request is behind all of theirs. */
  async function readAnswers(frames: AsyncIterator<ControllerFrame>, end: WebEnd): Promise<void> {
    for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
      const { frame } = next.value;
      if (frame.case === "answer" && frame.value.id === requests) return;
      if (frame.case === "orderAnswer" && frame.value.accepted && !genuine.has(frame.value.runUid)) accepted += 1;
      if (frame.case === "events") {
        const seq = frame.value.events.at(-1)?.seq ?? 0n;
        await end.send(webFrame({ case: "acknowledge", value: { runUid: frame.value.runUid, seq } }));
      }
    }
    throw new Error("the controller closed the link");
  }

  return { genuine, overLink, tried: () => tried, accepted: () => accepted };
}

/** Ways to make an order that must not begin, from a fresh one or from one that has been accepted. */
const ways: ((old: SignedOrder | undefined) => SignedOrder)[] = [
  (old) => damaged(old, (order) => ({ order: flipped(order.order) })),
  (old) => damaged(old, (order) => ({ signature: flipped(order.signature) })),
  (old) => damaged(old, (order) => ({ order: order.order.subarray(0, randomInt(order.order.length)) })),
  (old) => damaged(old, (order) => ({ order: Buffer.concat([order.order, randomBytes(1 + randomInt(40))]) })),
  (old) => damaged(old, (order) => ({ order: reordered(order.order) })),
  (old) => damaged(old, () => ({ signature: signed(trusted, orderBytes()).signature })),
  (old) => damaged(old, () => ({ signature: new Uint8Array() })),
  (old) => damaged(old, () => ({ order: new Uint8Array() })),
  (old) => damaged(old, () => ({ keyId: unknown.keyId })),
  // Replays: as it was, under another name outside, and signed anew. They are answered, and begin nothing.
  (old) => old ?? signed(trusted, orderBytes({ expiresAtMs: BigInt(Date.now() - 1) })),
  (old) => ({ ...(old ?? signed(foreign, orderBytes())), runUid: randomUUID() }),
  (old) => (old === undefined ? signed(foreign, orderBytes()) : signed(trusted, laterOrder(old))),
  // Signed by the right key, and not to be carried out all the same.
  (old) => signed(trusted, orderBytes({ expiresAtMs: BigInt(Date.now() - randomInt(hour)) }, old)),
  () =>
    signed(trusted, orderBytes({ issuedAtMs: BigInt(Date.now() + hour), expiresAtMs: BigInt(Date.now() + 2 * hour) })),
  () => signed(trusted, orderBytes({ audience: "bj-1" })),
  () => signed(trusted, orderBytes({ audience: "" })),
  () => signed(trusted, withPlan({ moduleSha256: randomBytes(32) })),
  () => signed(trusted, withPlan({ module: Buffer.from("{}") })),
  () => signed(trusted, withPlan({ width: 0 })),
  (old) => signed(old === undefined ? foreign : trusted, withPlan({ becomeUser: "root", width: 3 }, old)),
  (old) => signed(foreign, orderBytes({}, old)),
  () => signed(unknown, orderBytes()),
];

function badOrder(old: readonly SignedOrder[]): SignedOrder {
  const way = ways[randomInt(ways.length)];
  const base = old.length === 0 || randomInt(2) === 0 ? undefined : old[randomInt(old.length)];
  if (way === undefined) throw new Error("there is no way");
  return way(base);
}

function damaged(old: SignedOrder | undefined, change: (order: SignedOrder) => Partial<SignedOrder>): SignedOrder {
  const order = old ?? signed(trusted, orderBytes());
  return { ...order, ...change(order) };
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = randomInt(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << randomInt(8));
  return copy;
}

/** The same fields in another order, which protobuf reads as the same message. */
function reordered(order: Uint8Array): Uint8Array {
  const reader = new BinaryReader(order);
  const fields: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    reader.skip(wireType, field);
    fields.push(order.subarray(start, reader.pos));
  }
  return Buffer.concat(fields.reverse());
}

type OrderInit = MessageInitShape<typeof OrderSchema>;

function orderBytes(change: Partial<OrderInit> = {}, sameRun?: SignedOrder): Uint8Array {
  const order = {
    runUid: sameRun?.runUid ?? randomUUID(),
    audience: "main",
    actor: "wang",
    issuedAtMs: BigInt(Date.now()),
    expiresAtMs: BigInt(Date.now() + hour),
    plan,
    ...change,
  };
  return toBinary(OrderSchema, create(OrderSchema, order as OrderInit));
}

function withPlan(change: Partial<typeof plan>, sameRun?: SignedOrder): Uint8Array {
  return orderBytes({ plan: create(PlanSchema, { ...plan, ...change }) }, sameRun);
}

function laterOrder(old: SignedOrder): Uint8Array {
  const order = fromBinary(OrderSchema, old.order);
  order.expiresAtMs += BigInt(hour);
  return toBinary(OrderSchema, order);
}

function signed(keys: SigningKeys, order: Uint8Array): SignedOrder {
  const { runUid } = fromBinary(OrderSchema, order);
  const signature = sign(null, order, keys.privateKey);
  return create(SignedOrderSchema, { keyId: keys.keyId, order, signature, runUid });
}

function webFrame(frame: MessageInitShape<typeof WebFrameSchema>["frame"]) {
  return create(WebFrameSchema, { frame });
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

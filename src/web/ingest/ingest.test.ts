import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { aRun } from "../../../test/testkit/store/builders.ts";
import type { OmError } from "../../contract/errors.ts";
import { type EventBatch, EventBatchSchema, type EventSchema } from "../../contract/link/controller_pb.ts";
import { connect } from "../store/database.ts";
import { openStore } from "../store/open.ts";
import type { RunChange } from "../store/repositories/executions.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { createIngest, type IngestSession } from "./ingest.ts";

type EventInit = MessageInitShape<typeof EventSchema>;

let folder: string;
let store: Store;
let changes: RunChange[];
let acknowledged: [string, number][];
let broken: OmError[];
let woken: number[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-ingest-"));
  store = await openStore({ kind: "sqlite", file: join(folder, "omserver.db") });
  changes = [];
  acknowledged = [];
  broken = [];
  woken = [];
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function open(progress: ReadonlyMap<string, number> = new Map()): IngestSession {
  const apply = async (change: RunChange): Promise<Run> => {
    changes.push(change);
    return store.runs.apply(change);
  };
  const watched = { ...store, runs: { ...store.runs, apply } };
  const live = { changed: (runId: number) => woken.push(runId) };
  return createIngest({ store: watched, live, log: pino({ level: "silent" }) }).open({
    controller: "main",
    progress,
    acknowledge: (uid, seq) => acknowledged.push([uid, seq]),
    broken: (error) => broken.push(error),
  });
}

async function newRun(hosts: number): Promise<Run> {
  return (await store.runs.create(aRun(hosts))).run;
}

function batch(run: Run | string, firstSeq: number, ...kinds: EventInit["kind"][]): EventBatch {
  const events = kinds.map((kind, i) => ({ seq: BigInt(firstSeq + i), atMs: 1000n, kind }) as EventInit);
  return create(EventBatchSchema, { runUid: typeof run === "string" ? run : run.uid, events } as MessageInitShape<
    typeof EventBatchSchema
  >);
}

const endedOk = (position: number, state = "ok"): EventInit["kind"] => ({
  case: "ended",
  value: { position, state, exitCode: 0, output: "complete", stdout: Buffer.from("x"), stdoutBytes: 1n },
});
const runEnded: EventInit["kind"] = { case: "runEnded", value: {} };

it("folds events that come together into one write, and acknowledges only after it", async () => {
  const run = await newRun(2);
  const session = open();

  await session.push(batch(run, 1, { case: "dispatching", value: { positions: [0, 1] } }));
  await session.push(batch(run, 2, { case: "running", value: { positions: [0, 1] } }, endedOk(0)));
  await session.push(batch(run, 4, endedOk(1), runEnded));
  expect(acknowledged).toEqual([]);
  await expect.poll(() => acknowledged).toEqual([[run.uid, 5]]);

  expect(changes).toMatchObject([{ firstSeq: 1, lastSeq: 5, dispatching: [0, 1], runEnded: true }]);
  expect((await store.runs.getByUid(run.uid))?.state).toBe("succeeded");
  expect(woken).toEqual([run.id]);
  await session.close();
});

it("leaves out what the store has already, also within a batch, and acknowledges a batch that brings nothing new", async () => {
  const run = await newRun(3);
  const first = open();
  await first.push(batch(run, 1, endedOk(0), endedOk(1)));
  await expect.poll(() => acknowledged.length).toBe(1);
  await first.close();

  const second = open(new Map([[run.uid, 2]]));
  await second.push(batch(run, 1, endedOk(0), endedOk(1)));
  expect(acknowledged.at(-1)).toEqual([run.uid, 2]);
  await second.push(batch(run, 2, endedOk(1), endedOk(2), runEnded));
  await expect.poll(() => acknowledged.at(-1)).toEqual([run.uid, 4]);

  expect(changes.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await second.close();
});

it("acknowledges a run that is final in the store, when its last acknowledgement was lost", async () => {
  const run = await newRun(1);
  const first = open();
  await first.push(batch(run, 1, endedOk(0), runEnded));
  await expect.poll(() => acknowledged.length).toBe(1);
  await first.close();

  const second = open();
  await second.push(batch(run, 1, endedOk(0), runEnded));

  await expect.poll(() => acknowledged.at(-1)).toEqual([run.uid, 2]);
  expect(broken).toEqual([]);
  await second.close();
});

it("gives up the link at a gap, within a link and against the store, and writes nothing behind it", async () => {
  const run = await newRun(5);
  const session = open(new Map([[run.uid, 0]]));
  await session.push(batch(run, 1, endedOk(0)));
  await session.push(batch(run, 3, endedOk(2)));
  expect(broken).toMatchObject([{ code: "store.conflict" }]);
  await session.close();

  const other = await newRun(5);
  const unknowing = open();
  await unknowing.push(batch(other, 4, endedOk(3)));
  await expect.poll(() => broken.length).toBe(2);
  await unknowing.close();

  expect((await store.runs.getByUid(other.uid))?.counts.ok).toBe(0);
});

it("acknowledges events of a run that the store does not have, so that the controller can forget them", async () => {
  const session = open();
  await session.push(batch("no-such-run", 1, endedOk(0), runEnded));

  await expect.poll(() => acknowledged).toEqual([["no-such-run", 2]]);
  await session.close();
});

it("writes a state that it does not know as unknown, and keeps a place for events of a newer controller", async () => {
  const run = await newRun(1);
  const session = open();

  await session.push(batch(run, 1, { case: undefined }, endedOk(0, "levitating"), runEnded));
  await expect.poll(() => acknowledged).toEqual([[run.uid, 3]]);

  const [execution] = await store.runs.executions(run.id, { limit: 1 });
  expect(execution).toMatchObject({ state: "unknown", reason: expect.stringContaining("levitating") });
  await session.close();
});

it("audits trusted host keys once a batch, with the hosts' names, before their events are acknowledged", async () => {
  const run = await newRun(12);
  const session = open();
  const notices = [3, 4, 5].map((position): EventInit["kind"] => ({
    case: "notice",
    value: { position, code: "host_key_trusted", message: `10.0.0.${position} ssh-ed25519 SHA256:x` },
  }));

  await session.push(batch(run, 1, ...notices, endedOk(3)));
  await expect.poll(() => acknowledged.length).toBe(1);

  const { rows } = await store.audit.list({}, { limit: 10 });
  expect(rows).toMatchObject([{ action: "host_key.trust", source: "main", hosts: "web[04-06]", detail: { count: 3 } }]);
  await session.close();
});

it("keeps what engines tell with their host, and leaves the rest to audit and log", async () => {
  const run = await newRun(2);
  const session = open();
  const notices = ["engine", "host_key_trusted", "spool"].map((code): EventInit["kind"] => ({
    case: "notice",
    value: { position: 1, code, message: `from ${code}` },
  }));

  await session.push(batch(run, 1, ...notices, endedOk(1)));
  await expect.poll(() => acknowledged.length).toBe(1);

  expect(await store.runs.notices(run.id, 1)).toMatchObject([{ seq: 1, message: "from engine" }]);
  await session.close();
});

it("takes no more than a bounded number of bytes while the store is slow", async () => {
  const run = await newRun(1);
  const session = open(new Map([[run.uid, 0]]));
  const free = Promise.withResolvers<void>();
  const stuck = createIngest({
    store: { ...store, runs: { ...store.runs, apply: (change) => free.promise.then(() => store.runs.apply(change)) } },
    live: { changed: () => undefined },
    log: pino({ level: "silent" }),
  }).open({
    controller: "main",
    progress: new Map(),
    acknowledge: (uid, seq) => acknowledged.push([uid, seq]),
    broken: (error) => broken.push(error),
  });
  let pushed = 0;
  const pushing = (async () => {
    for (let seq = 1; seq <= 60; seq += 1) {
      const data = Buffer.alloc(1024 * 1024);
      await stuck.push(
        batch(run, seq, { case: "output", value: { position: 0, offset: BigInt((seq - 1) * data.length), data } }),
      );
      pushed += 1;
    }
  })();
  await expect.poll(() => pushed).toBeGreaterThan(5);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(pushed).toBeLessThan(20);

  free.resolve();
  await pushing;
  await expect.poll(() => acknowledged.at(-1), { timeout: 10_000 }).toEqual([run.uid, 60]);
  expect(broken).toEqual([]);
  await stuck.close();
  await session.close();
});

it("lets go of what comes late of a run that was deleted meanwhile, and goes on with other runs", async () => {
  const run = await newRun(1);
  const other = await newRun(1);
  const session = open();
  await session.push(batch(run, 1, { case: "running", value: { positions: [0] } }));
  await expect.poll(() => acknowledged).toEqual([[run.uid, 1]]);
  const database = connect({ kind: "sqlite", file: join(folder, "omserver.db") });
  await database.writer
    .updateTable("run")
    .set({ state: "succeeded", finished_at: 1 })
    .where("id", "=", run.id)
    .execute();
  await database.close();
  expect(await store.retention.hide(2, 1)).toBe(1);

  await session.push(batch(run, 2, endedOk(0), runEnded));
  await session.push(batch(other, 1, endedOk(0), runEnded));

  await expect.poll(() => acknowledged.slice(1).sort(([, one], [, two]) => one - two)).toHaveLength(2);
  expect(new Map(acknowledged)).toEqual(
    new Map([
      [run.uid, 3],
      [other.uid, 2],
    ]),
  );
  expect(broken).toEqual([]);
  await session.close();
});

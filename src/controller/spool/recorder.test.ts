import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ControllerFrameSchema, type EventBatch } from "../../contract/link/controller_pb.ts";
import { loadSealingKey } from "../credentials/sealing-key.ts";
import { type JournalDatabase, openDatabase } from "./database.ts";
import { createJournal, type Journal, type JournaledRun } from "./journal.ts";
import type { NewEvent } from "./new-event.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

let folder: string;
let database: JournalDatabase;
let journal: Journal;
let recorder: Recorder;
let spooled: EventBatch[];
let commits: number;
let diskFull: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omserver-recorder-"));
  spooled = [];
  commits = 0;
  diskFull = false;
  open();
});
afterEach(async () => {
  await recorder.close();
  database.close();
  rmSync(folder, { recursive: true });
});

function open(limits = { spoolLimitBytes: 1e9, memoryLimitBytes: 1e9 }): void {
  database = openDatabase(join(folder, "controller.db"));
  journal = createJournal(database, loadSealingKey(join(folder, "key")));
  const failing: Journal = {
    ...journal,
    write(...given) {
      commits += 1;
      if (diskFull) throw new Error("database or disk is full");
      return journal.write(...given);
    },
  };
  recorder = createRecorder({
    journal: failing,
    log: pino({ level: "silent" }),
    ...limits,
    onSpooled: (batches) => spooled.push(...batches.map(({ frame }) => eventsOf(frame))),
  });
}

function eventsOf(encoded: Uint8Array): EventBatch {
  const { frame } = fromBinary(ControllerFrameSchema, encoded);
  if (frame.case !== "events") throw new Error(`the recorder spooled a frame that is ${frame.case}`);
  return frame.value;
}

async function reopen(limits?: { spoolLimitBytes: number; memoryLimitBytes: number }): Promise<void> {
  await recorder.close();
  database.close();
  open(limits);
}

function accepted(uid = "run"): JournaledRun {
  const run = journal.accept(uid, Buffer.alloc(32), Buffer.from("order"));
  if (run === undefined) throw new Error(`run ${uid} is there already`);
  return run;
}

function output(position: number, bytes = 10): NewEvent {
  return { atMs: 1n, kind: { case: "output", value: { position, data: new Uint8Array(bytes) } } };
}

const seqs = () => spooled.flatMap((batch) => batch.events.map((event) => Number(event.seq)));

it("makes intents that come together durable in one commit, each with its mark", async () => {
  const run = accepted();

  const commitsSoFar = await Promise.all(
    [1, 2, 3, 4, 5].map((position) => recorder.intend(run, [position]).then(() => commits)),
  );

  // On a slow disk the events' own commit may have begun by then: one for the intents, at most one for the events.
  expect(new Set(commitsSoFar).size).toBe(1);
  expect(commitsSoFar[0]).toBeLessThanOrEqual(2);
  expect([...journal.marks(run).intended]).toEqual([1, 2, 3, 4, 5]);
  await recorder.flushed();
  expect(spooled.map((batch) => batch.events.map((event) => event.kind))).toMatchObject([
    [{ case: "dispatching", value: { positions: [1, 2, 3, 4, 5] } }],
  ]);
});

it("numbers the events of each run from 1 without a gap, over batches and restarts", async () => {
  const run = accepted();
  for (let i = 0; i < 1234; i += 1) recorder.add(run, output(i));
  await recorder.flushed();
  await reopen();

  const [again] = journal.openRuns();
  if (again === undefined) throw new Error("the run is gone");
  recorder.ended(again, 7, "otherwise", output(7));
  await recorder.runEnded(again);

  expect(seqs()).toEqual(Array.from({ length: 1236 }, (_, i) => i + 1));
  expect(spooled.every((batch) => batch.events.length <= 500)).toBe(true);
  expect(journal.openRuns()).toMatchObject([{ uid: "run", lastSeq: 1236, ended: true }]);
  expect(journal.marks(again)).toMatchObject({ ended: new Set([7]), failures: 1 });
});

it("keeps everything and starts nothing while the disk is full, and goes on by itself", async () => {
  const run = accepted();
  diskFull = true;
  let durable = false;
  const intended = recorder.intend(run, [1]).then(() => {
    durable = true;
  });
  recorder.add(run, output(1));
  await expect.poll(() => commits).toBeGreaterThan(1);
  expect({ durable, spooled }).toEqual({ durable: false, spooled: [] });

  diskFull = false;
  await intended;
  await recorder.flushed();

  expect(seqs()).toEqual([1, 2]);
});

it("has no room while too much waits for the disk or for an acknowledgement", async () => {
  await reopen({ spoolLimitBytes: 5000, memoryLimitBytes: 3000 });
  const run = accepted();
  expect(recorder.room()).toBeUndefined();

  recorder.add(run, output(1, 4000));
  const written = recorder.room();
  expect(written).toBeDefined();
  await written;
  recorder.add(run, output(2, 2500));
  await recorder.flushed();
  const acknowledged = recorder.room();
  expect(acknowledged).toBeDefined();
  run.acknowledgedSeq = 2;
  recorder.acknowledged(run);

  await acknowledged;
  expect(journal.spoolBytes()).toBe(0);
  expect(journal.batchAfter(run, 0)).toBeUndefined();
});

it("forgets order, marks and events of a run that is acknowledged to its end, and its id never", async () => {
  const run = accepted();
  await recorder.intend(run, [1]);
  await recorder.runEnded(run);
  run.acknowledgedSeq = run.lastSeq;
  recorder.acknowledged(run);
  await reopen();

  expect(journal.openRuns()).toEqual([]);
  expect(journal.marks(run).intended.size).toBe(0);
  expect(() => journal.order(run)).toThrow();
  expect(journal.accept("run", Buffer.alloc(32), Buffer.from("order"))).toBeUndefined();
});

it("refuses a folder that another controller uses", async () => {
  accepted();
  expect(() => openDatabase(join(folder, "controller.db"), 50)).toThrow(/another controller/);
});

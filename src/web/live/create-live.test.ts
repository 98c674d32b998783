import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { aChange, aRun, ended } from "../../../test/testkit/store/builders.ts";
import { openStore } from "../store/open.ts";
import type { Execution, RunChange } from "../store/repositories/executions.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { createLive } from "./create-live.ts";
import type { Live, LiveItem, LiveRun } from "./live.ts";

let folder: string;
let store: Store;
let reads: number;
let live: Live;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-live-"));
  store = await openStore({ kind: "sqlite", file: join(folder, "omserver.db") });
  reads = 0;
  const executions: Store["runs"]["executions"] = (...given) => {
    reads += 1;
    return store.runs.executions(...given);
  };
  live = createLive({ ...store, runs: { ...store.runs, executions } });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function newRun(hosts: number): Promise<Run> {
  return (await store.runs.create(aRun(hosts))).run;
}

/** Writes the change as the next events of the run and tells live of it, as ingest does. */
function writer(run: Run): (change: Partial<RunChange>, events?: number) => Promise<void> {
  let seq = 0;
  return async (change, events = 1) => {
    await store.runs.apply(aChange(run.uid, seq + 1, seq + events, change));
    seq += events;
    live.changed(run.id);
  };
}

function output(position: number, offset: number, text: string): RunChange["output"][number] {
  return { position, stream: "stdout", offset, data: Buffer.from(text) };
}

type Follow = Parameters<Live["follow"]>[2];

async function read(run: Run, options: Follow, stop: (item: LiveItem) => boolean = () => false): Promise<LiveItem[]> {
  const items: LiveItem[] = [];
  for await (const item of live.follow(run.id, "all", options, AbortSignal.timeout(20_000))) {
    items.push(item);
    if (stop(item)) break;
  }
  return items;
}

const frames = (items: readonly LiveItem[]): LiveRun[] =>
  items.flatMap((item) => (item.kind === "run" ? [item.frame] : []));
const textOf = (items: readonly LiveItem[]): string =>
  items.map((item) => (item.kind === "output" ? Buffer.from(item.output.data).toString() : "")).join("");

it("gives everything first, then what changed, and ends after the frame of the final run", async () => {
  const run = await newRun(5);
  const write = writer(run);
  let given = 0;
  const reading = read(run, {}, () => {
    given += 1;
    return false;
  });
  await expect.poll(() => given).toBe(1);
  await write({ dispatching: [0, 1], running: [{ position: 0, at: 1 }] });
  await expect.poll(() => given).toBe(2);
  await write({ ended: [0, 1, 2, 3, 4].map((position) => ended(position, "x")), runEnded: true }, 6);

  const [first, ...later] = frames(await reading);

  expect(first?.executions.map(({ position, state }) => [position, state])).toEqual(
    [0, 1, 2, 3, 4].map((n) => [n, "pending"]),
  );
  expect(later[0]?.executions.map(({ position, state }) => [position, state])).toEqual([
    [0, "running"],
    [1, "dispatching"],
  ]);
  expect(later.at(-1)).toMatchObject({ run: { state: "succeeded" } });
  expect(later.at(-1)?.executions.length).toBe(5);
});

it("misses nothing and gives nothing twice to a reader that is cut and resumes at random", async () => {
  const hosts = 60;
  const run = await newRun(hosts);
  const write = writer(run);
  const rows = new Map<number, Execution>();
  const seen: string[] = [];
  const reading = (async () => {
    let since: number | undefined;
    for (let cut = 1; ; cut += 1) {
      const first = cut === 1;
      const items = await read(run, since === undefined ? {} : { since }, () => first || Math.random() < 0.4);
      for (const frame of frames(items)) {
        since = frame.seq;
        for (const row of frame.executions) {
          rows.set(row.position, row);
          seen.push(`${row.position}@${row.liveSeq}`);
        }
        if (frame.run.state === "succeeded") return cut;
      }
    }
  })();
  for (let position = 0; position < hosts; position += 1) {
    await write({ dispatching: [position] });
    await write({ running: [{ position, at: position }] });
    if (position % 3 === 0) await sleep(15);
    await write({ ended: [ended(position, `answer ${position}`)], runEnded: position === hosts - 1 });
  }

  expect(await reading).toBeGreaterThan(1);
  expect([...rows.values()].sort((a, b) => a.position - b.position)).toEqual(
    await store.runs.executions(run.id, { limit: 1000 }),
  );
  expect(new Set(seen).size).toBe(seen.length);
});

it("gives at most ten frames a second, each the sum of what changed", async () => {
  const run = await newRun(200);
  const write = writer(run);
  const startedAt = performance.now();
  const reading = read(run, {});
  for (let position = 0; position < 200; position += 1) {
    await write({ ended: [ended(position)], runEnded: position === 199 });
    await sleep(2);
  }

  const given = frames(await reading);

  const seconds = (performance.now() - startedAt) / 1000;
  expect(given.length).toBeLessThanOrEqual(10 * seconds + 2);
  expect(given.length).toBeGreaterThan(2);
});

it("reads a change once for all readers of a run", async () => {
  const run = await newRun(10);
  const write = writer(run);
  const begun = new Set<number>();
  const readers = Array.from({ length: 40 }, (_, reader) =>
    read(run, {}, () => {
      begun.add(reader);
      return false;
    }),
  );
  await expect.poll(() => begun.size).toBe(40);
  const before = reads;
  for (let round = 0; round < 5; round += 1) {
    await write({ ended: [ended(2 * round), ended(2 * round + 1)], runEnded: round === 4 }, 2);
    await sleep(130);
  }

  const given = await Promise.all(readers);

  expect(reads - before).toBeLessThanOrEqual(10);
  for (const items of given) {
    expect(frames(items).at(-1)?.run.counts.ok).toBe(10);
    const last = new Map(frames(items).flatMap((frame) => frame.executions.map((row) => [row.position, row.state])));
    expect([...last.values()].every((state) => state === "ok")).toBe(true);
  }
});

it("queues nothing for a slow reader: it gets fewer, larger frames", async () => {
  const run = await newRun(50);
  const write = writer(run);
  const reader = live.follow(run.id, "all", {}, AbortSignal.timeout(20_000))[Symbol.asyncIterator]();
  await reader.next();
  for (let position = 0; position < 50; position += 1) {
    await write({ ended: [ended(position)], runEnded: position === 49 });
    await sleep(10);
  }
  await sleep(150);

  const second = await reader.next();
  const third = await reader.next();

  if (second.done === true || second.value.kind !== "run") throw new Error("a frame was to come");
  expect(second.value.frame.executions.length).toBe(50);
  expect(second.value.frame.run.state).toBe("succeeded");
  expect(third.done).toBe(true);
});

it("follows a host's output in order without holes, over its end, and from where a reader had stopped", async () => {
  const run = await newRun(2);
  const write = writer(run);
  const tail = { position: 1, stdoutOffset: 0, stderrOffset: 0 };
  const reading = read(run, { output: tail });
  let text = "";
  for (let i = 0; i < 20; i += 1) {
    const line = `line ${i}\n`;
    await write({ output: [output(1, text.length, line), output(0, 0, "not followed")] });
    text += line;
    await sleep(20);
  }
  const rest = "x".repeat(200_000);
  const both = { stdoutBytes: text.length + rest.length, stdout: { offset: text.length, data: Buffer.from(rest) } };
  await write({ ended: [ended(0), ended(1, "", both)], runEnded: true });

  const items = await reading;

  expect(textOf(items)).toBe(text + rest);
  const resumed = await read(run, { since: run.liveSeq, output: { ...tail, stdoutOffset: text.length - 7 } });
  expect(textOf(resumed)).toBe(text.slice(-7) + rest);
});

it("ends at once for a reader that has the final frame already", async () => {
  const run = await newRun(1);
  await writer(run)({ ended: [ended(0)], runEnded: true });
  const [frame] = frames(await read(run, {}));

  expect(await read(run, { since: frame?.seq ?? 0 })).toEqual([]);
});

it("gives everything to a reader whose place is newer than the store, as after a restored backup", async () => {
  const run = await newRun(3);
  const [item] = await read(run, { since: 1_000_000 }, () => true);

  expect(item?.kind === "run" && item.frame.executions.length).toBe(3);
});

it("shows a change that nobody told of, from another web server, within a few seconds", async () => {
  const run = await newRun(1);
  const reading = read(run, {});
  await sleep(50);
  await store.runs.apply(aChange(run.uid, 1, 2, { ended: [ended(0)], runEnded: true }));

  expect(frames(await reading).at(-1)?.run.state).toBe("succeeded");
});

it("refuses a run that does not exist or lies outside the reader's scope, and lets go on abort", async () => {
  const run = await newRun(1);
  const next = (id: number, scope: "all" | number[]) =>
    live.follow(id, scope, {}, AbortSignal.timeout(5000))[Symbol.asyncIterator]().next();
  await expect(next(run.id + 1, "all")).rejects.toMatchObject({ code: "request.not_found" });
  await expect(next(run.id, [987_654])).rejects.toMatchObject({ code: "request.not_found" });

  const stop = new AbortController();
  const reader = live.follow(run.id, "all", {}, stop.signal)[Symbol.asyncIterator]();
  await reader.next();
  const waiting = reader.next();
  stop.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

it("ends cleanly for who still reads a run that is deleted meanwhile", async () => {
  const run = await newRun(300);
  const rest = "x".repeat(300_000);
  const all = Array.from({ length: 300 }, (_, position) => ended(position, position === 7 ? rest : "y"));
  await writer(run)({ ended: all, runEnded: true }, 301);
  await newRun(1);
  const tail = { position: 7, stdoutOffset: 0, stderrOffset: 0 };
  const reader = live.follow(run.id, "all", { output: tail }, AbortSignal.timeout(20_000))[Symbol.asyncIterator]();
  await reader.next();
  const items = [await reader.next()];
  const never = new AbortController().signal;
  expect(await store.retention.hide(Number.MAX_SAFE_INTEGER, 10)).toBe(1);
  while (await store.retention.deleteHidden(never));
  await store.retention.deleteOutputs(never);

  for (let item = await reader.next(); item.done !== true; item = await reader.next()) items.push(item);

  expect(items.map(({ value }) => value?.kind)).toEqual(items.map(() => "output"));
  const later = live.follow(run.id, "all", {}, AbortSignal.timeout(5000))[Symbol.asyncIterator]();
  await expect(later.next()).rejects.toMatchObject({ code: "request.not_found" });
});

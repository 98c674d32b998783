import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { aChange, aRun, ended } from "../../../test/testkit/store/builders.ts";
import { openStore } from "../store/open.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { createRunRetention, dayMilliseconds, type RunRetention } from "./run-retention.ts";

let folder: string;
let store: Store;
let now: number;
let days: number | null;
let logged: string[];
const started: RunRetention[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-retention-"));
  now = 1_800_000_000_000;
  days = 30;
  logged = [];
  store = await openStore({ kind: "sqlite", file: join(folder, "omserver.db") }, { clock: () => now });
});
afterEach(async () => {
  vi.useRealTimers();
  for (const retention of started.splice(0)) await retention.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

function retentionOf(over: Store = store): RunRetention {
  const log = pino({ level: "info" }, { write: (line) => logged.push(line) });
  const retention = createRunRetention({ store: over, keepRunsDays: async () => days, log, clock: () => now });
  started.push(retention);
  return retention;
}

async function anEndedRun(): Promise<Run> {
  const { run } = await store.runs.create(aRun(2));
  return await store.runs.apply(aChange(run.uid, 1, 3, { ended: [ended(0, "x"), ended(1, "y")], runEnded: true }));
}

/** As if a sweep had been an hour ago. */
async function sweptBefore(): Promise<void> {
  await store.retention.claimSweep(now - 3_600_000, 1);
}

const audited = async () => (await store.audit.list({ action: "run.delete" }, { limit: 100 })).rows;
const kept = async () => (await store.runs.list({}, "all", { limit: 100 })).rows.map(({ id }) => id);

it("deletes what ended before the time, and tells the audit how many, up to which, ended before when", async () => {
  const old = [await anEndedRun(), await anEndedRun()];
  now += 1;
  const justNot = await anEndedRun();
  now += 30 * dayMilliseconds;
  const newest = await anEndedRun();
  await sweptBefore();

  await retentionOf().sweep();

  expect(await kept()).toEqual([newest.id, justNot.id]);
  expect(await audited()).toMatchObject([
    {
      actor: "run retention",
      object: `2 runs up to run ${old[1]?.id}`,
      detail: {
        runs: 2,
        upTo: old[1]?.id,
        endedBefore: new Date(now - 30 * dayMilliseconds).toISOString(),
        keepRunsDays: 30,
      },
    },
  ]);
  expect(await store.audit.verify()).toMatchObject({ ok: true, records: 1 });
});

it("sweeps once an hour, whatever asks for it, and writes no record where nothing is due", async () => {
  const retention = retentionOf();
  const other = retentionOf();
  await anEndedRun();
  now += 31 * dayMilliseconds;
  const newest = await anEndedRun();
  await sweptBefore();
  await Promise.all([retention.sweep(), other.sweep()]);
  now += 31 * dayMilliseconds;
  const next = await anEndedRun();
  now -= 31 * dayMilliseconds - 60_000;
  await other.sweep();
  expect(await kept()).toEqual([next.id, newest.id]);
  expect(await audited()).toHaveLength(1);

  now += 3_600_000;
  await other.sweep();

  expect(await audited()).toHaveLength(1);
  expect(await kept()).toEqual([next.id, newest.id]);
});

it("deletes nothing by a clock that has jumped, and what is due an hour later where it had not", async () => {
  const old = await anEndedRun();
  const newest = await anEndedRun();
  const retention = retentionOf();
  await sweptBefore();
  now += 400 * dayMilliseconds;
  await retention.sweep();
  now -= 400 * dayMilliseconds - 3_600_000;
  await retention.sweep();
  expect(await kept()).toEqual([newest.id, old.id]);

  now += 400 * dayMilliseconds;
  await retention.sweep();
  now += 3_600_000;
  await retention.sweep();

  expect(await kept()).toEqual([newest.id]);
});

it("keeps everything where runs are kept for ever, but ends what an earlier sweep had begun", async () => {
  const begun = await anEndedRun();
  const old = await anEndedRun();
  await store.retention.hide(now + 1, 1);
  now += 1000 * dayMilliseconds;
  const newest = await anEndedRun();
  days = null;
  await sweptBefore();

  await retentionOf().sweep();

  expect(await kept()).toEqual([newest.id, old.id]);
  expect(await store.runs.executions(begun.id, { limit: 9 })).toEqual([]);
  expect(await audited()).toEqual([]);
});

it("deletes nothing when the audit cannot be written, and says so in the log", async () => {
  const old = await anEndedRun();
  now += 31 * dayMilliseconds;
  const newest = await anEndedRun();
  await sweptBefore();
  const append: Store["audit"]["append"] = () => Promise.reject(new Error("the disk is full"));

  await retentionOf({ ...store, audit: { ...store.audit, append } }).sweep();

  expect(await kept()).toEqual([newest.id, old.id]);
  expect(logged.join("")).toContain("could not be deleted; the next sweep goes on");
});

it("stops between two pieces when the server closes, and the next one finds the rest", async () => {
  for (let at = 0; at < 4; at += 1) await anEndedRun();
  now += 31 * dayMilliseconds;
  const newest = await anEndedRun();
  await sweptBefore();
  let deleted = 0;
  const deleteHidden: Store["retention"]["deleteHidden"] = async (signal) => {
    deleted += 1;
    if (deleted === 2) void cut.close();
    return await store.retention.deleteHidden(signal);
  };
  const cut = retentionOf({ ...store, retention: { ...store.retention, deleteHidden } });
  await cut.sweep();
  expect(await kept()).toEqual([newest.id]);
  const hidden = await store.runs.executions(4, { limit: 9 });
  expect(hidden).toHaveLength(2);

  now += 3_600_000;
  await retentionOf().sweep();

  expect(await store.runs.executions(4, { limit: 9 })).toEqual([]);
  expect(await audited()).toHaveLength(1);
});

it("sweeps five minutes after the start and then every hour, and not when it is closed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval"] });
  let asked = 0;
  const claimSweep: Store["retention"]["claimSweep"] = async () => {
    asked += 1;
    return "early";
  };
  const retention = retentionOf({ ...store, retention: { ...store.retention, claimSweep } });
  const after = async (minutes: number) => {
    await vi.advanceTimersByTimeAsync(minutes * 60_000);
    return asked;
  };

  const counts = [await after(4), await after(1), await after(55), await after(60)];
  await retention.close();

  expect([...counts, await after(600)]).toEqual([0, 1, 2, 3, 3]);
});

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, type Database } from "../../../src/web/store/database.ts";
import type { NewRun, Run } from "../../../src/web/store/repositories/runs.ts";
import type { Store } from "../../../src/web/store/store.ts";
import { aChange, aRun, ended, uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

const never = new AbortController().signal;
const day = 86_400_000;
const tables = [
  ["run", "id"],
  ["run_controller", "run_id"],
  ["run_order", "run_id"],
  ["run_waiting_plan", "run_id"],
  ["run_app_category", "run_id"],
  ["execution", "run_id"],
  ["execution_step", "run_id"],
  ["execution_notice", "run_id"],
  ["output_chunk", "run_id"],
] as const;

export const retentionSuite: StoreSuite = (context) => {
  let now = 1000 * day;
  let store: Store;
  let database: Database;

  beforeAll(async () => {
    store = await context().openAgain({ clock: () => now });
    database = connect(context().config);
  });
  afterAll(() => database.close());

  async function anEndedRun(outputs: readonly string[], change: Partial<NewRun> = {}): Promise<Run> {
    const { run } = await store.runs.create(aRun(outputs.length, change));
    const all = outputs.map((output, position) => ended(position, output));
    return await store.runs.apply(aChange(run.uid, 1, all.length + 1, { ended: all, runEnded: true }));
  }

  /** What a host printed comes in pieces long before its end, so that they are its content. */
  async function anEndedRunOfPieces(output: Buffer): Promise<Run> {
    const { run } = await store.runs.create(aRun(1));
    const half = output.byteLength / 2;
    const pieces = [0, half].map((offset) => output.subarray(offset, offset + half));
    for (const [at, data] of pieces.entries()) {
      const piece = { position: 0, stream: "stdout" as const, offset: at * half, data };
      await store.runs.apply(aChange(run.uid, at + 1, at + 1, { output: [piece] }));
    }
    const end = ended(0, "", {
      stdoutBytes: output.byteLength,
      stdout: { offset: output.byteLength, data: Buffer.alloc(0) },
    });
    return await store.runs.apply(aChange(run.uid, 3, 4, { ended: [end], runEnded: true }));
  }

  /** Everything that has ended by now goes, but for the newest run. */
  async function sweep(): Promise<void> {
    while ((await store.retention.hide(now + 1, 3)) > 0);
    while (await store.retention.deleteHidden(never));
    await store.retention.deleteOutputs(never);
  }

  async function rowsOf(runId: number): Promise<Record<string, number>> {
    const found: Record<string, number> = {};
    for (const [table, column] of tables) {
      const row = await database.writer
        .selectFrom(table)
        .select((build) => build.fn.countAll<number>().as("rows"))
        .where(column as never, "=", runId as never)
        .executeTakeFirstOrThrow();
      if (Number(row.rows) > 0) found[table] = Number(row.rows);
    }
    return found;
  }

  const contents = async () =>
    (await database.writer.selectFrom("output").select("sha256").where("block", "=", 0).execute()).length;
  const textOf = async (run: Run, position = 0) =>
    Buffer.from(
      (await store.runs.output(run.id, position, "stdout", { offset: 0, limit: 10_000_000 })) ?? "nothing",
    ).toString("latin1");

  it("counts and hides final runs that ended before, and neither later ones, nor open ones, nor the newest", async () => {
    const old = [await anEndedRun(["a"]), await anEndedRun(["b"])];
    const open = (await store.runs.create(aRun(1))).run;
    const approval = { until: now + day, plan: Buffer.from("plan") };
    const waiting = (await store.runs.create(aRun(1, { approval, orders: [] }))).run;
    const before = now + 1;
    now += day;
    const later = await anEndedRun(["c"]);
    const newest = await anEndedRun(["d"]);

    expect(await store.retention.ended(before)).toEqual({ runs: 2, upTo: old[1]?.id });
    expect(await store.retention.hide(before, 100)).toBe(2);
    expect(await store.retention.ended(before)).toEqual({ runs: 0, upTo: 0 });
    expect(await store.retention.hiddenUpTo()).toBe(old[1]?.id);
    expect((await store.retention.ended(now + 1)).upTo).toBe(later.id);
    for (const { id, uid } of old) {
      expect(await store.runs.get(id, "all")).toBeUndefined();
      expect(await store.runs.getByUid(uid)).toBeUndefined();
      await expect(store.runs.requestCancel(id, "bob")).rejects.toMatchObject({ code: "request.not_found" });
    }
    const listed = (await store.runs.list({}, "all", { limit: 100 })).rows.map(({ id }) => id);
    expect(listed).toEqual([newest.id, later.id, waiting.id, open.id]);
    await sweep();
    expect(await store.runs.get(newest.id, "all")).toEqual(newest);
  });

  it("deletes every row of a run with more hosts, steps and notices than go at once, and nothing of another", async () => {
    const hosts = 1234;
    const { run } = await store.runs.create(aRun(hosts));
    const positions = Array.from({ length: hosts }, (_, position) => position);
    const step = { path: ["play"], name: "n", action: "a", status: "ok" as const, message: "", diff: "" };
    await store.runs.apply(
      aChange(run.uid, 1, 2, {
        steps: positions.map((position) => ({ position, seq: 1, step })),
        notices: positions.map((position) => ({ position, seq: 2, at: 1, message: "told" })),
        output: [{ position: 7, stream: "stdout", offset: 0, data: Buffer.from("begun") }],
      }),
    );
    await store.runs.apply(
      aChange(run.uid, 3, 4, { ended: positions.map((position) => ended(position, "x")), runEnded: true }),
    );
    const other = await anEndedRun(["same", "answers"]);
    const full = await rowsOf(run.id);
    const others = await rowsOf(other.id);

    await sweep();

    expect(full).toMatchObject({ execution: hosts, execution_step: hosts, execution_notice: hosts });
    expect(await rowsOf(run.id)).toEqual({});
    expect(await rowsOf(other.id)).toEqual(others);
  });

  it("goes on where it was cut, and two at once are no more than one", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => anEndedRun(Array.from({ length: 1100 }, () => "y"))));
    await anEndedRun(["newest"]);
    await store.retention.hide(now + 1, 100);
    const cut = new AbortController();
    const cutting = store.retention.deleteHidden(cut.signal);
    cut.abort();
    expect(await cutting).toBe(false);
    const other = await context().openAgain();

    const both = [store, other].map(async ({ retention }) => {
      while (await retention.deleteHidden(never));
    });
    await Promise.all(both);

    for (const { id } of runs) expect(await rowsOf(id)).toEqual({});
  });

  it("keeps output for as long as any run has it: ended later, still open, or begun before", async () => {
    const [shared, own] = [uniqueName("shared "), uniqueName("own ")];
    const open = (await store.runs.create(aRun(2))).run;
    const first = await anEndedRun([shared, own]);
    await store.runs.apply(aChange(open.uid, 1, 1, { ended: [ended(0, shared)] }));
    await anEndedRun([shared]);
    const newest = await anEndedRun([uniqueName("newest ")]);
    await sweep();
    expect(await store.runs.get(first.id, "all")).toBeUndefined();
    expect(await textOf(open)).toBe(shared);
    const withShared = await contents();

    await store.runs.apply(aChange(open.uid, 2, 3, { ended: [ended(1, own)], runEnded: true }));
    await sweep();

    expect(await store.runs.get(open.id, "all")).toBeUndefined();
    expect(await textOf(newest)).toMatch(/^newest /);
    expect(await contents()).toBeLessThan(withShared + 1);
    const again = await anEndedRun([shared, own]);
    expect([await textOf(again), await textOf(again, 1)]).toEqual([shared, own]);
  });

  it("leaves no output behind but that of the runs that are kept", async () => {
    for (let at = 0; at < 450; at += 150) {
      await anEndedRun(Array.from({ length: 150 }, (_, position) => `${at + position} ${"z".repeat(600)}`));
    }
    const newest = await anEndedRun(["the one output of the newest"]);
    const opened = await store.runs.unfinished();
    for (const run of opened) {
      if (run.state === "awaiting_approval") {
        await store.runs.endWaiting(run.id, { state: "rejected", reason: "no", at: now });
        continue;
      }
      await store.runs.orderRefused(run.uid, "main", "not wanted", now);
    }

    await sweep();

    expect(await contents()).toBe(1);
    expect(await textOf(newest)).toBe("the one output of the newest");
  });

  it("keeps the pieces of a long output that another run has too, and deletes them after it", async () => {
    const output = randomBytes(2 * 1024 * 1024);
    const first = await anEndedRunOfPieces(output);
    expect(await rowsOf(first.id)).toHaveProperty("output_chunk");
    const second = await anEndedRunOfPieces(output);
    expect(await rowsOf(second.id)).not.toHaveProperty("output_chunk");

    await sweep();

    expect(Object.keys(await rowsOf(first.id))).toEqual(["output_chunk"]);
    expect((await textOf(second)) === output.toString("latin1")).toBe(true);
    await anEndedRun(["newest"]);
    await sweep();
    expect(await rowsOf(first.id)).toEqual({});
    expect(await contents()).toBe(1);
  });

  it("never takes output from under a run that just then prints the same", async () => {
    const writer = await context().openAgain({ clock: () => now });
    for (let round = 0; round < 15; round += 1) {
      const text = uniqueName("printed again ");
      const open = (await store.runs.create(aRun(1))).run;
      await anEndedRun([text]);
      await anEndedRun(["newest"]);
      await store.retention.hide(now + 1, 100);
      while (await store.retention.deleteHidden(never));

      await Promise.all([
        store.retention.deleteOutputs(never),
        writer.runs.apply(aChange(open.uid, 1, 2, { ended: [ended(0, text)], runEnded: true })),
      ]);

      expect(await textOf(open)).toBe(text);
    }
  });

  it("says of a rerun that the run it repeats is gone, and frees idempotency keys", async () => {
    const first = await anEndedRun(["x"], { idempotencyKey: uniqueName("key"), requestedByUserId: 4711 });
    const rerunOf = { runId: first.id, selection: "failed" };
    const again = (await store.runs.create(aRun(1, { rerunOf }))).run;
    expect((await store.runs.get(again.id, "all"))?.rerunOf).toEqual(rerunOf);

    await sweep();

    expect((await store.runs.get(again.id, "all"))?.rerunOf).toEqual({ ...rerunOf, gone: true });
  });

  it("gives no number out again, though all that ended is deleted", async () => {
    const last = await anEndedRun(["x"]);
    await sweep();

    const next = await anEndedRun(["x"]);

    expect(next.id).toBeGreaterThan(last.id);
    expect(await store.runs.get(last.id, "all")).toEqual(last);
  });

  it("lets one of several web servers sweep, once in the time", async () => {
    const other = await context().openAgain();
    const claim = async (at: number) =>
      (await Promise.all([store, other, store, other].map(({ retention }) => retention.claimSweep(at, 1000)))).filter(
        (answer) => answer !== "early",
      );

    expect([await claim(now), await claim(now + 999), await claim(now + 1000)]).toEqual([["unsure"], [], ["due"]]);
    // A clock that jumped, ahead or back, neither deletes nor stops it for good.
    expect([await claim(now + 3 * day), await claim(now + 2000)]).toEqual([["unsure"], ["unsure"]]);
    expect(await claim(now + 3000)).toEqual(["due"]);
  });
};

import { describe, expect, it } from "vitest";
import type { Run } from "../../../src/web/store/repositories/runs.ts";
import { aChange, anExecution, aRun, ended, uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

export const runsSuite: StoreSuite = (context) => {
  describe("create", () => creating(context));
  describe("reading", () => reading(context));
  describe("orders", () => orders(context));
  describe("cancel", () => cancelling(context));
};

function creating(context: () => StoreContext): void {
  it("writes the run, its frozen hosts and its order", async () => {
    const { runs } = context().store;
    const rerunOf = { runId: 7, selection: "failed" };
    const parameters = { lines: 5, text: "a\0b", __proto__: "x" };
    const limits = { waveSize: 2, maxFailures: 1 };
    const wanted = aRun(3, { rerunOf, parameters, ...limits, becomeUser: "root", query: "𝔘 and 'os'" });

    const { run, repeated } = await runs.create(wanted);

    const { orders, executions, ...frozen } = wanted;
    expect(repeated).toBe(false);
    expect(run).toMatchObject({ ...frozen, state: "queued", hostCount: 3, needsAttention: false, reason: "" });
    expect(run.counts).toMatchObject({ pending: 3, ok: 0 });
    expect(await runs.get(run.id, "all")).toEqual(run);
    expect(await runs.getByUid(run.uid)).toEqual(run);
    const stored = await runs.executions(run.id, { limit: 10 });
    expect(stored).toHaveLength(3);
    const { controller, ...first } = executions[0] ?? anExecution(0);
    expect(stored[0]).toMatchObject({ ...first, state: "pending", stdoutBytes: 0 });
    expect(stored[0]).not.toHaveProperty("exitCode");
    expect((await runs.pendingOrders(controller)).find((order) => order.runUid === run.uid)?.order).toEqual(
      orders[0]?.order,
    );
  });

  it("takes ten thousand hosts with few statements and lets timers have their turn", async () => {
    const statements: string[] = [];
    const { runs } = await context().openAgain({ onQuery: ({ sql }) => statements.push(sql) });
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 1);

    const { run } = await runs.create(aRun(10_000));
    clearInterval(ticking);

    expect(run.counts.pending).toBe(10_000);
    expect(statements.length).toBeLessThan(40);
    expect(ticks).toBeGreaterThan(3);
    expect(await runs.executions(run.id, { after: 9_998, limit: 10 })).toMatchObject([{ position: 9_999 }]);
  });

  it("answers a repeated idempotency key with the earlier run, also when both come at once", async () => {
    const { runs } = context().store;
    const idempotencyKey = uniqueName("key");

    const answers = await Promise.all([1, 2, 3].map(() => runs.create(aRun(1, { idempotencyKey }))));
    const later = await runs.create(aRun(5, { idempotencyKey, planSha256: "b".repeat(64) }));
    const another = await runs.create(aRun(1, { idempotencyKey, requestedByUserId: 2 }));

    expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(later).toEqual({ run: answers[0]?.run, repeated: true });
    expect(another.repeated).toBe(false);
  });

  it("skips hosts that take no part, and ends at once when none does", async () => {
    const { runs } = context().store;
    const skipped = "Module 1005 cannot run on engine “local”";
    const executions = [anExecution(0), anExecution(1, { controller: "", skipped })];

    const some = await runs.create(aRun(0, { executions }));
    const all = await runs.create(aRun(0, { orders: [], executions: [anExecution(0, { controller: "", skipped })] }));

    expect(some.run).toMatchObject({ state: "queued", counts: { pending: 1, skipped: 1 } });
    expect((await runs.executions(some.run.id, { limit: 9 }))[1]).toMatchObject({ state: "skipped", reason: skipped });
    expect(all.run).toMatchObject({ state: "succeeded", counts: { skipped: 1 } });
    expect(all.run.finishedAt).toEqual(all.run.createdAt);
    const ok = await runs.apply(aChange(some.run.uid, 1, 2, { ended: [ended(0), ended(1)], runEnded: true }));
    expect(ok).toMatchObject({ state: "succeeded", counts: { ok: 1, skipped: 1 } });
  });

  it("refuses what it could not keep, and keeps nothing of it", async () => {
    const { runs } = context().store;
    const bad = aRun(1, { query: "web\0" });
    await expect(runs.create(bad)).rejects.toMatchObject({ code: "request.invalid" });
    const late = aRun(2, { executions: [anExecution(0), anExecution(1, { hostName: "a\0" })] });
    await expect(runs.create(late)).rejects.toMatchObject({ code: "request.invalid" });
    expect(await runs.getByUid(late.uid)).toBeUndefined();
  });
}

function reading(context: () => StoreContext): void {
  it("shows a run to whom sees all its hosts, and to nobody else", async () => {
    const { runs } = context().store;
    const executions = [anExecution(0, { appCategoryId: 51 }), anExecution(1, { appCategoryId: 52 })];
    const { run } = await runs.create(aRun(0, { executions, requestedBy: uniqueName("scoped") }));
    const isListed = async (scope: readonly number[]) =>
      (await runs.list({ requestedBy: run.requestedBy }, scope, { limit: 9 })).rows.length === 1;

    for (const [scope, isSeen] of [
      [[51, 52], true],
      [[52, 51, 99], true],
      [[51], false],
      [[], false],
      [[Number.NaN], false],
    ] as const) {
      expect((await runs.get(run.id, scope)) !== undefined).toBe(isSeen);
      expect(await isListed(scope)).toBe(isSeen);
    }
    const wide = Array.from({ length: 70_000 }, (_, id) => id);
    expect(await runs.get(run.id, wide)).toEqual(run);
  });

  it("lists newest first, page by page, by every filter", async () => {
    const { runs } = context().store;
    const requestedBy = uniqueName("lister");
    const created: Run[] = [];
    for (let number = 0; number < 5; number += 1) {
      const executions = [anExecution(0, { hostId: 900 + (number % 2) })];
      created.push((await runs.create(aRun(0, { executions, requestedBy, moduleId: 1001 + number }))).run);
    }
    const ids = created.map(({ id }) => id).reverse();
    const listed = async (filter: Parameters<typeof runs.list>[0]) =>
      (await runs.list({ requestedBy, ...filter }, "all", { limit: 100 })).rows.map(({ id }) => id);

    const first = await runs.list({ requestedBy }, "all", { limit: 2 });
    const second = await runs.list({ requestedBy }, "all", { limit: 2, cursor: first.next });
    const third = await runs.list({ requestedBy }, "all", { limit: 2, cursor: second.next });
    expect([first, second, third].flatMap(({ rows }) => rows.map(({ id }) => id))).toEqual(ids);
    expect(third.next).toBeUndefined();

    expect(await listed({ moduleId: 1003 })).toEqual([ids[2]]);
    expect(await listed({ hostId: 901 })).toEqual([ids[1], ids[3]]);
    expect(await listed({ state: ["queued", "running"] })).toEqual(ids);
    expect(await listed({ state: ["failed"] })).toEqual([]);
    expect(await listed({ state: [] })).toEqual([]);
    const { createdAt } = created[0] as Run;
    expect(await listed({ from: createdAt + 3_600_000 })).toEqual([]);
    expect(await listed({ from: createdAt, to: createdAt + 3_600_000 })).toEqual(ids);
    expect(await listed({ to: createdAt })).toEqual([]);
    await expect(runs.list({}, "all", { limit: 1, cursor: "1; drop" })).rejects.toMatchObject({
      code: "request.invalid",
    });
  });

  it("reads executions by place, state and change", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(5));
    const failed = ended(3, "", { state: "failed", exitCode: 2 });
    const after = await runs.apply(aChange(run.uid, 1, 2, { ended: [ended(1), failed] }));
    const positions = async (options: Parameters<typeof runs.executions>[1]) =>
      (await runs.executions(run.id, options)).map(({ position }) => position);

    expect(await positions({ limit: 2 })).toEqual([0, 1]);
    expect(await positions({ after: 1, limit: 2 })).toEqual([2, 3]);
    expect(await positions({ limit: 9, changedSince: run.liveSeq })).toEqual([1, 3]);
    expect(await positions({ limit: 9, changedSince: after.liveSeq })).toEqual([]);
    expect(await positions({ limit: 9, changedSince: 0 })).toEqual([0, 1, 2, 3, 4]);
    expect(await positions({ limit: 9, state: ["failed", "ok"] })).toEqual([1, 3]);
    expect(await runs.hostsByState(run.id, ["failed", "unknown"])).toEqual([4]);
    expect(await runs.hostsByState(run.id, [])).toEqual([]);
    expect(await runs.execution(run.id, 3)).toMatchObject({ state: "failed", exitCode: 2 });
    expect(await runs.execution(run.id, 5)).toBeUndefined();
    expect(await runs.executions(999_999, { limit: 9 })).toEqual([]);
  });

  it("shows what ran on a host, newest first", async () => {
    const { runs } = context().store;
    const hostId = 4711;
    const ids: number[] = [];
    for (let number = 0; number < 3; number += 1) {
      const { run } = await runs.create(aRun(0, { executions: [anExecution(0, { hostId })] }));
      ids.unshift(run.id);
      if (number < 2) await runs.apply(aChange(run.uid, 1, 1, { running: [{ position: 0, at: 1 }] }));
    }

    const shown = await runs.executionsOfHost(hostId, 10);

    expect(shown.map(({ runId }) => runId)).toEqual(ids.slice(1));
    expect(shown[0]).toMatchObject({ state: "running", startedAt: 1, moduleName: { zh: "查看系统日志" } });
    expect(await runs.executionsOfHost(hostId, 1)).toHaveLength(1);
  });

  it("names unfinished runs, oldest first", async () => {
    const { runs } = context().store;
    const first = (await runs.create(aRun(1))).run;
    const second = (await runs.create(aRun(1))).run;
    const over = (await runs.create(aRun(1))).run;
    await runs.apply(aChange(over.uid, 1, 2, { ended: [ended(0)], runEnded: true }));

    const ids = (await runs.unfinished()).map(({ id }) => id);

    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
    expect(ids).toEqual(expect.arrayContaining([first.id, second.id]));
    expect(ids).not.toContain(over.id);
  });
}

function orders(context: () => StoreContext): void {
  const two = () =>
    aRun(0, {
      orders: ["bj-1", "sh-1"].map((controller) => ({ controller, order: Buffer.from(controller) })),
      executions: [anExecution(0, { controller: "bj-1" }), anExecution(1, { controller: "sh-1" })],
    });

  it("keeps an order until its controller has answered", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(two());
    const pending = async (controller: string) =>
      (await runs.pendingOrders(controller)).filter(({ runUid }) => runUid === run.uid).length;

    expect([await pending("bj-1"), await pending("sh-1"), await pending("main")]).toEqual([1, 1, 0]);
    await runs.orderAccepted(run.uid, "bj-1");
    await runs.orderAccepted(run.uid, "bj-1");
    expect([await pending("bj-1"), await pending("sh-1")]).toEqual([0, 1]);
    // The first event says the same as an answer that got lost.
    await runs.apply(aChange(run.uid, 1, 1, { controller: "sh-1", dispatching: [1] }));
    expect(await pending("sh-1")).toBe(0);
  });

  it("keeps a large order whole", async () => {
    const { runs } = context().store;
    const order = Buffer.alloc(9_000_001, "0123456789abcdef");
    const { run: open } = await runs.create(
      aRun(0, { orders: [{ controller: "large", order }], executions: [anExecution(0, { controller: "large" })] }),
    );

    const pending = await runs.pendingOrders("large");

    expect(pending.map(({ runUid }) => runUid)).toEqual([open.uid]);
    expect(Buffer.from(pending[0]?.order ?? []).equals(order)).toBe(true);
    await runs.orderAccepted(open.uid, "large");
    expect(await runs.pendingOrders("large")).toEqual([]);
  });

  it("ends the hosts of a controller that refuses, and the run with the last of them", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(two());

    const first = await runs.orderRefused(run.uid, "bj-1", "The order has expired", 5000);
    expect(first).toMatchObject({ state: "queued", counts: { not_started: 1, pending: 1 } });
    const second = await runs.orderRefused(run.uid, "sh-1", "The key is unknown\0", 6000);

    expect(second).toMatchObject({ state: "failed", counts: { not_started: 2, pending: 0 }, finishedAt: 6000 });
    expect(second.liveSeq).toBeGreaterThan(first.liveSeq);
    expect(second.reason).toMatch(/^The key is unknown/);
    expect(await runs.execution(run.id, 0)).toMatchObject({
      state: "not_started",
      reason: "The order has expired",
      finishedAt: 5000,
      output: "complete",
    });
    expect(await runs.orderRefused(run.uid, "sh-1", "again", 7000)).toEqual(second);
  });

  it("does not believe a refusal after acceptance", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(1));
    await runs.orderAccepted(run.uid, "main");

    expect(await runs.orderRefused(run.uid, "main", "seen before", 1)).toMatchObject({ counts: { pending: 1 } });
    await expect(runs.orderRefused("no-such-run", "main", "", 1)).rejects.toMatchObject({ code: "request.not_found" });
  });

  it("tells a controller how far its runs are", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(two());
    const progress = async (controller: string) =>
      (await runs.progress(controller)).find(({ runUid }) => runUid === run.uid)?.lastSeq;

    expect(await progress("bj-1")).toBe(0);
    await runs.apply(aChange(run.uid, 1, 7, { controller: "bj-1", dispatching: [0] }));
    expect([await progress("bj-1"), await progress("sh-1")]).toEqual([7, 0]);
    await runs.apply(aChange(run.uid, 8, 9, { controller: "bj-1", ended: [ended(0)], runEnded: true }));
    expect([await progress("bj-1"), await progress("sh-1")]).toEqual([undefined, 0]);
  });
}

function cancelling(context: () => StoreContext): void {
  it("tells the controllers with open hosts until the run is over", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(2));
    const told = async () => (await runs.cancelling("main")).filter(({ runUid }) => runUid === run.uid);

    const first = await runs.requestCancel(run.id, "bob");
    const second = await runs.requestCancel(run.id, "carol");

    expect(first).toMatchObject({ state: "cancelling", cancelRequestedBy: "bob" });
    expect(first.liveSeq).toBeGreaterThan(run.liveSeq);
    expect(second).toEqual(first);
    expect(await told()).toEqual([{ runUid: run.uid, by: "bob" }]);
    const stopped = [ended(0), ended(1, "", { state: "cancelled" })];
    const over = await runs.apply(aChange(run.uid, 1, 3, { ended: stopped, runEnded: true }));
    expect(over).toMatchObject({ state: "cancelled", counts: { ok: 1, cancelled: 1 } });
    expect(await told()).toEqual([]);
    expect(await runs.requestCancel(run.id, "dave")).toEqual(over);
    await expect(runs.requestCancel(999_999, "x")).rejects.toMatchObject({ code: "request.not_found" });
  });
}

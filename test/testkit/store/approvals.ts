import { expect, it } from "vitest";
import type { Page } from "../../../src/web/store/repositories/page.ts";
import type { ApprovedRun, NewRun, Run, RunFilter, WaitingEnd } from "../../../src/web/store/repositories/runs.ts";
import { aChange, anExecution, aRun, ended, uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

const until = 5_000_000;
const plan = Buffer.alloc(2_500_000, "the frozen plan ");

/** Waits until {@link until}; nobody drives its hosts yet. */
function aWaitingRun(hosts: number, change: Partial<NewRun> = {}): NewRun {
  const executions = Array.from({ length: hosts }, (_, at) => anExecution(at, { controller: "" }));
  return aRun(hosts, { danger: "change", approval: { until, plan }, orders: [], executions, ...change });
}

/** Every host at one controller. */
function approved(controller: string, hosts: number, change: Partial<ApprovedRun> = {}): ApprovedRun {
  return {
    by: "bob",
    comment: "",
    at: until - 1,
    coordinated: false,
    orders: [{ controller, order: Buffer.from(`order of ${controller}`) }],
    controllerOf: new Map(Array.from({ length: hosts }, (_, at) => [at, controller])),
    ...change,
  };
}

const rejected: WaitingEnd = { state: "rejected", by: "carol", comment: "not now", reason: "carol said no", at: 4000 };
const expired: WaitingEnd = { state: "expired", reason: "nobody came", at: until };

export const approvalsSuite: StoreSuite = (context) => {
  it("keeps the plan of a waiting run whole, and gives no controller anything of it", async () => {
    const { runs } = context().store;
    const skipped = anExecution(1, { controller: "", skipped: "disabled" });
    const wanted = aWaitingRun(0, { executions: [anExecution(0, { controller: "" }), skipped] });

    const { run, repeated } = await runs.create(wanted);

    expect(repeated).toBe(false);
    expect(run).toMatchObject({ state: "awaiting_approval", approval: { until, comment: "" } });
    expect(run.counts).toMatchObject({ pending: 1, skipped: 1 });
    expect(await runs.get(run.id, "all")).toEqual(run);
    expect(Buffer.from((await runs.waitingPlan(run.id)) ?? []).equals(plan)).toBe(true);
    expect(await runs.openShares([run.id])).toEqual([]);
    for (const controller of ["", "main"]) {
      expect((await runs.pendingOrders(controller)).map(({ runUid }) => runUid)).not.toContain(run.uid);
      expect((await runs.progress(controller)).map(({ runUid }) => runUid)).not.toContain(run.uid);
    }
    const early = aChange(run.uid, 1, 1, { running: [{ position: 0, at: 1 }] });
    await expect(runs.apply(early)).rejects.toMatchObject({ code: "store.conflict" });
    expect((await runs.requestCancel(run.id, "bob")).state).toBe("awaiting_approval");
  });

  it("becomes queued with its orders and its controllers, and runs from there like any other", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aWaitingRun(3));
    const [bj, sh] = [uniqueName("bj"), uniqueName("sh")];
    const orders = [bj, sh].map((controller) => ({ controller, order: Buffer.from(controller) }));
    const controllerOf = new Map([bj, sh, bj].map((controller, at) => [at, controller]));

    const answer = await runs.approve(
      run.id,
      approved(bj, 3, { orders, controllerOf, coordinated: true, comment: "go" }),
    );

    expect(answer.done).toBe(true);
    expect(answer.run).toMatchObject({ state: "queued", coordinated: true });
    expect(answer.run.approval).toEqual({ until, decision: "approved", by: "bob", at: until - 1, comment: "go" });
    expect(answer.run.liveSeq).toBeGreaterThan(run.liveSeq);
    expect(await runs.get(run.id, "all")).toEqual(answer.run);
    expect(await runs.waitingPlan(run.id)).toBeUndefined();
    expect((await runs.pendingOrders(sh)).map(({ order }) => Buffer.from(order).toString())).toEqual([sh]);
    await runs.apply(aChange(run.uid, 1, 2, { controller: sh, ended: [ended(1)], runEnded: true }));
    const over = aChange(run.uid, 1, 2, { controller: bj, ended: [ended(0), ended(2)], runEnded: true });
    expect(await runs.apply(over)).toMatchObject({ state: "succeeded", counts: { ok: 3 } });
  });

  it.each([
    ["rejected", rejected],
    ["expired", expired],
    ["cancelled", { state: "cancelled", by: "alice", reason: "alice gave up", at: 4000 }],
  ] as const)("ends %s without a host that was started", async (state, end) => {
    const { runs } = context().store;
    const { run } = await runs.create(aWaitingRun(2));

    const answer = await runs.endWaiting(run.id, end);

    expect(answer).toMatchObject({ done: true, run: { state, reason: end.reason, finishedAt: end.at } });
    expect(answer.run.counts).toMatchObject({ pending: 0, not_started: 2 });
    expect(answer.run.liveSeq).toBeGreaterThan(run.liveSeq);
    expect(answer.run.cancelRequestedBy).toBe(state === "cancelled" ? "alice" : undefined);
    expect(answer.run.approval?.decision).toBe(state === "rejected" ? "rejected" : undefined);
    const told = { state: "not_started", reason: end.reason, output: "complete", liveSeq: answer.run.liveSeq };
    expect(await runs.executions(run.id, { limit: 9 })).toMatchObject([told, told]);
    expect(await runs.waitingPlan(run.id)).toBeUndefined();
    expect(await runs.approve(run.id, approved("main", 2))).toEqual({ done: false, run: answer.run });
    expect((await runs.pendingOrders("main")).map(({ runUid }) => runUid)).not.toContain(run.uid);
  });

  it("expires neither early nor by an approval that comes late", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aWaitingRun(1));

    expect(await runs.endWaiting(run.id, { ...expired, at: until - 1 })).toEqual({ done: false, run });
    expect(await runs.approve(run.id, approved("main", 1, { at: until }))).toEqual({ done: false, run });
    expect((await runs.overdue(until - 1)).map(({ id }) => id)).not.toContain(run.id);
    expect((await runs.overdue(until)).map(({ id }) => id)).toContain(run.id);
    await runs.endWaiting(run.id, expired);
    expect((await runs.overdue(until)).map(({ id }) => id)).not.toContain(run.id);
  });

  it.each([
    ["approve and approve", ["approve", "approve"]],
    ["approve and reject", ["approve", "reject"]],
    ["approve and cancel", ["approve", "cancel"]],
    ["reject and expire", ["reject", "expire"]],
    ["approve, reject, cancel and expire", ["approve", "reject", "cancel", "expire"]],
  ] as const)("lets one of several win: %s, by two web servers", async (_, acts) => {
    const stores = [context().store, await context().openAgain()] as const;
    for (let round = 0; round < 5; round += 1) {
      const { run } = await stores[0].runs.create(aWaitingRun(2));
      const controllers = acts.map((_act, at) => uniqueName(`c${at}`));

      const answers = await Promise.all(
        acts.map((act, at) => {
          const { runs } = stores[at % 2 === 0 ? 0 : 1];
          if (act === "approve") return runs.approve(run.id, approved(controllers[at] ?? "", 2));
          const end = { reject: rejected, expire: expired, cancel: { ...rejected, state: "cancelled" as const } }[act];
          return runs.endWaiting(run.id, end);
        }),
      );

      const winner = answers.findIndex(({ done }) => done);
      expect(answers.filter(({ done }) => done)).toHaveLength(1);
      expect(await stores[0].runs.get(run.id, "all")).toEqual(answers[winner]?.run);
      const shares = await stores[0].runs.openShares([run.id]);
      const expected = acts[winner] === "approve" ? [controllers[winner]] : [];
      expect(shares.map(({ controller }) => controller)).toEqual(expected);
    }
  });

  it("leaves out the runs of whoever looks for those of others", async () => {
    const { runs } = context().store;
    const requestedBy = uniqueName("asker");
    const { run } = await runs.create(aWaitingRun(1, { requestedBy, requestedByUserId: 71 }));
    const listed = async (notRequestedBy: number) =>
      (await runs.list({ requestedBy, notRequestedBy }, "all", { limit: 9 })).rows.map(({ id }) => id);

    expect(await listed(71)).toEqual([]);
    expect(await listed(72)).toEqual([run.id]);
  });

  it("finds runs by danger, and those of no module of the catalogue by their keys, so that no page comes short", async () => {
    const { runs } = context().store;
    const requestedBy = uniqueName("asker");
    const kinds = [
      [1001, "restart", "change"],
      [0, "command", "change"],
      [0, "my-draft", "change"],
      [1002, "command", "destructive"],
    ] as const;
    for (const [moduleId, moduleKey, danger] of [...kinds, ...kinds]) {
      await runs.create(aWaitingRun(1, { requestedBy, moduleId, moduleKey, danger }));
    }
    const keysOf = (...keys: string[]) => ({ keysOf: { moduleId: 0, keys } });
    const found = async (filter: RunFilter) => {
      const kindsOfPage: string[][] = [];
      let cursor: string | undefined;
      do {
        const page: Page<Run> = await runs.list({ requestedBy, ...filter }, "all", {
          limit: 2,
          ...(cursor === undefined ? {} : { cursor }),
        });
        cursor = page.next;
        kindsOfPage.push(page.rows.map(({ moduleId, moduleKey }) => `${moduleId} ${moduleKey}`));
      } while (cursor !== undefined);
      return kindsOfPage;
    };

    const [catalogue, typed, changing] = [
      await found(keysOf()),
      await found(keysOf("command", "script")),
      await found({ danger: ["change"], ...keysOf() }),
    ];

    expect(catalogue).toEqual([
      ["1002 command", "1001 restart"],
      ["1002 command", "1001 restart"],
    ]);
    expect(typed.flat()).toEqual([...["1002 command", "0 command", "1001 restart"], ...typed.flat().slice(0, 3)]);
    expect(changing).toEqual([["1001 restart", "1001 restart"]]);
    expect(await found({ danger: [] })).toEqual([[]]);
  });
};

import { expect, it } from "vitest";
import type { NewRun } from "../../../src/web/store/repositories/runs.ts";
import { aChange, anExecution, aRun, ended, uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

/** Four hosts in two waves, at `a` and `b` in turn. */
function spread(a: string, b: string, change: Partial<NewRun> = {}): NewRun {
  const order = Buffer.from("order");
  return aRun(4, {
    coordinated: true,
    orders: [a, b].map((controller) => ({ controller, order })),
    executions: [0, 1, 2, 3].map((at) =>
      anExecution(at, { controller: at % 2 === 0 ? a : b, wave: Math.floor(at / 2) }),
    ),
    ...change,
  });
}

export const runSharesSuite: StoreSuite = (context) => {
  it("tells which controllers still have a part of a run, and which have not answered", async () => {
    const { runs } = context().store;
    const [a, b] = [uniqueName("bj"), uniqueName("sh")];
    const { run } = await runs.create(spread(a, b));
    expect(run.coordinated).toBe(true);

    await runs.orderAccepted(run.uid, a);
    expect(await runs.openShares([run.id])).toEqual([
      { runId: run.id, controller: a, unanswered: false },
      { runId: run.id, controller: b, unanswered: true },
    ]);
    await runs.apply(aChange(run.uid, 1, 1, { controller: a, runEnded: true }));

    expect(await runs.openShares([run.id])).toEqual([{ runId: run.id, controller: b, unanswered: true }]);
    expect(await runs.openShares([])).toEqual([]);
  });

  it("lets a controller go on only past waves that have ended everywhere, and counts failures elsewhere", async () => {
    const { runs } = context().store;
    const [a, b] = [uniqueName("bj"), uniqueName("sh")];
    const { run } = await runs.create(spread(a, b));
    expect(await runs.coordinated(a)).toEqual([run.uid]);
    expect(sorted(await runs.releases(run.uid))).toEqual([
      { controller: a, wave: 0, failuresElsewhere: 0 },
      { controller: b, wave: 0, failuresElsewhere: 0 },
    ]);

    await runs.apply(aChange(run.uid, 1, 1, { controller: a, ended: [ended(0, "", { state: "failed" })] }));
    expect(sorted(await runs.releases(run.uid))).toEqual([
      { controller: a, wave: 0, failuresElsewhere: 0 },
      { controller: b, wave: 0, failuresElsewhere: 1 },
    ]);
    await runs.apply(aChange(run.uid, 1, 1, { controller: b, ended: [ended(1)] }));
    expect(sorted(await runs.releases(run.uid))).toEqual([
      { controller: a, wave: 1, failuresElsewhere: 0 },
      { controller: b, wave: 1, failuresElsewhere: 1 },
    ]);
    await runs.apply(aChange(run.uid, 2, 3, { controller: a, ended: [ended(2)], runEnded: true }));
    expect(await runs.releases(run.uid)).toEqual([{ controller: b, wave: 1, failuresElsewhere: 1 }]);
    expect(await runs.coordinated(a)).toEqual([]);
    await runs.apply(aChange(run.uid, 2, 3, { controller: b, ended: [ended(3)], runEnded: true }));

    expect(await runs.releases(run.uid)).toEqual([]);
    expect(await runs.coordinated(b)).toEqual([]);
  });

  it("gives a waiting share to one controller, of two that ask at once", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const [room, b] = [`zone:${uniqueName("bj")}`, uniqueName("sh")];
    const { run } = await store.runs.create(spread(room, b));
    const names = [uniqueName("bj"), uniqueName("bj")];
    const large = Buffer.alloc(2_000_001, "x");

    const taken = await Promise.all(
      names.map(async (name, at) => await [store, other][at]?.runs.adoptShare(run.uid, room, name, large)),
    );

    const winner = names[taken.findIndex((each) => each !== undefined)] ?? "";
    expect(taken.filter((each) => each !== undefined)).toHaveLength(1);
    expect((await store.runs.openShares([run.id])).map(({ controller }) => controller).sort()).toEqual(
      [winner, b].sort(),
    );
    expect(await store.runs.pendingOrders(room)).toEqual([]);
    expect(Buffer.from((await store.runs.pendingOrders(winner))[0]?.order ?? []).equals(large)).toBe(true);
    const end = await store.runs.apply(
      aChange(run.uid, 1, 1, { controller: winner, ended: [ended(0), ended(2)], runEnded: true }),
    );
    expect(end.counts).toMatchObject({ ok: 2, pending: 2 });
  });

  it("leaves a share where it is when its run is cancelled or the controller has a part of its own", async () => {
    const { runs } = context().store;
    const [room, b] = [`zone:${uniqueName("bj")}`, uniqueName("sh")];
    const order = Buffer.from("order");
    const { run } = await runs.create(spread(room, b));

    expect(await runs.adoptShare(run.uid, room, b, order)).toBeUndefined();
    await runs.requestCancel(run.id, "alice");
    expect(await runs.adoptShare(run.uid, room, uniqueName("bj"), order)).toBeUndefined();
    await runs.orderRefused(run.uid, room, "cancelled", 1);
    expect(await runs.adoptShare(run.uid, room, uniqueName("bj"), order)).toBeUndefined();

    expect(await runs.openShares([run.id])).toEqual([{ runId: run.id, controller: b, unanswered: true }]);
  });
};

function sorted<Row extends { readonly controller: string }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((one, other) => (one.controller < other.controller ? -1 : 1));
}

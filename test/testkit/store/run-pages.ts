import { describe, expect, it } from "vitest";
import type { RunChange } from "../../../src/web/store/repositories/executions.ts";
import type { Run } from "../../../src/web/store/repositories/runs.ts";
import type { Store } from "../../../src/web/store/store.ts";
import { aChange, anExecution, aRun, ended, uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

/** What the pages of runs read: all hosts in columns, earlier runs, saved views. */
export const runPagesSuite: StoreSuite = (context) => {
  describe("columns of a run", () => columns(context));
  describe("earlier runs", () => earlier(context));
  describe("saved views", () => savedViews(context));
};

function columns(context: () => StoreContext): void {
  it("say of every host what its execution says, each different answer once", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(5));
    const refused = {
      state: "unreachable",
      reason: `${anExecution(3).hostName} refused`,
      exitCode: undefined,
    } as const;
    const now = await runs.apply(
      aChange(run.uid, 1, 4, {
        running: [{ position: 4, at: 70 }],
        ended: [ended(0, "same"), ended(1, "same"), ended(2, "other", { exitCode: 3 }), ended(3, "", refused)],
      }),
    );

    const { answers, answerOf, reasons, ...rest } = await runs.columns(run.id, now.liveSeq);

    const executions = await runs.executions(run.id, { limit: 9 });
    expect(answers).toHaveLength(4);
    executions.forEach((execution, position) => {
      const answer = answers[answerOf[position] ?? -1];
      const { hostId, hostName, address, appCategoryId: _, liveSeq: __, startedAt, finishedAt, ...said } = execution;
      expect({ ...answer, position, reason: reasons.get(position) ?? answer?.reason }).toEqual(said);
      expect([rest.hostIds[position], rest.hostNames[position], rest.addresses[position]]).toEqual([
        hostId,
        hostName,
        address,
      ]);
      expect([rest.startedAt[position], rest.finishedAt[position]]).toEqual([startedAt ?? null, finishedAt ?? null]);
    });
    expect([...reasons.keys()]).toEqual([3]);
    expect(answers[answerOf[3] ?? 0]?.reason).toBe("‹host› refused");
  });

  it("name the rows that are newer than what the reader asks for", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(3));
    const now = await runs.apply(aChange(run.uid, 1, 1, { ended: [ended(1)] }));

    expect((await runs.columns(run.id, run.liveSeq)).newer).toEqual(new Map([[1, now.liveSeq]]));
    expect((await runs.columns(run.id, now.liveSeq)).newer.size).toBe(0);
  });
}

function earlier(context: () => StoreContext): void {
  it("are of the same module, ended, in scope, and the last one on exactly the same hosts is found", async () => {
    const { store } = context();
    const moduleId = 40_001;
    const first = await finished(store, 3, { moduleId });
    const sameHosts = await finished(store, 3, { moduleId });
    const fewer = await finished(store, 2, { moduleId });
    await finished(store, 3, { moduleId: 40_002 });
    await store.runs.create(aRun(3, { moduleId }));
    const run = await finished(store, 3, { moduleId });
    const later = await finished(store, 3, { moduleId });

    const found = await store.runs.earlier(run, "all");

    expect(found.runs.map(({ id }) => id)).toEqual([later, fewer, sameHosts, first].map(({ id }) => id));
    expect(found.sameHosts?.id).toBe(sameHosts.id);
    expect((await store.runs.earlier(run, [987_654])).runs).toEqual([]);
  });

  it("tell what a host took in the middle, with the same parameters only", async () => {
    const { store } = context();
    const moduleId = 40_003;
    await finished(store, 3, { moduleId, parameters: { lines: 5 } }, (position) => 100 * (position + 1));
    await finished(store, 3, { moduleId, parameters: { lines: 6 } }, () => 9_999);
    const run = await finished(store, 1, { moduleId, parameters: { lines: 5 } });

    expect((await store.runs.earlier(run, "all")).usualHostMilliseconds).toBe(200);
    const alone = await finished(store, 1, { moduleId: 40_004 });
    expect(await store.runs.earlier(alone, "all")).toEqual({ runs: [] });
  });

  it("of a typed command are those of the same text", async () => {
    const { store } = context();
    const uptime = { moduleId: 0, parameters: { command: `["${uniqueName("uptime")}"]` } };
    const first = await finished(store, 1, uptime);
    await finished(store, 1, { moduleId: 0, parameters: { command: '["reboot"]' } });

    expect((await store.runs.earlier(await finished(store, 1, uptime), "all")).runs.map(({ id }) => id)).toEqual([
      first.id,
    ]);
  });
}

function savedViews(context: () => StoreContext): void {
  it("are each user's own, replaced by name, and go with the user", async () => {
    const { users, savedViews: views } = context().store;
    const scope = { everything: true, functionCategories: [], appCategories: [] };
    const user = async () =>
      (await users.create({ name: uniqueName("viewer"), role: "viewer", scope, passwordHash: "" })).id;
    const [ada, bob] = [await user(), await user()];
    const failed = { scene: "runs", name: "Failed", search: { state: "failed" } };

    const { id } = await views.put(ada, failed);
    const again = await views.put(ada, { ...failed, search: { state: "failed", moduleId: 1003 } });
    await views.put(ada, { ...failed, scene: "audit" });
    await views.put(bob, failed);

    expect(again.id).toBe(id);
    expect(await views.list(ada, "runs")).toEqual([{ ...failed, id, search: { state: "failed", moduleId: 1003 } }]);
    await expect(views.delete(bob, id)).rejects.toMatchObject({ code: "request.not_found" });
    await views.delete(ada, id);
    expect(await views.list(ada, "runs")).toEqual([]);
    await users.delete(bob);
    expect(await views.list(bob, "runs")).toEqual([]);
  });
}

/** A run that has ended, each host having taken so long. */
async function finished(
  store: Store,
  hosts: number,
  change: Parameters<typeof aRun>[1],
  took: (position: number) => number = () => 10,
): Promise<Run> {
  const { run } = await store.runs.create(aRun(hosts, change));
  const positions = Array.from({ length: hosts }, (_, position) => position);
  const events: Partial<RunChange> = {
    running: positions.map((position) => ({ position, at: 1_000 })),
    ended: positions.map((position) => ended(position, "", { at: 1_000 + took(position) })),
    runEnded: true,
  };
  return await store.runs.apply(aChange(run.uid, 1, 1, events));
}

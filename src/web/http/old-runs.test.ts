import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aRun } from "../../../test/testkit/store/builders.ts";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, finishedRun, type World } from "../../../test/testkit/web-world.ts";

/** What is told of runs that were deleted, by whatever names them. */
describe("runs that were deleted", () => {
  let web: TestWeb;
  let world: World;
  let token: string;
  let deleted: number;
  let rerun: number;

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
    const old = await finishedRun(web, world.moduleId, world.ownHost, "x");
    deleted = old.id;
    rerun = (await web.store.runs.create(aRun(1, { rerunOf: { runId: old.id, selection: "all" } }))).run.id;
    await store().hide(Number.MAX_SAFE_INTEGER, 100);
  });
  afterAll(() => web.close());

  const store = () => web.store.retention;
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await web.call(method, path, { token, ...(body === undefined ? {} : { body }) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("says so in place of a run, its hosts, its output and its stream", async () => {
    for (const path of [
      "",
      "/hosts",
      "/executions",
      "/groups",
      "/executions/0/output?stream=stdout",
      "/live",
      "/export?format=csv",
    ]) {
      const { status, body } = await call("GET", `/runs/${deleted}${path}`);

      expect([path, status, (body.reason as { code?: string }).code]).toEqual([path, 404, "run_deleted"]);
      expect(body.detail).toMatch(/^Run \d+ is not kept any more: .* The audit says .* the settings say how long/);
    }
    const { body } = await call("GET", `/runs/${rerun + 1000}`);
    expect(body.detail).toBe(`There is no run ${rerun + 1000}.`);
  });

  it("says so when a query or a rerun names it", async () => {
    const { status, body } = await call("POST", "/hosts/match", { query: `failed(${deleted})` });

    expect([status, body.code]).toEqual([422, "query.unknown_name"]);
    expect(JSON.stringify(body)).toContain(`run ${deleted} is not kept any more`);
    expect((await call("POST", `/runs/${deleted}/rerun`, { selection: "all" })).status).toBe(404);
  });

  it("says of a rerun what it repeats, and that it is gone", async () => {
    expect((await call("GET", `/runs/${rerun}`)).body.rerunOf).toEqual({
      runId: deleted,
      selection: "all",
      gone: true,
    });
  });
});

describe("the time that runs are kept", () => {
  let web: TestWeb;
  let world: World;
  let token: string;

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
  });
  afterAll(() => web.close());

  const change = (keepRunsDays: unknown) => web.call("PATCH", "/settings", { token, body: { keepRunsDays } });

  it("is for ever at first, one day at least, and noted in the audit", async () => {
    const first = (await (await web.call("GET", "/settings", { token })).json()) as { keepRunsDays: unknown };
    expect(first.keepRunsDays).toBeNull();
    expect((await change(30)).status).toBe(200);
    for (const wrong of [0, 0.5, -1, 36_501, "30"]) {
      const response = await change(wrong);
      expect([wrong, response.status]).toEqual([wrong, 400]);
    }

    const back = await change(null);

    expect(await back.json()).toMatchObject({ keepRunsDays: null });
    const { rows } = await web.store.audit.list({ action: "settings.change" }, { limit: 9 });
    expect(rows.map(({ detail }) => detail)).toEqual([
      { from: { keepRunsDays: 30 }, to: { keepRunsDays: null } },
      { from: { keepRunsDays: null }, to: { keepRunsDays: 30 } },
    ]);
  });

  it("says beforehand how many runs would go", async () => {
    const old = await finishedRun(web, world.moduleId, world.ownHost, "x");
    await finishedRun(web, world.moduleId, world.ownHost, "y");
    const count = async (days: number) =>
      await (await web.call("GET", `/settings/ended-runs?days=${days}`, { token })).json();
    web.clock.now = Date.now() + 5 * 86_400_000;

    expect(await count(30)).toMatchObject({ runs: 0, upTo: 0 });
    expect(await count(4)).toMatchObject({ upTo: old.id, before: web.clock.now - 4 * 86_400_000 });
    expect((await web.call("GET", "/settings/ended-runs?days=0", { token })).status).toBe(400);
  });
});

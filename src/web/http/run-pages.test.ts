import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, finishedRun, type World } from "../../../test/testkit/web-world.ts";

describe("what the pages of runs ask for", () => {
  let web: TestWeb;
  let world: World;
  let token: string;

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
  });
  afterAll(() => web.close());

  const get = async (path: string) =>
    (await (await web.call("GET", path, { token })).json()) as Record<string, unknown>;

  it("is all hosts of a run in columns, with what the live view goes on from", async () => {
    const run = await finishedRun(web, world.moduleId, world.ownHost, "hello\n");

    const hosts = await get(`/runs/${run.id}/hosts`);

    const executions = await web.store.runs.executions(run.id, { limit: 1 });
    expect(hosts).toMatchObject({
      seq: run.liveSeq,
      run: { id: run.id, state: "succeeded" },
      hostIds: [world.ownHost.id],
      hostNames: ["own-1"],
      answers: [{ state: "ok", exitCode: 0, stdoutBytes: 6, stdoutSha256: executions[0]?.stdoutSha256 }],
      answerOf: [0],
      startedAfter: [(executions[0]?.startedAt ?? 0) - run.createdAt],
      newer: [],
    });
  });

  it("is the last run on the same hosts, for what changed since", async () => {
    const first = await finishedRun(web, world.moduleId, world.ownHost, "one\n");
    const run = await finishedRun(web, world.moduleId, world.ownHost, "two\n");

    expect(await get(`/runs/${run.id}/earlier`)).toMatchObject({ sameHosts: { id: first.id } });
  });

  it("is the runs in which a host took part, and none for a host that there is not", async () => {
    const run = await finishedRun(web, world.moduleId, world.ownHost, "mine\n");

    const found = (await get("/runs?host=own-1")) as { rows: { id: number }[] };
    expect(found.rows[0]?.id).toBe(run.id);
    expect(found.rows.map(({ id }) => id)).not.toContain(world.foreignRun.id);
    expect((await get("/runs?host=nobody")).rows).toEqual([]);
  });

  it("is filters that somebody saved, for themselves only and no more than a hundred", async () => {
    const other = await web.apiToken(await web.user("other-viewer", "viewer"));
    const put = (name: string, search: unknown, as = token) =>
      web.call("PUT", "/views", { token: as, body: { scene: "runs", name, search } });

    expect((await put("Failed", { state: "failed" })).status).toBe(200);
    expect((await put("Odd", { state: { deep: true } })).status).toBe(400);
    expect(await get("/views?scene=runs")).toMatchObject({ views: [{ name: "Failed", search: { state: "failed" } }] });
    expect(await (await web.call("GET", "/views?scene=runs", { token: other })).json()).toEqual({ views: [] });
    for (let count = 0; count < 100; count++) await put(`view ${count}`, {}, other);
    expect((await put("one more", {}, other)).status).toBe(400);
    expect((await put("view 7", { state: "ok" }, other)).status).toBe(200);
  });
});

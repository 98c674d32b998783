import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newHost, startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, echoModule, finishedRun, libraryFile, type World } from "../../../test/testkit/web-world.ts";
import type { ModuleManifest } from "../../contract/module.ts";
import { moduleSource } from "../../modules/source.ts";

interface Preview {
  planSha256: string;
  hostCount: number;
  hosts: string;
  needsConfirmation: boolean;
  confirmationReason: string;
  tasks: { engine: string; text: string }[];
  skipped: { hosts: string; count: number; reason: string }[];
}
interface Problem {
  code: string;
  detail: string;
  problems: { place: string }[];
}
type Run = Record<string, unknown> & { id: number; hostCount: number };

describe("a run request", () => {
  let web: TestWeb;
  let world: World;
  let token: string;
  let operator: string;
  const modules = new Map<string, number>();

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
    operator = await web.apiToken(await web.user("operator", "operator", { functionCategories: [world.ownFunction] }));
    const { inventory } = web.store;
    for (let index = 1; index <= 60; index++) {
      await inventory.createHost(newHost(`fleet${String(index).padStart(2, "0")}`, world.foreignApp));
    }
    await inventory.createHost(newHost("asleep", world.foreignApp, { enabled: false }));
    await add("wipe", { danger: "destructive" });
    const secret = { type: "string", format: "password" } as const;
    await add("secretive", {
      parameters: { type: "object", properties: { word: secret, text: { type: "string" } } },
      run: { all: { kind: "script", interpreter: ["/bin/sh"], script: "echo hidden" } },
    });
    await add("put", {
      parameters: { type: "object", properties: { source: { type: "string", format: "file" } }, required: ["source"] },
      run: { all: { kind: "file", file: { parameter: "source" }, destination: "/tmp/put" } },
    });
  });
  afterAll(() => web.close());

  async function add(key: string, change: Partial<ModuleManifest>): Promise<void> {
    const { id } = await web.store.modules.create({ ...echoModule(key), ...change }, "test");
    modules.set(key, id);
  }

  const post = (path: string, body: object, headers: Record<string, string> = {}, by = token) =>
    web.call("POST", path, { token: by, body, headers });
  async function preview(body: object, by = token): Promise<Preview> {
    const response = await post("/runs/preview", body, {}, by);
    expect(response.status).toBe(200);
    return (await response.json()) as Preview;
  }
  async function started(body: object, headers: Record<string, string> = {}): Promise<Run> {
    const response = await post("/runs", body, headers);
    const answer = (await response.json()) as Run;
    expect([response.status, answer]).toEqual([201, answer]);
    return answer;
  }
  async function refused(response: Response): Promise<Problem> {
    expect(response.status).toBeGreaterThanOrEqual(400);
    return (await response.json()) as Problem;
  }
  const runsNow = async () => (await web.store.runs.list({}, "all", { limit: 1000 })).rows.length;

  it("shows before the start exactly what runs, and starts precisely that", async () => {
    const request = { module: "echo", parameters: { text: "hello" }, query: "fleet[01-03]" };
    const shown = await preview(request);
    expect(shown).toMatchObject({ hostCount: 3, hosts: "fleet[01-03]", needsConfirmation: false });
    expect(shown.tasks).toEqual([{ engine: "ssh", text: expect.stringContaining("hello"), told: false }]);

    const run = await started({ ...request, planSha256: shown.planSha256 });

    expect(run).toMatchObject({
      state: "queued",
      hostCount: 3,
      moduleKey: "echo",
      moduleVersion: 1,
      parameters: { text: "hello" },
      planSha256: shown.planSha256,
      requestedBy: "root-of-tests",
    });
    const { rows } = await web.store.audit.list({ action: "run.start" }, { limit: 1 });
    expect(rows[0]).toMatchObject({
      actor: "root-of-tests",
      source: "127.0.0.1",
      object: "module echo version 1",
      hosts: "3 hosts: fleet[01-03]",
      detail: { query: "fleet[01-03]", planSha256: shown.planSha256, parameters: { text: "hello" } },
    });
  });

  it("is refused when what would run is not what was shown", async () => {
    const request = { module: "echo", query: "os=Plan9*" };
    const plan9 = (name: string) => web.store.inventory.createHost(newHost(name, world.foreignApp, { os: "Plan9" }));
    await plan9("bell-1");
    const { planSha256 } = await preview(request);
    await plan9("bell-2");
    const before = await runsNow();

    expect(await refused(await post("/runs", { ...request, planSha256 }))).toMatchObject({ code: "run.changed" });
    expect(await runsNow()).toBe(before);
  });

  it("needs the repeated host count past the limit of the settings, and the right one", async () => {
    const request = { module: "echo", query: "fleet*" };
    expect(await preview(request)).toMatchObject({
      hostCount: 60,
      needsConfirmation: true,
      confirmationReason: "many_hosts",
    });
    for (const count of [{}, { confirmHostCount: 59 }]) {
      expect(await refused(await post("/runs", { ...request, ...count }))).toMatchObject({ code: "run.confirmation" });
    }
    expect((await started({ ...request, confirmHostCount: 60 })).hostCount).toBe(60);

    const raised = await web.call("PATCH", "/settings", { token, body: { confirmAboveHosts: 60 } });
    expect(raised.status).toBe(200);
    expect(await preview(request)).toMatchObject({ needsConfirmation: false });
    await web.call("PATCH", "/settings", { token, body: { confirmAboveHosts: 50 } });
  });

  it("needs it for a destructive module on a single host", async () => {
    const request = { module: modules.get("wipe"), query: "own-1" };
    expect(await preview(request)).toMatchObject({ needsConfirmation: true, confirmationReason: "destructive" });
    expect(await refused(await post("/runs", request))).toMatchObject({ code: "run.confirmation" });
    await started({ ...request, confirmHostCount: 1 });
  });

  it("starts once for one idempotency key, and not something else under it", async () => {
    const request = { module: "echo", query: "own-1" };
    const key = { "idempotency-key": "deploy-2026-11-23" };
    const [first, second] = [await started(request, key), await started(request, key)];
    expect(second.id).toBe(first.id);
    const other = await refused(await post("/runs", { ...request, query: "foreign-1" }, key));
    expect(other.code).toBe("run.duplicate");
    // The same word of another user is another key.
    const theirs = await post("/runs", request, key, operator);
    expect(((await theirs.json()) as Run).id).not.toBe(first.id);
    const odd = await refused(await post("/runs", request, { "idempotency-key": "two words" }));
    expect(odd.code).toBe("request.invalid");
  });

  it("starts once when the same key comes ten times at once", async () => {
    const before = await runsNow();
    const key = { "idempotency-key": "impatient" };
    const runs = await Promise.all(Array.from({ length: 10 }, () => started({ module: "echo", query: "own-1" }, key)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(await runsNow()).toBe(before + 1);
  });

  it("reaches the hosts of the requester's scope only, whatever the query says", async () => {
    expect(await preview({ module: "echo", query: "*" }, operator)).toMatchObject({ hostCount: 1, hosts: "own-1" });
    const named = await refused(await post("/runs", { module: "echo", query: "foreign-1" }, {}, operator));
    expect(named.code).toBe("query.unknown_name");
    const byRun = await refused(
      await post("/runs", { module: "echo", query: `failed(${world.foreignRun.id})` }, {}, operator),
    );
    expect(byRun.code).toBe("query.unknown_name");
  });

  it("leaves disabled hosts out", async () => {
    expect(await preview({ module: "echo", query: "asleep or own-1" })).toMatchObject({ hostCount: 1, hosts: "own-1" });
  });

  it.each([
    ["an empty query", { module: "echo", query: "  " }, "query.no_hosts"],
    ["a query that matches nothing", { module: "echo", query: "os=Nothing*" }, "query.no_hosts"],
    ["a query that cannot be read", { module: "echo", query: "fleet[1-" }, "query.syntax"],
    ["no module", { query: "own-1" }, "request.invalid"],
    ["a module and a command", { module: "echo", command: ["id"], query: "own-1" }, "request.invalid"],
    ["a module that there is not", { module: "no-such-module", query: "own-1" }, "request.not_found"],
    ["a module number that there is not", { module: 9999, query: "own-1" }, "request.not_found"],
    ["a wrong parameter", { module: "echo", query: "own-1", parameters: { text: 7 } }, "module.parameters"],
    ["an unknown parameter", { module: "echo", query: "own-1", parameters: { other: "x" } }, "module.parameters"],
    [
      "a file that is not in the library",
      { module: "put", query: "own-1", parameters: { source: "0".repeat(64) } },
      "module.parameters",
    ],
    [
      "an interpreter with an option as a user",
      { command: ["id"], query: "own-1", becomeUser: "-x" },
      "request.invalid",
    ],
  ])("is refused for %s, and nothing is written", async (_what, body, code) => {
    const [runs, audit] = [await runsNow(), await web.store.audit.verify()];
    for (const path of ["/runs/preview", "/runs"]) {
      expect(await refused(await post(path, body))).toMatchObject({ code });
    }
    expect([await runsNow(), await web.store.audit.verify()]).toEqual([runs, audit]);
  });

  it("takes a file of the library by its hash", async () => {
    const { sha256 } = await libraryFile(web, "motd");
    expect(await preview({ module: "put", query: "own-1", parameters: { source: sha256 } })).toMatchObject({
      hostCount: 1,
    });
  });

  it("does not run a module that was taken out of the catalogue", async () => {
    await add("retired", {});
    await web.call("PATCH", `/modules/${modules.get("retired")}`, { token, body: { enabled: false } });
    expect(await refused(await post("/runs", { module: "retired", query: "own-1" }))).toMatchObject({
      code: "module.invalid",
    });
  });

  it("keeps what was typed for once in the record, and only who may runs it", async () => {
    const run = await started({ command: ["uptime", "-p"], query: "own-1" });
    expect(run).toMatchObject({ moduleId: 0, moduleKey: "command", parameters: { command: '["uptime","-p"]' } });
    const script = { interpreter: ["/bin/sh"], text: "echo 'x'\n" };
    expect(await started({ script, query: "own-1" })).toMatchObject({
      moduleKey: "script",
      parameters: { interpreter: '["/bin/sh"]', script: script.text },
    });
    for (const path of ["/runs/preview", "/runs"]) {
      const body = { command: ["id"], query: "own-1" };
      expect(await refused(await post(path, body, {}, operator))).toMatchObject({ code: "access.denied" });
    }
  });

  it("tries a manifest that is not saved on one host, and only for who may write modules and run what was typed", async () => {
    const source = moduleSource({
      ...echoModule("not-saved"),
      parameters: { type: "object", properties: { command: { type: "string" } } },
      run: { all: { kind: "command", argv: ["echo", { parameter: "command" }] } },
    });
    const parameters = { command: '["reboot"]' };
    const body = { draft: { source }, parameters, query: "own-1" };

    expect((await preview(body)).tasks[0]?.text).toContain("echo");
    const run = await started(body);
    expect(run).toMatchObject({ moduleId: 0, moduleKey: "not-saved", moduleName: { en: "Echo (draft)" }, parameters });
    const { rows } = await web.store.audit.list({}, { limit: 1 });
    expect(rows[0]).toMatchObject({ action: "run.start", hosts: "1 host: own-1", detail: { draft: source } });
    expect((await web.store.modules.list()).some(({ key }) => key === "not-saved")).toBe(false);
    expect(await refused(await post("/runs", { ...body, query: "fleet[01-02]" }))).toMatchObject({
      code: "request.invalid",
      problems: [{ place: "/query" }],
    });
    expect(await refused(await post("/runs", { ...body, draft: { source: "key: x\n" } }))).toMatchObject({
      code: "module.invalid",
    });
    const typed = { ...body, draft: { source: source.replace("key: not-saved", "key: command") } };
    expect(await refused(await post("/runs", typed))).toMatchObject({ code: "module.invalid" });
    const writesNothing = await web.apiToken(await web.user("tries", "operator", { everything: true }));
    for (const path of ["/runs/preview", "/runs"]) {
      expect(await refused(await post(path, body, {}, writesNothing))).toMatchObject({ code: "access.denied" });
    }
    // Its parameter is no command that was typed.
    expect(await refused(await post(`/runs/${run.id}/rerun`, { selection: "all" }))).toMatchObject({
      code: "module.parameters",
    });
  });

  it("never shows or keeps a secret parameter", async () => {
    const request = { module: "secretive", query: "own-1", parameters: { word: "canary-secret-7" } };
    const shown = await preview(request);
    const run = await started(request);
    const audit = await web.store.audit.list({}, { limit: 1 });
    expect(JSON.stringify([shown, run, audit])).not.toContain("canary-secret-7");
    expect(run).toMatchObject({ parameters: { word: "••••••" } });
    expect(web.log.join("")).not.toContain("canary-secret-7");
  });

  describe("again", () => {
    const again = (id: number, body: object, by = token) => post(`/runs/${id}/rerun`, body, {}, by);

    async function mixedRun(): Promise<Run> {
      const run = await started({ module: "echo", parameters: { text: "again" }, query: "fleet[01-04]" });
      const stored = await web.store.runs.get(run.id, "all");
      const states = ["ok", "failed", "unknown", "cancelled"] as const;
      await web.store.runs.apply({
        runUid: stored?.uid ?? "",
        controller: "main",
        firstSeq: 1,
        lastSeq: 5,
        dispatching: [],
        running: [],
        output: [],
        ended: states.map((state, position) => ({
          position,
          at: web.clock.now,
          state,
          signal: "",
          reason: "",
          stdoutBytes: 0,
          stderrBytes: 0,
          output: "complete",
          stdout: { offset: 0, data: new Uint8Array() },
          stderr: { offset: 0, data: new Uint8Array() },
        })),
        runEnded: true,
      });
      return run;
    }

    it.each([
      ["all", 4],
      ["not_ok", 3],
      ["failed", 1],
      ["unknown", 1],
    ])("runs on the hosts that ended so: %s", async (selection, hosts) => {
      const run = await mixedRun();
      const response = await again(run.id, { selection });
      expect(await response.json()).toMatchObject({
        hostCount: hosts,
        moduleKey: "echo",
        parameters: { text: "again" },
        rerunOf: { runId: run.id, selection },
      });
      const { rows } = await web.store.audit.list({ action: "run.rerun" }, { limit: 1 });
      expect(rows[0]?.detail).toMatchObject({ rerunOf: run.id, selection });
    });

    it("keeps to the limits of the first run: width, waves, failures allowed, time", async () => {
      const limits = { width: 3, waveSize: 2, maxFailures: 1, timeoutMilliseconds: 7000 };
      const run = await started({ module: "echo", parameters: { text: "x" }, query: "fleet[01-04]", ...limits });
      expect(run).toMatchObject(limits);

      const rerun = (await (await again(run.id, { selection: "all" })).json()) as Run;

      expect(rerun).toMatchObject({ ...limits, planSha256: run.planSha256 });
      const executions = await web.store.runs.executions(rerun.id, { limit: 10 });
      expect(executions.map(({ wave }) => wave)).toEqual([0, 0, 1, 1]);
    });

    it("is the version that ran, also after a newer one was saved", async () => {
      const { id: moduleId, manifest } = await web.store.modules.create(echoModule("versioned"), "test");
      const run = await started({ module: "versioned", query: "own-1" });
      const next = { ...manifest, description: { zh: "", en: "newer" } };
      await web.store.modules.addVersion(moduleId, next, 1, "test");
      const rerun = (await (await again(run.id, { selection: "all" })).json()) as Run;
      expect(rerun).toMatchObject({ moduleVersion: 1, planSha256: run.planSha256 });
    });

    it("repeats what was typed for once", async () => {
      const run = await started({ command: ["uptime"], query: "own-1" });
      const rerun = (await (await again(run.id, { selection: "all" })).json()) as Run;
      expect(rerun).toMatchObject({ parameters: { command: '["uptime"]' }, planSha256: run.planSha256 });
    });

    it("wants a secret anew, as it is not kept", async () => {
      const run = await started({ module: "secretive", query: "own-1", parameters: { word: "s3cret" } });
      const problem = await refused(await again(run.id, { selection: "all" }));
      expect(problem).toMatchObject({ code: "module.parameters", problems: [{ place: "/word" }] });
    });

    it("needs the same confirmation as a first run", async () => {
      const run = await started({ module: "wipe", query: "own-1", confirmHostCount: 1 });
      expect(await refused(await again(run.id, { selection: "all" }))).toMatchObject({ code: "run.confirmation" });
      expect((await again(run.id, { selection: "all", confirmHostCount: 1 })).status).toBe(201);
    });

    it("is refused when no host ended so, and for a run that the user does not see", async () => {
      const run = await finishedRun(web, world.moduleId, world.ownHost, "fine");
      expect(await refused(await again(run.id, { selection: "failed" }))).toMatchObject({ code: "query.no_hosts" });
      const foreign = await again(world.foreignRun.id, { selection: "all" }, operator);
      expect(await refused(foreign)).toMatchObject({ code: "request.not_found" });
    });
  });

  it("is noted before a cancel too, and a cancel of a final run changes nothing", async () => {
    const run = await started({ module: "echo", query: "own-1" });
    const cancelled = (await (await post(`/runs/${run.id}/cancel`, {})).json()) as Run;
    // No controller is connected, so no host can have begun.
    expect(cancelled).toMatchObject({ state: "cancelled", cancelRequestedBy: "root-of-tests" });
    const { rows } = await web.store.audit.list({ action: "run.cancel" }, { limit: 1 });
    expect(rows[0]).toMatchObject({ actor: "root-of-tests", object: `run ${run.id}` });
    const final = (await (await post(`/runs/${world.foreignRun.id}/cancel`, {})).json()) as Run;
    expect(final).toMatchObject({ state: "succeeded" });
  });
});

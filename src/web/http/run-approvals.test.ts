import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newHost, startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, echoModule, finishedRun, type World } from "../../../test/testkit/web-world.ts";
import { moduleSource } from "../../modules/source.ts";
import type { User } from "../store/repositories/users.ts";

interface Run {
  id: number;
  state: string;
  reason: string;
  counts: Record<string, number>;
  waitsForMe?: boolean;
  approvers?: string[];
  approval?: { until: number; decision?: string; by?: string; comment: string };
}

const everything = { everything: true, functionCategories: [], appCategories: [] };

describe("a run that needs a second person", () => {
  let web: TestWeb;
  let world: World;
  /** Asks for runs, and approves them. */
  let asker: User;
  let second: User;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    await web.store.modules.create({ ...echoModule("restart"), danger: "change" }, "test");
    await web.store.modules.create({ ...echoModule("wipe"), danger: "destructive" }, "test");
    await web.store.inventory.createHost(newHost("own-2", world.ownApp));
  });
  afterAll(() => web.close());

  beforeEach(async () => {
    asker = await newUser("operator");
    second = await newUser("operator");
    await policy({ approvalFor: "change", approvalMinutes: 60 });
    await web.store.controllers.seen("main", web.clock.now);
  });

  async function newUser(role: "operator" | "viewer" | "administrator", scope?: Partial<User["scope"]>): Promise<User> {
    const user = await web.user(world.fresh(), role, scope);
    tokens.set(user.name, await web.apiToken(user));
    return user;
  }

  const by = (user: User) => tokens.get(user.name) ?? "";
  async function policy(change: object): Promise<void> {
    const token = await web.apiToken(world.administrator);
    expect((await web.call("PATCH", "/settings", { token, body: change })).status).toBe(200);
  }
  async function post(user: User, path: string, body: object = {}, headers = {}) {
    const response = await web.call("POST", path, { token: by(user), body, headers });
    return { status: response.status, body: (await response.json()) as Run & { code: string; detail: string } };
  }
  async function read(user: User, path: string): Promise<Run & { rows: Run[]; next?: string }> {
    return (await (await web.call("GET", path, { token: by(user) })).json()) as Run & { rows: Run[]; next?: string };
  }
  async function asked(change: object = {}, user = asker): Promise<Run> {
    const { status, body } = await post(user, "/runs", { module: "restart", query: "own-1 or own-2", ...change });
    expect([status, body.state]).toEqual([201, "awaiting_approval"]);
    return body;
  }
  const approve = (user: User, run: Run, body: object = {}) => post(user, `/runs/${run.id}/approve`, body);
  const stateOf = async (run: Run) => (await web.store.runs.get(run.id, "all"))?.state;
  const orders = async () => (await web.store.runs.pendingOrders("main")).length;

  it("waits, with its hosts and nothing signed, until another person approves it", async () => {
    const before = await orders();
    const run = await asked();
    expect(run.counts).toMatchObject({ pending: 2 });
    expect(await orders()).toBe(before);

    const { status, body } = await approve(second, run, { comment: "the window is open" });

    expect([status, body.state]).toEqual([200, "queued"]);
    expect(body.approval).toMatchObject({ decision: "approved", by: second.name, comment: "the window is open" });
    expect(await orders()).toBe(before + 1);
    const { rows } = await web.store.audit.list({ action: "run.approve" }, { limit: 1 });
    expect(rows[0]).toMatchObject({
      actor: second.name,
      object: `run ${run.id}`,
      hosts: "2 hosts: own-[1-2]",
      detail: { requestedBy: asker.name, module: "restart", comment: "the window is open" },
    });
  });

  it("shows who asks whether it waits for them, and lists those runs", async () => {
    const run = await asked();
    const viewer = await newUser("viewer");

    expect(await read(second, `/runs/${run.id}`)).toMatchObject({ state: "awaiting_approval", waitsForMe: true });
    for (const user of [asker, viewer]) {
      expect(await read(user, `/runs/${run.id}`)).not.toHaveProperty("waitsForMe");
      expect((await read(user, "/runs?waitingFor=me")).rows.map(({ id }) => id)).not.toContain(run.id);
    }
    expect((await read(second, "/runs?waitingFor=me")).rows).toContainEqual(expect.objectContaining({ id: run.id }));
    expect((await read(viewer, "/runs?state=awaiting_approval")).rows.map(({ id }) => id)).toContain(run.id);
    await approve(second, run);
    expect((await read(second, "/runs?waitingFor=me")).rows.map(({ id }) => id)).not.toContain(run.id);
  });

  it("names those who may approve it to whoever may see all users, and to nobody else", async () => {
    const run = await asked({ query: "own-1" });
    const administrator = await newUser("administrator");
    const own = await newUser("operator", { everything: false, functionCategories: [world.ownFunction] });
    const limited = await newUser("administrator", { everything: false, functionCategories: [world.ownFunction] });
    const blind = await newUser("operator", { everything: false, functionCategories: [] });
    const viewer = await newUser("viewer");
    const disabled = await newUser("operator");
    await web.store.users.change(disabled.id, { enabled: false });

    const approvers = (await read(administrator, `/runs/${run.id}`)).approvers ?? [];

    for (const { name } of [second, administrator, own, limited]) expect(approvers).toContain(name);
    for (const { name } of [asker, blind, viewer, disabled]) expect(approvers).not.toContain(name);
    for (const user of [second, limited, viewer]) {
      expect(await read(user, `/runs/${run.id}`)).not.toHaveProperty("approvers");
    }
    await approve(second, run);
    expect(await read(administrator, `/runs/${run.id}`)).not.toHaveProperty("approvers");
  });

  it("is listed for whom it waits in full pages, whatever else waits for others", async () => {
    const limited = await newUser("operator", { everything: false, functionCategories: [world.ownFunction] });
    const typed = { module: undefined, command: ["uptime"], query: "own-1" };
    const expected: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expected.unshift((await asked({ query: "own-1" })).id);
      // Nobody limited may run what was typed; their own do not wait for them, and others' hosts they do not see.
      for (const _each of [1, 2]) await asked(typed);
      await asked({ query: "own-1" }, limited);
      await asked({ query: "foreign-1" });
    }

    const pages: number[][] = [];
    let cursor = "";
    do {
      const page = await read(limited, `/runs?waitingFor=me&limit=2${cursor}`);
      pages.push(page.rows.map(({ id }) => id));
      cursor = page.next === undefined ? "" : `&cursor=${page.next}`;
    } while (cursor !== "");

    expect(pages.flat().slice(0, 3)).toEqual(expected);
    for (const page of pages.slice(0, -1)) expect(page).toHaveLength(2);
    for (const user of [limited, second, asker]) {
      const waiting = (await read(user, "/runs?state=awaiting_approval&limit=200")).rows.filter(
        (run) => run.waitsForMe,
      );
      expect((await read(user, "/runs?waitingFor=me&limit=200")).rows).toEqual(waiting);
    }
  });

  it("is never approved or rejected by whoever asked for it, by whichever token or session", async () => {
    const run = await asked();
    const others = [
      { token: await web.apiToken(asker), body: {} },
      { cookie: await web.session(asker), body: {} },
    ];
    for (const request of [{ token: by(asker), body: {} }, ...others]) {
      for (const act of ["approve", "reject"]) {
        const response = await web.call("POST", `/runs/${run.id}/${act}`, request);
        expect(response.status).toBe(403);
        expect(await response.json()).toMatchObject({
          code: "access.denied",
          detail: `Run ${run.id} is your own: another person approves or rejects it. You can cancel it.`,
        });
      }
    }
    expect(await stateOf(run)).toBe("awaiting_approval");
  });

  it("is approved only by who may run it on every one of its hosts at that moment", async () => {
    const limited = await newUser("operator", { everything: false, functionCategories: [world.ownFunction] });
    const elsewhere = await newUser("operator", { everything: false, functionCategories: [world.foreignFunction] });
    const onBoth = await asked({ query: "own-1 or foreign-1" });
    for (const user of [limited, elsewhere]) expect((await approve(user, onBoth)).status).toBe(404);
    expect((await approve(await newUser("viewer"), onBoth)).body.code).toBe("access.denied");

    const moved = await web.store.inventory.createHost(newHost(world.fresh(), world.ownApp));
    const onMoved = await asked({ query: moved.name });
    await web.store.inventory.changeHosts([moved.id], { appCategoryId: world.foreignApp });
    const refused = await approve(limited, onMoved);

    expect(refused.status).toBe(403);
    expect(refused.body.detail).toContain(`Host “${moved.name}” of run ${onMoved.id} is not one of those`);
    const command = await asked({ module: undefined, command: ["uptime"], query: "own-1" });
    expect((await approve(limited, command)).body.detail).toContain("runs.adhoc");
    expect((await read(limited, "/runs?waitingFor=me")).rows.map(({ id }) => id)).not.toContain(command.id);
    for (const run of [onBoth, onMoved, command]) expect(await stateOf(run)).toBe("awaiting_approval");
    expect((await approve(second, command)).status).toBe(200);
  });

  it("is refused once whoever asked for it may not run it any more", async () => {
    const [disabled, demoted, narrowed] = [await asked(), await asked(), await asked()];
    const { users } = web.store;
    await users.change(asker.id, { enabled: false });
    expect((await approve(second, disabled)).body.detail).toContain("is disabled. Reject the run.");
    await users.change(asker.id, { enabled: true, role: "viewer" });
    expect((await approve(second, demoted)).body.detail).toMatch(/may not run it any more: This needs the permission/);
    await users.change(asker.id, { role: "operator", scope: { ...everything, everything: false } });
    expect((await approve(second, narrowed)).body).toMatchObject({
      code: "access.denied",
      detail: expect.stringMatching(/may not run it any more: Host “own-1” of run/),
    });
    await users.change(asker.id, { scope: everything });
    await users.delete(asker.id);
    expect((await approve(second, narrowed)).body.detail).toContain("has no account any more");
    for (const run of [disabled, demoted, narrowed]) expect(await stateOf(run)).toBe("awaiting_approval");
    expect((await post(second, `/runs/${narrowed.id}/reject`)).body.state).toBe("rejected");
  });

  it("does not start on a host that was disabled or deleted, nor with a module that was taken out", async () => {
    const host = await web.store.inventory.createHost(newHost(world.fresh(), world.ownApp));
    const run = await asked({ query: host.name });
    await web.store.inventory.changeHosts([host.id], { enabled: false });
    expect((await approve(second, run)).body).toMatchObject({ code: "run.changed" });
    await web.store.inventory.deleteHosts([host.id]);
    expect((await approve(second, run)).body.detail).toContain("was deleted since");
    const other = await asked({ query: "own-1" });
    const [module] = (await web.store.modules.list()).filter(({ key }) => key === "restart");
    await web.store.modules.setEnabled(module?.id ?? 0, false);
    expect((await approve(second, other)).body.detail).toContain("was taken out of the catalogue");
    await web.store.modules.setEnabled(module?.id ?? 0, true);
    expect((await approve(second, other)).status).toBe(200);
  });

  it("runs what was frozen, whatever has become of the module's text since", async () => {
    const { id } = await web.store.modules.create({ ...echoModule("moving"), danger: "change" }, "test");
    const run = await asked({ module: id, query: "own-1", parameters: { text: "as it was" } });
    await web.store.modules.addVersion(id, { ...echoModule("moving"), id, danger: "read" }, 1, "test");

    const { body } = await approve(second, run);

    expect(body).toMatchObject({ state: "queued", moduleVersion: 1, parameters: { text: "as it was" } });
  });

  it("asks the second person for the number of hosts where it asked the first", async () => {
    const body = { module: "wipe", query: "own-1 or own-2", confirmHostCount: 2 };
    const run = await asked(body);

    for (const wrong of [{}, { confirmHostCount: 3 }]) {
      expect((await approve(second, run, wrong)).body.code).toBe("run.confirmation");
    }
    expect((await approve(second, run, { confirmHostCount: 2 })).status).toBe(200);
  });

  it("ends rejected or cancelled with every host not started, and is then decided", async () => {
    const [first, other] = [await asked(), await asked()];

    const rejected = await post(second, `/runs/${first.id}/reject`, { comment: "not on a Friday" });
    const cancelled = await post(asker, `/runs/${other.id}/cancel`);

    expect(rejected.body).toMatchObject({ state: "rejected", counts: { not_started: 2, pending: 0 } });
    expect(rejected.body.reason).toBe(`Not started: ${second.name} rejected the run, and says: not on a Friday`);
    expect(cancelled.body).toMatchObject({ state: "cancelled", counts: { not_started: 2, pending: 0 } });
    for (const run of [first, other]) {
      expect(await approve(second, run)).toMatchObject({ status: 409, body: { code: "run.not_waiting" } });
    }
    expect((await approve(second, first)).body.detail).toBe(
      `Run ${first.id} no longer waits: ${second.name} rejected it.`,
    );
  });

  it("expires when nobody comes in time, and is not approved afterwards", async () => {
    await policy({ approvalMinutes: 1 });
    const [late, left] = [await asked(), await asked()];
    web.clock.now += 60_000;

    const refused = await approve(second, late);

    expect(refused.body).toMatchObject({ code: "run.not_waiting" });
    expect(refused.body.detail).toContain("nobody approved it in time");
    expect(await read(asker, `/runs/${late.id}`)).toMatchObject({ state: "expired", counts: { not_started: 2 } });
    await expect.poll(() => stateOf(left), { timeout: 15_000 }).toBe("expired");
  });

  it("is decided by one of many who act at once", async () => {
    const run = await asked();
    const third = await newUser("operator");
    const before = await orders();

    const answers = await Promise.all([
      approve(second, run),
      approve(third, run),
      approve(second, run),
      post(third, `/runs/${run.id}/reject`),
    ]);

    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => !won.includes(answer))) {
      expect([status, body.code]).toEqual([409, "run.not_waiting"]);
    }
    expect(await stateOf(run)).toBe(won[0]?.body.state);
    expect(await orders()).toBe(before + (won[0]?.body.state === "queued" ? 1 : 0));
  });

  it.each([
    ["nobody", { read: "queued", change: "queued", destructive: "queued" }],
    ["destructive", { read: "queued", change: "queued", destructive: "awaiting_approval" }],
    ["change", { read: "queued", change: "awaiting_approval", destructive: "awaiting_approval" }],
  ] as const)("is chosen by the policy “%s”, by every way to start one", async (approvalFor, expected) => {
    await policy({ approvalFor });
    const administrator = await newUser("administrator");
    const query = "own-1";
    const draft = (danger: "read" | "change") => ({
      draft: { source: moduleSource({ ...echoModule("draft"), id: 0, danger }) },
      query,
    });
    const state = async (body: object) => (await post(administrator, "/runs", body)).body.state;

    expect(await state({ module: "echo", query })).toBe(expected.read);
    expect(await state({ module: "restart", query })).toBe(expected.change);
    expect(await state({ module: "wipe", query, confirmHostCount: 1 })).toBe(expected.destructive);
    expect(await state({ command: ["uptime"], query })).toBe(expected.change);
    expect(await state({ script: { interpreter: ["/bin/sh"], text: "id" }, query })).toBe(expected.change);
    expect(await state(draft("change"))).toBe(expected.change);
    expect(await state(draft("read"))).toBe(expected.read);
    const module = (await web.store.modules.list()).find(({ key }) => key === "restart");
    const over = await finishedRun(web, module?.id ?? 0, world.ownHost, "was there\n");
    const again = await post(administrator, `/runs/${over.id}/rerun`, { selection: "all" });
    expect(again.body.state).toBe(expected.change);
    const shown = await post(administrator, "/runs/preview", { module: "restart", query });
    expect(shown.body).toMatchObject({ needsApproval: expected.change === "awaiting_approval" });
  });

  it("is made once by a repeated idempotency key, before and after it was approved", async () => {
    const headers = { "idempotency-key": world.fresh() };
    const request = { module: "restart", query: "own-1" };
    const first = await post(asker, "/runs", request, headers);
    const repeated = await post(asker, "/runs", request, headers);
    await approve(second, first.body);
    const later = await post(asker, "/runs", request, headers);
    const different = await post(asker, "/runs", { ...request, query: "own-2" }, headers);

    expect([repeated.body.id, later.body.id]).toEqual([first.body.id, first.body.id]);
    expect([first, repeated, later].map(({ body }) => body.state)).toEqual([
      "awaiting_approval",
      "awaiting_approval",
      "queued",
    ]);
    expect(different.body.code).toBe("run.duplicate");
  });

  it("keeps no secret where the database can be read", async () => {
    const secret = { type: "string", format: "password" } as const;
    const parameters = { type: "object", properties: { word: secret } } as const;
    await web.store.modules.create({ ...echoModule("secret-change"), danger: "change", parameters }, "test");

    const run = await asked({ module: "secret-change", query: "own-1", parameters: { word: "canary-of-approval" } });

    const plan = Buffer.from((await web.store.runs.waitingPlan(run.id)) ?? []);
    expect(plan.length).toBeGreaterThan(100);
    expect(plan.includes("canary-of-approval")).toBe(false);
    expect(JSON.stringify(await read(second, `/runs/${run.id}`))).not.toContain("canary-of-approval");
  });

  it("is not started from a plan that is not the one of its record", async () => {
    const [run, other] = [await asked({ query: "own-1" }), await asked({ query: "own-2" })];
    const stranger = (await web.store.runs.waitingPlan(other.id)) ?? new Uint8Array();
    const { default: Database } = await import("better-sqlite3");
    const database = new Database(`${web.folder}/omserver.db`);
    database.prepare("update run_waiting_plan set plan_bytes = ? where run_id = ?").run(stranger, run.id);
    database.close();

    const { body } = await approve(second, run);

    expect(body.code).toBe("order.refused");
    expect(await stateOf(run)).toBe("awaiting_approval");
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newHost, startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, type World } from "../../../test/testkit/web-world.ts";

interface HostRows {
  rows: { id: number; name: string }[];
  next?: string;
  total: number;
}

describe("the inventory", () => {
  let web: TestWeb;
  let world: World;
  let token: string;
  /** An administrator of the second category only. */
  let own: string;

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
    own = await web.apiToken(await web.user("own", "administrator", { functionCategories: [world.ownFunction] }));
    const names = ["page2", "page10", "page1", "page-x", "page01", "page3"];
    for (const name of names) await web.store.inventory.createHost(newHost(name, world.foreignApp));
  });
  afterAll(() => web.close());

  const send = (method: string, path: string, body?: unknown, by = token) =>
    web.call(method, path, { token: by, ...(body === undefined ? {} : { body }) });
  async function json<T>(method: string, path: string, body?: unknown, by = token): Promise<T> {
    return (await (await send(method, path, body, by)).json()) as T;
  }
  const lastAudit = async () => (await web.store.audit.list({}, { limit: 1 })).rows[0];

  it("is listed in natural order, in pages that a change in between does not shift", async () => {
    const list = (more: string) => json<HostRows>("GET", `/hosts?query=page*&limit=2${more}`);
    const first = await list("");
    expect([first.rows.map(({ name }) => name), first.total]).toEqual([["page-x", "page1"], 6]);
    // What was seen goes away, and something comes before it.
    await send("DELETE", `/hosts/${first.rows[1]?.id}`);
    await send("POST", "/hosts", { name: "page-a", appCategoryId: world.foreignApp });
    const second = await list(`&cursor=${first.next}`);
    expect(second.rows.map(({ name }) => name)).toEqual(["page01", "page2"]);
    const third = await list(`&cursor=${second.next}`);
    expect([third.rows.map(({ name }) => name), third.next]).toEqual([["page3", "page10"], undefined]);
  });

  it("shows disabled hosts in the list and leaves them out of what a run would reach", async () => {
    await web.store.inventory.createHost(newHost("sleeper", world.ownApp, { enabled: false }));
    expect((await json<HostRows>("GET", "/hosts?query=sleeper")).total).toBe(1);
    expect(await json("POST", "/hosts/match", { query: "sleeper" })).toMatchObject({ count: 0 });
    await send("POST", "/hosts/delete", { query: "sleeper", expectedCount: 1 });
  });

  it("suggests what can stand at the cursor of a query, from the part of the inventory that its reader sees", async () => {
    const ask = (start: string, by?: string) =>
      json<{ options: { text: string; kind: string }[] }>(
        "POST",
        "/hosts/complete",
        { query: `own-1, ${start}`, cursor: 7 + start.length },
        by,
      );
    const seen = await ask("for");
    expect(seen).toMatchObject({ from: 7, to: 10 });
    expect(seen.options).toContainEqual({ text: "foreign-1", kind: "host", count: 1 });
    expect((await ask("for", own)).options).toEqual([]);
    expect((await ask("own", own)).options.map(({ text }) => text)).toContain("own-1");
  });

  it("says what a query matches, folded and by engine", async () => {
    expect(await json("POST", "/hosts/match", { query: "own-1 or foreign-1" })).toEqual({
      count: 2,
      hosts: "foreign-1,own-1",
      sample: [
        { id: world.foreignHost.id, name: "foreign-1" },
        { id: world.ownHost.id, name: "own-1" },
      ],
      engines: [{ engine: "ssh", count: 2 }],
      appCategories: [
        { id: world.foreignApp, count: 1 },
        { id: world.ownApp, count: 1 },
      ],
    });
  });

  it("counts hosts by category", async () => {
    const { functionCategories } = await json<{ functionCategories: object[] }>("GET", "/categories", undefined, own);
    expect(functionCategories).toEqual([
      {
        id: world.ownFunction,
        name: "own-function",
        zone: "",
        hostCount: 1,
        appCategories: [
          { id: world.ownApp, functionCategoryId: world.ownFunction, name: "own-app", zone: "", hostCount: 1 },
        ],
      },
    ]);
  });

  it("changes a host, and notes which and what", async () => {
    const change = { note: "moved", tags: ["db", "hot"], appCategoryId: world.ownApp };
    const host = await web.store.inventory.createHost(newHost("mover", world.foreignApp));
    expect(await json("PATCH", `/hosts/${host.id}`, change)).toMatchObject({ ...change, name: "mover", port: 22 });
    expect(await lastAudit()).toMatchObject({ action: "host.change", hosts: "1 host: mover", detail: change });
    await send("DELETE", `/hosts/${host.id}`);
    expect((await send("GET", `/hosts/${host.id}`)).status).toBe(404);
  });

  it("changes and deletes many only with the number that was seen", async () => {
    for (let index = 1; index <= 3; index++) {
      await web.store.inventory.createHost(newHost(`bulk${index}`, world.ownApp));
    }
    const wrong = await send("POST", "/hosts/change", { query: "bulk*", expectedCount: 2, change: { note: "x" } });
    expect([wrong.status, await wrong.json()]).toEqual([409, expect.objectContaining({ code: "store.conflict" })]);
    const named = { query: "bulk*", expectedCount: 3, change: { name: "all-the-same" } };
    expect((await send("POST", "/hosts/change", named)).status).toBe(422);
    expect(await json("POST", "/hosts/change", { query: "bulk*", expectedCount: 3, change: { note: "x" } })).toEqual({
      changed: 3,
      unchanged: 0,
      hosts: "bulk[1-3]",
      effects: [{ field: "note", count: 3, from: [{ value: "", count: 3 }], to: "x" }],
      applied: true,
    });
    expect(await json("POST", "/hosts/delete", { query: "bulk*", expectedCount: 3 })).toEqual({ deleted: 3 });
    expect(await lastAudit()).toMatchObject({ action: "host.delete", hosts: "3 hosts: bulk[1-3]" });
  });

  it("shows what a change of many would do, changes nothing then, and writes only those that differ", async () => {
    const { inventory } = web.store;
    for (const [name, tags] of [
      ["tag1", ["prod"]],
      ["tag2", ["prod", "old"]],
      ["tag3", ["new"]],
    ] as const) {
      await inventory.createHost({ ...newHost(name, world.ownApp), tags });
    }
    const change = { addTags: ["new"], removeTags: ["old"], appCategoryId: world.ownApp };
    const body = { query: "tag[1-3]", expectedCount: 3, change };
    const tagsOf = async () =>
      (await inventory.snapshot()).hosts.filter(({ name }) => name.startsWith("tag")).map(({ tags }) => tags);
    const before = (await web.store.audit.list({}, { limit: 1 })).rows[0]?.seq;

    const preview = await json("POST", "/hosts/change", { ...body, preview: true });
    expect(preview).toEqual({
      changed: 2,
      unchanged: 1,
      hosts: "tag[1-2]",
      effects: [
        {
          field: "addTags",
          count: 2,
          from: [
            { value: "prod", count: 1 },
            { value: "prod, old", count: 1 },
          ],
          to: "new",
        },
        { field: "removeTags", count: 1, from: [{ value: "prod, old", count: 1 }], to: "old" },
      ],
      applied: false,
    });
    expect(await tagsOf()).toEqual([["prod"], ["prod", "old"], ["new"]]);
    expect((await web.store.audit.list({}, { limit: 1 })).rows[0]?.seq).toBe(before);

    expect(await json("POST", "/hosts/change", body)).toEqual({ ...(preview as object), applied: true });
    expect(await tagsOf()).toEqual([["prod", "new"], ["prod", "new"], ["new"]]);
    expect(await lastAudit()).toMatchObject({ action: "host.change", hosts: "2 hosts: tag[1-2]", detail: { change } });
    const many = Array.from({ length: 64 }, (_, index) => `t${index}`);
    const tooMany = await send("POST", "/hosts/change", { ...body, change: { addTags: many } });
    expect([tooMany.status, await tooMany.json()]).toEqual([
      422,
      expect.objectContaining({ code: "inventory.invalid" }),
    ]);
    expect(await json("POST", "/hosts/delete", { query: "tag[1-3]", expectedCount: 3 })).toEqual({ deleted: 3 });
  });

  it("empties every field that a host can be without, on many hosts at once", async () => {
    const { inventory } = web.store;
    const filled = { ...newHost("full", world.ownApp), zone: "bj", user: "ops", os: "Debian 12", proxyJump: "gate" };
    await inventory.createHost({
      ...filled,
      note: "n",
      tags: ["a"],
      innerAddress: "10.1.0.1",
      outerAddress: "a.example",
    });
    await inventory.createHost(newHost("full2", world.ownApp));
    const none = { zone: "", user: "", os: "", proxyJump: "", note: "", tags: [], innerAddress: "", outerAddress: "" };
    const body = { query: "full*", expectedCount: 2, change: { ...none, credential: "" } };

    expect(await json("POST", "/hosts/change", body)).toMatchObject({ changed: 2, applied: true });
    const emptied = (await inventory.snapshot()).hosts.filter(({ name }) => name.startsWith("full"));
    expect(emptied).toEqual([expect.objectContaining(none), expect.objectContaining(none)]);
    await json("POST", "/hosts/delete", { query: "full*", expectedCount: 2 });
  });

  it.each([
    ["a name that is taken", { name: "own-1" }, 409, "inventory.duplicate", "/name"],
    ["a category that there is not", { appCategoryId: 9999 }, 422, "inventory.invalid", "/appCategoryId"],
    ["jump hosts that cannot be read", { proxyJump: "-oProxyCommand=id" }, 422, "inventory.invalid", "/proxyJump"],
    ["a name that would be an option", { name: "-oProxyCommand=id" }, 400, "request.invalid", "/name"],
    ["a field that there is not", { password: "x" }, 400, "request.invalid", "/password"],
  ])("refuses %s, with its place", async (_what, change, status, code, place) => {
    const host = await web.store.inventory.createHost(newHost("subject", world.foreignApp));
    const response = await send("PATCH", `/hosts/${host.id}`, change);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, problems: [{ place }] });
    await web.store.inventory.deleteHosts([host.id]);
  });

  it("lets who sees a part of it change only that part", async () => {
    expect((await send("POST", "/hosts", { name: "intruder", appCategoryId: world.ownApp }, own)).status).toBe(403);
    const text = `name,function_category,app_category,inner_address\nown-1,own-function,own-app,192.0.2.99\n`;
    const load = { format: "csv", text, preview: false };
    expect((await send("POST", "/hosts/import", load, own)).status).toBe(403);
    const out = await send("PATCH", `/hosts/${world.ownHost.id}`, { appCategoryId: world.foreignApp }, own);
    expect(out.status).toBe(422);
    const move = await send(
      "PATCH",
      `/app-categories/${world.ownApp}`,
      { functionCategoryId: world.foreignFunction },
      own,
    );
    expect(move.status).toBe(404);
    const zone = await send("PATCH", `/app-categories/${world.ownApp}`, { zone: "elsewhere" }, own);
    expect(await zone.json()).toMatchObject({ code: "access.denied", problems: [{ place: "/zone" }] });
    expect((await send("POST", "/function-categories", { name: "third" }, own)).status).toBe(403);
    const everything = { query: "", expectedCount: 1, change: { note: "mine" } };
    expect(await json("POST", "/hosts/change", everything, own)).toMatchObject({ changed: 1, hosts: "own-1" });
    const foreign = (await web.store.inventory.snapshot()).hosts.find(({ id }) => id === world.foreignHost.id);
    expect(foreign?.note).toBe("");
  });

  it.each([
    { name: "other" },
    { innerAddress: "192.0.2.66" },
    { outerAddress: "192.0.2.66" },
    { port: 2222 },
    { engines: ["local"] },
    { user: "root" },
    { credential: "theirs" },
    { proxyJump: "a@192.0.2.66" },
    { zone: "elsewhere" },
  ])("does not let who sees a part of it lead a host elsewhere: %o", async (change) => {
    const [field] = Object.keys(change);
    const before = (await web.store.inventory.snapshot()).hosts.find(({ id }) => id === world.ownHost.id);

    const one = await send("PATCH", `/hosts/${world.ownHost.id}`, { note: "x", ...change }, own);
    const many = await send("POST", "/hosts/change", { query: "own-1", expectedCount: 1, change }, own);
    const same = { [field as string]: before?.[field as keyof typeof before] };
    const unchanged = await send("PATCH", `/hosts/${world.ownHost.id}`, same, own);

    expect(await one.json()).toMatchObject({ code: "access.denied", problems: [{ place: `/${field}` }] });
    expect(await many.json()).toMatchObject({ code: "access.denied", problems: [{ place: `/change/${field}` }] });
    expect(unchanged.status).toBe(200);
    const { updatedAt: _now, ...after } = (await web.store.inventory.snapshot()).hosts.find(
      ({ id }) => id === world.ownHost.id,
    ) ?? { updatedAt: 0 };
    expect(after).toEqual({ ...before, updatedAt: undefined });
  });

  describe("imported from text", () => {
    const header = "name,function_category,app_category,inner_address\n";
    const row = (name: string, category = "own-function,own-app") => `${name},${category},192.0.2.7\n`;
    interface Report {
      added: { name: string }[];
      changed: { name: string }[];
      refused: { line: number; reason: string }[];
      applied: boolean;
    }
    const load = (text: string, more: object = {}, by = token) =>
      json<Report>("POST", "/hosts/import", { format: "csv", text, preview: false, ...more }, by);
    const has = async (name: string) => (await web.store.inventory.snapshot()).hosts.some((host) => host.name === name);

    it("is looked at first and changes nothing then", async () => {
      expect(await load(header + row("new-1"), { preview: true })).toMatchObject({
        added: [{ name: "new-1" }],
        applied: false,
      });
      expect(await has("new-1")).toBe(false);
      expect(await load(header + row("new-1"))).toMatchObject({ added: [{ name: "new-1" }], applied: true });
      expect(await lastAudit()).toMatchObject({ action: "host.import", hosts: "1 host: new-1", detail: { added: 1 } });
    });

    it("is all or nothing where a row is refused, unless refused rows are to be left out", async () => {
      const text = header + row("new-2") + row("-bad");
      expect(await load(text)).toMatchObject({ refused: [{ line: 3 }], applied: false });
      expect(await has("new-2")).toBe(false);
      expect(await load(text, { skipRefused: true })).toMatchObject({ added: [{ name: "new-2" }], applied: true });
      expect(await has("new-2")).toBe(true);
    });

    it("reads an ssh_config", async () => {
      const text = "Host conf-1\n  HostName 192.0.2.9\n  Port 2222\n  User deploy\n";
      const more = { format: "ssh_config", category: "own-function/own-app" };
      expect(await load(text, more)).toMatchObject({ added: [{ name: "conf-1" }], applied: true });
      const host = (await web.store.inventory.snapshot()).hosts.find(({ name }) => name === "conf-1");
      expect(host).toMatchObject({ port: 2222, user: "deploy", appCategoryId: world.ownApp });
    });

    it("comes out as CSV that goes in again without a change", async () => {
      const response = await send("GET", "/hosts/export");
      expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
      const text = await response.text();
      expect(text).toContain("conf-1");
      const again = await load(text);
      expect(again).toMatchObject({ added: [], changed: [], refused: [], applied: true });
    });
  });
});

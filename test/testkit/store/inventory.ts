import { describe, expect, it } from "vitest";
import { aHost, anAppCategory, anImportedHost, uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

export const inventorySuite: StoreSuite = (context) => {
  describe("categories", () => categories(context));
  describe("hosts", () => hosts(context));
  describe("the snapshot", () => snapshots(context));
  describe("import", () => imports(context));
  describe("bad input", () => badInput(context));
};

function categories(context: () => StoreContext): void {
  it("refuses a name that is taken at its level, and takes it at another", async () => {
    const { inventory } = context().store;
    const name = uniqueName("Linux");
    const first = await inventory.createFunctionCategory(name);
    const other = await inventory.createFunctionCategory(uniqueName("Linux"));
    await inventory.createAppCategory(first.id, "bbs");

    await expect(inventory.createFunctionCategory(name)).rejects.toMatchObject({ code: "inventory.duplicate" });
    await expect(inventory.changeFunctionCategory(other.id, { name })).rejects.toMatchObject({
      code: "inventory.duplicate",
    });
    await expect(inventory.createAppCategory(first.id, "bbs")).rejects.toMatchObject({ code: "inventory.duplicate" });
    await expect(inventory.createAppCategory(other.id, "bbs")).resolves.toMatchObject({ name: "bbs" });
  });

  it("renames and moves", async () => {
    const { inventory } = context().store;
    const first = await inventory.createFunctionCategory(uniqueName("Linux"));
    const second = await inventory.createFunctionCategory(uniqueName("Linux"));
    const app = await inventory.createAppCategory(first.id, "bbs");
    const name = uniqueName("renamed");

    await inventory.changeFunctionCategory(first.id, { name });
    await inventory.changeAppCategory(app.id, { name: "wiki", functionCategoryId: second.id });

    const { functionCategories, appCategories } = await inventory.snapshot();
    expect(functionCategories).toContainEqual({ id: first.id, name, zone: "" });
    expect(appCategories).toContainEqual({ id: app.id, functionCategoryId: second.id, name: "wiki", zone: "" });
  });

  it("are not moved to where one of their name stands, which is told by name", async () => {
    const { inventory } = context().store;
    const [first, second] = [uniqueName("Linux"), uniqueName("Linux")];
    const app = await inventory.createAppCategory((await inventory.createFunctionCategory(first)).id, "www");
    const { id: functionCategoryId } = await inventory.createFunctionCategory(second);
    await inventory.createAppCategory(functionCategoryId, "www");

    await expect(inventory.changeAppCategory(app.id, { functionCategoryId })).rejects.toMatchObject({
      code: "inventory.duplicate",
      message: "The app category “www” is already taken. Please choose another name",
    });
  });

  it("give their hosts a zone, and keep it through other changes", async () => {
    const { inventory } = context().store;
    const first = await inventory.createFunctionCategory(uniqueName("Linux"), "bj");
    const app = await inventory.createAppCategory(first.id, "bbs", "上海");
    expect([first.zone, app.zone]).toEqual(["bj", "上海"]);

    await inventory.changeFunctionCategory(first.id, { name: uniqueName("Linux") });
    await inventory.changeAppCategory(app.id, { name: "wiki" });
    const kept = await inventory.snapshot();
    await inventory.changeFunctionCategory(first.id, { zone: "" });
    await inventory.changeAppCategory(app.id, { zone: "bj-2" });
    const changed = await inventory.snapshot();

    expect(kept.functionCategories).toContainEqual(expect.objectContaining({ id: first.id, zone: "bj" }));
    expect(kept.appCategories).toContainEqual(expect.objectContaining({ id: app.id, zone: "上海" }));
    expect(changed.functionCategories).toContainEqual(expect.objectContaining({ id: first.id, zone: "" }));
    expect(changed.appCategories).toContainEqual(expect.objectContaining({ id: app.id, zone: "bj-2" }));
    for (const refused of [
      () => inventory.createFunctionCategory(uniqueName("Linux"), "two words"),
      () => inventory.createAppCategory(first.id, "x", "-bj"),
      () => inventory.changeFunctionCategory(first.id, { zone: "zone:bj" }),
      () => inventory.changeAppCategory(app.id, { zone: "a/b" }),
    ]) {
      await expect(refused()).rejects.toMatchObject({ code: "inventory.invalid" });
    }
  });

  it("keeps a category while something stands in it", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);
    const { appCategories } = await inventory.snapshot();
    const functionCategoryId = appCategories.find((app) => app.id === appCategoryId)?.functionCategoryId ?? 0;
    const host = await inventory.createHost(aHost({ appCategoryId }));

    await expect(inventory.deleteFunctionCategory(functionCategoryId)).rejects.toMatchObject({
      code: "inventory.in_use",
    });
    await expect(inventory.deleteAppCategory(appCategoryId)).rejects.toMatchObject({ code: "inventory.in_use" });

    await inventory.deleteHosts([host.id]);
    await inventory.deleteAppCategory(appCategoryId);
    await inventory.deleteFunctionCategory(functionCategoryId);
    const after = await inventory.snapshot();
    expect(after.functionCategories.map((category) => category.id)).not.toContain(functionCategoryId);
  });

  it("says what is not there", async () => {
    const { inventory } = context().store;
    const missing = { code: "request.not_found" };
    await expect(inventory.changeFunctionCategory(999_999, { name: "x" })).rejects.toMatchObject(missing);
    await expect(inventory.deleteFunctionCategory(999_999)).rejects.toMatchObject(missing);
    await expect(inventory.changeAppCategory(999_999, {})).rejects.toMatchObject(missing);
    await expect(inventory.deleteAppCategory(999_999)).rejects.toMatchObject(missing);
    await expect(inventory.createAppCategory(999_999, "x")).rejects.toMatchObject({ code: "inventory.invalid" });
  });
}

function hosts(context: () => StoreContext): void {
  it("keeps every field of a host", async () => {
    const { inventory } = context().store;
    const host = aHost({
      appCategoryId: await anAppCategory(context().store),
      innerAddress: "2001:db8::1",
      port: 2222,
      engines: ["local"],
      credential: "deploy",
      zone: "bj",
      proxyJump: "ops@gate.example:2200,root@inner",
      tags: ["db", "主机"],
      enabled: false,
      claim: false,
      note: "second rack\nleft",
    });

    const created = await inventory.createHost(host);

    expect(created).toMatchObject(host);
    expect((await inventory.snapshot()).hosts).toContainEqual(created);
  });

  it("lets a host keep what it runs unless it is told not to, and changes that", async () => {
    const { inventory } = context().store;
    const { id, claim } = await inventory.createHost(aHost({ appCategoryId: await anAppCategory(context().store) }));
    const claimOf = async () => (await inventory.snapshot()).hosts.find((host) => host.id === id)?.claim;

    await inventory.changeHosts([id], { claim: false });
    const without = await claimOf();
    await inventory.changeHosts([id], { os: "Alpine" });

    expect([claim, without, await claimOf()]).toEqual([true, false, false]);
  });

  it("refuses a name that is taken and a category that is not there", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);
    const { name } = await inventory.createHost(aHost({ appCategoryId }));

    await expect(inventory.createHost(aHost({ appCategoryId, name }))).rejects.toMatchObject({
      code: "inventory.duplicate",
    });
    await expect(inventory.createHost(aHost({ appCategoryId: 999_999 }))).rejects.toMatchObject({
      code: "inventory.invalid",
    });
  });

  it("changes all or none", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);
    const first = await inventory.createHost(aHost({ appCategoryId }));
    const second = await inventory.createHost(aHost({ appCategoryId }));
    const osOf = async () => {
      const { hosts } = await inventory.snapshot();
      return [first.id, second.id].map((id) => hosts.find((host) => host.id === id)?.os);
    };

    await expect(inventory.changeHosts([first.id, 999_999], { os: "Alpine" })).rejects.toMatchObject({
      code: "request.not_found",
    });
    await expect(inventory.changeHosts([first.id, second.id], { os: "Alpine", name: "one" })).rejects.toMatchObject({
      code: "inventory.duplicate",
    });
    await expect(inventory.changeHosts([first.id], { appCategoryId: 999_999 })).rejects.toMatchObject({
      code: "inventory.invalid",
    });
    expect(await osOf()).toEqual(["Debian 12", "Debian 12"]);

    await inventory.changeHosts([first.id, second.id, second.id], { os: "Alpine", tags: ["new"], enabled: false });
    expect(await osOf()).toEqual(["Alpine", "Alpine"]);
    const changed = (await inventory.snapshot()).hosts.find((host) => host.id === first.id);
    expect(changed).toMatchObject({ tags: ["new"], enabled: false, name: first.name, port: 22 });
  });

  it("adds and takes tags besides those that each host carries, all or none", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);
    const given = [["a"], ["b", "主机"], ["a", "b"], []];
    const ids: number[] = [];
    for (const tags of given) ids.push((await inventory.createHost(aHost({ appCategoryId, tags }))).id);
    const tagsOf = async () => {
      const { hosts } = await inventory.snapshot();
      return ids.map((id) => hosts.find((host) => host.id === id)?.tags);
    };
    const change = { addTags: ["c", "a"], removeTags: ["b"], os: "Alpine" };

    await expect(inventory.changeHosts([...ids, 999_999], change)).rejects.toMatchObject({ code: "request.not_found" });
    expect(await tagsOf()).toEqual(given);
    await inventory.changeHosts(ids, change);

    expect(await tagsOf()).toEqual([
      ["a", "c"],
      ["主机", "c", "a"],
      ["a", "c"],
      ["c", "a"],
    ]);
    expect((await inventory.snapshot()).hosts.find(({ id }) => id === ids[3])?.os).toBe("Alpine");
  });

  it("deletes all or none", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);
    const host = await inventory.createHost(aHost({ appCategoryId }));
    const isThere = async () => (await inventory.snapshot()).hosts.some(({ id }) => id === host.id);

    await expect(inventory.deleteHosts([host.id, 999_999])).rejects.toMatchObject({ code: "request.not_found" });
    expect(await isThere()).toBe(true);
    await inventory.deleteHosts([host.id]);
    expect(await isThere()).toBe(false);
  });
}

function snapshots(context: () => StoreContext): void {
  it("is the same object while nothing changes, and another one after each change", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);
    const before = await inventory.snapshot();
    expect(await inventory.snapshot()).toBe(before);

    const host = await inventory.createHost(aHost({ appCategoryId }));
    const created = await inventory.snapshot();
    await inventory.changeHosts([host.id], { note: "changed" });
    const changed = await inventory.snapshot();
    await inventory.deleteHosts([host.id]);
    const deleted = await inventory.snapshot();

    expect(before.hosts).not.toContainEqual(expect.objectContaining({ id: host.id }));
    expect(created.hosts).toContainEqual(expect.objectContaining({ id: host.id, note: "" }));
    expect(changed.hosts).toContainEqual(expect.objectContaining({ id: host.id, note: "changed" }));
    expect(deleted.hosts).not.toContainEqual(expect.objectContaining({ id: host.id }));
    expect([created.version, changed.version, deleted.version]).toEqual([1, 2, 3].map((step) => before.version + step));
  });

  it("shows what another web server changed", async () => {
    const { inventory } = context().store;
    const other = await context().openAgain();
    const appCategoryId = await anAppCategory(context().store);
    const host = await inventory.createHost(aHost({ appCategoryId }));
    await inventory.snapshot();

    await other.inventory.changeHosts([host.id], { note: "by the other" });
    const added = await other.inventory.createHost(aHost({ appCategoryId }));

    const { hosts } = await inventory.snapshot();
    expect(hosts).toContainEqual(expect.objectContaining({ id: host.id, note: "by the other" }));
    expect(hosts.at(-1)?.id).toBe(added.id);
    expect(hosts.map(({ id }) => id)).toEqual(hosts.map(({ id }) => id).sort((left, right) => left - right));
  });

  it("is whole for every one of many callers between many changes", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);

    const seen = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const host = await inventory.createHost(aHost({ appCategoryId }));
        return (await inventory.snapshot()).hosts.some(({ id }) => id === host.id);
      }),
    );

    expect(seen).toEqual(seen.map(() => true));
  });
}

function imports(context: () => StoreContext): void {
  it("adds what is new, changes what differs, leaves the rest", async () => {
    const { inventory } = context().store;
    const path = { functionCategory: uniqueName("Linux"), appCategory: "bbs" };
    const same = anImportedHost(path);
    const old = anImportedHost(path);
    expect(await inventory.importHosts([same, old])).toEqual({ added: 2, changed: 0 });
    const idOf = async (name: string) => (await inventory.snapshot()).hosts.find((host) => host.name === name)?.id;
    const oldId = await idOf(old.name);

    const moved = { ...old, appCategory: "wiki", os: "Alpine" };
    expect(await inventory.importHosts([same, moved, anImportedHost(path)])).toEqual({ added: 1, changed: 1 });

    const { hosts, appCategories } = await inventory.snapshot();
    const host = hosts.find(({ name }) => name === old.name);
    expect(host).toMatchObject({ id: oldId, os: "Alpine" });
    expect(appCategories.find(({ id }) => id === host?.appCategoryId)?.name).toBe("wiki");
    expect(await inventory.importHosts([same, moved])).toEqual({ added: 0, changed: 0 });
  });

  it("keeps what it learnt of the hosts that are there", async () => {
    const { inventory } = context().store;
    const host = anImportedHost();
    await inventory.importHosts([host]);
    const { id = 0 } = (await inventory.snapshot()).hosts.find(({ name }) => name === host.name) ?? {};

    await inventory.learnFacts(new Map([[host.name, { os: "old" }]]));
    await inventory.learnFacts(
      new Map([
        [host.name, { os: "Debian", cpus: 4 }],
        ["nobody-knows-it", { os: "x" }],
      ]),
    );

    expect(await inventory.facts(id)).toEqual({ at: expect.any(Number) as number, facts: { os: "Debian", cpus: 4 } });
  });

  it("writes nothing when one row is bad", async () => {
    const { inventory } = context().store;
    const before = await inventory.snapshot();
    const good = anImportedHost({ functionCategory: uniqueName("never") });

    for (const bad of [anImportedHost({ name: "a\0b" }), anImportedHost({ functionCategory: "" }), good]) {
      const code = bad === good ? "inventory.duplicate" : "inventory.invalid";
      await expect(inventory.importHosts([good, bad])).rejects.toMatchObject({ code });
    }

    expect(await inventory.snapshot()).toBe(before);
  });

  it("takes thousands of hosts with few statements", async () => {
    const statements: string[] = [];
    const store = await context().openAgain({ onQuery: ({ sql }) => statements.push(sql) });
    const many = Array.from({ length: 3000 }, (_, at) => anImportedHost({ appCategory: `app-${at % 50}` }));
    const hostsBefore = (await store.inventory.snapshot()).hosts.length;

    statements.length = 0;
    expect(await store.inventory.importHosts(many)).toEqual({ added: 3000, changed: 0 });
    expect(await store.inventory.importHosts(many.map((host) => ({ ...host, os: "Alpine" })))).toEqual({
      added: 0,
      changed: 3000,
    });

    expect(statements.length).toBeLessThan(60);
    const { hosts } = await store.inventory.snapshot();
    expect(hosts.length - hostsBefore).toBe(3000);
    expect(hosts.filter(({ os }) => os === "Alpine").length).toBeGreaterThanOrEqual(3000);
  });
}

function badInput(context: () => StoreContext): void {
  const kept = [
    `it's "quoted" \\ and ; drop table host; --`,
    "{{7*7}}",
    "$(touch canary)",
    "__proto__",
    "constructor",
    "-oProxyCommand=x",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 😀 主机",
    "two\nlines\tand a tab",
    "CASE",
    "case",
    "space at the end ",
    "space at the end",
    "%_!",
    "?",
    "$1",
    ":name",
  ];

  it("keeps every name as it is and tells them all apart", async () => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);

    const created = [];
    for (const name of kept)
      created.push(await inventory.createHost(aHost({ appCategoryId, name, note: name, tags: [name] })));
    const functionCategory = await inventory.createFunctionCategory("__proto__");

    const { hosts, functionCategories } = await inventory.snapshot();
    expect(created.map(({ id }) => hosts.find((host) => host.id === id))).toEqual(created);
    expect(functionCategories).toContainEqual(functionCategory);
    await inventory.importHosts(
      kept.map((name) => anImportedHost({ name, functionCategory: name, appCategory: name })),
    );
    const paths = (await inventory.snapshot()).appCategories.map(({ name }) => name);
    expect(paths).toEqual(expect.arrayContaining(kept));
  });

  it.each([
    ["NUL", "a\0b"],
    ["half a surrogate pair", "a\ud800b"],
    ["1 MB", "x".repeat(1_048_576)],
    ["nothing", ""],
  ])("refuses a name of %s and names the field", async (_, name) => {
    const { inventory } = context().store;
    const appCategoryId = await anAppCategory(context().store);
    const before = await inventory.snapshot();
    const refused = { code: "inventory.invalid", message: expect.stringMatching(/name/i) as string };

    await expect(inventory.createFunctionCategory(name)).rejects.toMatchObject(refused);
    await expect(inventory.createAppCategory(1, name)).rejects.toMatchObject(refused);
    await expect(inventory.createHost(aHost({ appCategoryId, name }))).rejects.toMatchObject(refused);
    await expect(inventory.importHosts([anImportedHost({ name })])).rejects.toMatchObject(refused);
    expect(await inventory.snapshot()).toBe(before);
  });
}

import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, type Database } from "../../../src/web/store/database.ts";
import type { FirstOmserverImport } from "../../../src/web/store/repositories/first-omserver.ts";
import { aHost, aManifest, uniqueName } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

export const firstOmserverSuite: StoreSuite = (context) => {
  let database: Database;
  beforeAll(() => {
    database = connect(context().config);
  });
  afterAll(() => database.close());

  function content(change: Partial<FirstOmserverImport> = {}): FirstOmserverImport {
    return {
      functionCategories: [],
      appCategories: [],
      hosts: [],
      newModules: [],
      changedModules: [],
      commands: [],
      ...change,
    };
  }
  function command(hostName: string, more: Partial<FirstOmserverImport["commands"][number]> = {}) {
    return {
      identity: uniqueName("identity"),
      address: "192.168.1.11",
      hostName,
      loginUser: "root",
      typedAt: 1_415_928_600_000,
      receivedAt: 1_415_928_605_000,
      command: "rm -rf '中文' \\ \n🐧",
      ...more,
    };
  }

  it("is written whole: categories without hosts, hosts, modules and commands, these once", async () => {
    const { store } = context();
    const [functionCategory, empty, name] = [uniqueName("Linux.Web"), uniqueName("Empty"), uniqueName("web")];
    const { appCategoryId: _, ...host } = aHost({ appCategoryId: 1, name });
    const { id: __, ...manifest } = { ...aManifest({ id: 1 }), key: uniqueName("omserver-v1") };
    const [known, stranger] = [command(name), command("nobody")];

    await store.firstOmserver.apply(
      content({
        functionCategories: [empty],
        appCategories: [{ functionCategory, appCategory: "bbs" }],
        hosts: [{ ...host, functionCategory, appCategory: "bbs" }],
        newModules: [manifest],
        commands: [known, stranger],
      }),
      "alice",
    );
    await store.firstOmserver.apply(content({ commands: [known, stranger] }), "alice");

    const snapshot = await store.inventory.snapshot();
    const found = snapshot.hosts.find((each) => each.name === name);
    expect(snapshot.functionCategories.map((each) => each.name)).toEqual(
      expect.arrayContaining([functionCategory, empty]),
    );
    expect((await store.modules.list()).find((module) => module.key === manifest.key)).toMatchObject({
      version: 1,
      builtIn: false,
      updatedBy: "alice",
    });
    const rows = await database.reader
      .selectFrom("shell_command")
      .selectAll()
      .where("source_key", "in", [`omserver-v1:${known.identity}`, `omserver-v1:${stranger.identity}`])
      .orderBy("id")
      .execute();
    expect(rows).toMatchObject([
      {
        host_id: found?.id,
        host_name: name,
        typed_at: known.typedAt,
        received_at: known.receivedAt,
        command: known.command,
      },
      { host_id: null, host_name: "nobody" },
    ]);
    expect(await store.firstOmserver.knownCommands([known.identity, "another"])).toEqual(new Set([known.identity]));
  });

  it("is written not at all when a part of it cannot be", async () => {
    const { store } = context();
    const functionCategory = uniqueName("Half");
    const taken = (await store.modules.list())[0]?.key ?? "";
    const { id: _, ...manifest } = { ...aManifest({ id: 1 }), key: taken };
    const half = content({ functionCategories: [functionCategory], newModules: [manifest], commands: [command("x")] });

    await expect(store.firstOmserver.apply(half, "alice")).rejects.toMatchObject({ code: "inventory.duplicate" });

    const { functionCategories } = await store.inventory.snapshot();
    expect(functionCategories.map((each) => each.name)).not.toContain(functionCategory);
    expect(await store.firstOmserver.knownCommands(half.commands.map((each) => each.identity))).toEqual(new Set());
  });

  it("keeps the commands of a host that is removed", async () => {
    const { store } = context();
    const name = uniqueName("gone");
    const { appCategoryId: _, ...host } = aHost({ appCategoryId: 1, name });
    const only = command(name);
    const place = { functionCategory: uniqueName("Linux"), appCategory: "a" };
    await store.firstOmserver.apply(content({ hosts: [{ ...host, ...place }], commands: [only] }), "alice");
    const id = (await store.inventory.snapshot()).hosts.find((each) => each.name === name)?.id ?? 0;

    await store.inventory.deleteHosts([id]);

    const row = await database.reader
      .selectFrom("shell_command")
      .selectAll()
      .where("source_key", "=", `omserver-v1:${only.identity}`)
      .executeTakeFirst();
    expect(row).toMatchObject({ host_id: null, host_name: name });
  });
};

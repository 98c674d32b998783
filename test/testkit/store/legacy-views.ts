import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect, type Database } from "../../../src/web/store/database.ts";
import { aHost, aManifest } from "./builders.ts";
import type { StoreSuite } from "./context.ts";

/** As a script written against the first OMServer reads them: by the old names, through SQL. */
export const legacyViewsSuite: StoreSuite = (context) => {
  let database: Database;

  beforeAll(async () => {
    const { store, config } = context();
    const category = await store.inventory.createFunctionCategory(
      "Linux.Web 服务器 longer than the old twenty characters",
    );
    const app = await store.inventory.createAppCategory(category.id, "bbs.domain.com");
    const appCategoryId = app.id;
    await store.inventory.createHost(aHost({ appCategoryId, name: "web01.a-name-longer-than-thirteen" }));
    await store.inventory.createHost(
      aHost({ appCategoryId, name: "web02", innerAddress: "", outerAddress: "2001:db8::1", os: "CentOS 7" }),
    );
    const manifest = aManifest({ id: 1001 });
    await store.modules.syncBuiltIn([manifest]);
    await store.modules.addVersion(1001, { ...manifest, name: { zh: "新名", en: "New" } }, 1, "alice");
    database = connect(config);
  });

  afterAll(() => database.close());

  const rows = async (text: string) => (await sql.raw<Record<string, unknown>>(text).execute(database.reader)).rows;

  it("shows the first level", async () => {
    expect(await rows("select * from server_fun_categ")).toEqual([
      { ID: 1, server_categ_name: "Linux.Web 服务器 longer than the old twenty characters" },
    ]);
  });

  it("shows the second level", async () => {
    expect(await rows("select * from server_app_categ")).toEqual([
      { ID: 1, server_categ_id: 1, app_categ_name: "bbs.domain.com" },
    ]);
  });

  it("shows the hosts, each with an address to reach it", async () => {
    expect(await rows("select * from server_list order by server_name")).toEqual([
      {
        server_name: "web01.a-name-longer-than-thirteen",
        server_wip: "192.0.2.1",
        server_lip: "10.0.0.1",
        server_op: "Debian 12",
        server_app_id: 1,
      },
      {
        server_name: "web02",
        server_wip: "2001:db8::1",
        server_lip: "2001:db8::1",
        server_op: "CentOS 7",
        server_app_id: 1,
      },
    ]);
  });

  it("shows the modules in their newest version", async () => {
    const [module] = await rows("select * from module_list");
    expect(module).toMatchObject({ ID: 1001, module_name: "新名", module_caption: "最后 N 行" });
    expect(JSON.parse(String(module?.module_extend))).toMatchObject({ properties: { lines: { type: "integer" } } });
  });

  it("joins as the old pages did", async () => {
    const id = sql.ref("ID");
    const query = sql<{ server_name: string }>`select server_name from server_list
      join server_app_categ on server_app_categ.${id} = server_list.server_app_id
      join server_fun_categ on server_fun_categ.${id} = server_app_categ.server_categ_id
      where server_lip = '10.0.0.1'`;
    expect((await query.execute(database.reader)).rows).toHaveLength(1);
  });

  it("takes no writes", async () => {
    const write = (db: Kysely<never>, text: string) => sql.raw(text).execute(db);
    for (const text of [
      "delete from server_fun_categ",
      "update server_app_categ set app_categ_name = 'x'",
      "insert into server_list (server_name) values ('x')",
      "update module_list set module_name = 'x'",
    ]) {
      await expect(write(database.writer as unknown as Kysely<never>, text)).rejects.toThrow();
    }
    expect(await rows("select * from server_list")).toHaveLength(2);
  });
};

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { z } from "zod";
import { mysqldumpDump, phpMyAdminDump } from "../../../test/testkit/first-omserver-dump.ts";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld } from "../../../test/testkit/web-world.ts";
import type { firstOmserverReport } from "../../contract/http/schemas/first-omserver.ts";

type Report = z.output<typeof firstOmserverReport>;

describe("a dump of the first OMServer", () => {
  let web: TestWeb;
  let token: string;

  beforeEach(async () => {
    web = await startWeb();
    token = await web.apiToken((await createWorld(web)).administrator);
  });
  afterEach(() => web.close());

  async function send(text: string, more: object = {}): Promise<Report> {
    const body = { text, preview: false, skipRefused: true, ...more };
    const response = await web.call("POST", "/imports/omserver-v1", { token, body });
    expect(response.status).toBe(200);
    return (await response.json()) as Report;
  }
  async function inventory() {
    const { functionCategories, appCategories, hosts } = await web.store.inventory.snapshot();
    return { functionCategories, appCategories, hosts };
  }

  it("is shown before anything is written, with what is refused and why", async () => {
    const before = await inventory();

    const report = await send(phpMyAdminDump, { preview: true });

    expect(report.applied).toBe(false);
    expect(report.functionCategories).toEqual({ added: ["Linux.Web", "Linux.Mysql", "Windows.Mssql"], unchanged: 0 });
    expect(report.appCategories.added).toEqual(["Linux.Web/bbs.domain.com", "Linux.Mysql/db.domain.com"]);
    expect(report.hosts.added.map(({ name }) => name)).toEqual(["web1", "app-server-01", "db2"]);
    expect(report.refused.map(({ table, text, reason }) => [table, text, reason])).toEqual([
      ["server_app_categ", "nowhere.domain.com", expect.stringContaining("category 9")],
      ["server_list", "app-server-01", expect.stringContaining("stands in line")],
      ["server_list", "db 1", expect.stringContaining("name must begin with")],
      ["server_list", "lost", expect.stringContaining("category 77")],
      ["module_list", "上传", expect.stringContaining('type="file"')],
      ["server_history", "uptime", expect.stringContaining("not a time")],
    ]);
    expect(report.notes.map(({ text }) => text)).toContain("app-server-01");
    expect(await inventory()).toEqual(before);
  });

  it("writes nothing while something is refused, unless that was asked", async () => {
    const before = await inventory();

    expect((await send(phpMyAdminDump, { skipRefused: false })).applied).toBe(false);

    expect(await inventory()).toEqual(before);
  });

  it("becomes categories, hosts, modules and history, once", async () => {
    const report = await send(phpMyAdminDump, { engines: ["omserver-v1", "ssh"] });
    const again = await send(phpMyAdminDump);

    expect(report.applied).toBe(true);
    const { hosts, functionCategories } = await inventory();
    expect(functionCategories.map(({ name }) => name)).toEqual(expect.arrayContaining(["Linux.Web", "Windows.Mssql"]));
    expect(hosts.find(({ name }) => name === "web1")).toMatchObject({
      outerAddress: "203.0.113.1",
      innerAddress: "192.168.1.11",
      os: "Centos 6",
      engines: ["omserver-v1", "ssh"],
    });
    const modules = await web.store.modules.list();
    const log = modules.find(({ key }) => key === "omserver-v1-1001")?.manifest;
    expect(log).toMatchObject({
      name: { zh: "查看系统日志" },
      description: { zh: "说明：查看系统日志。 it's read only" },
      parameters: { properties: { sys_param_1: { title: "行数", default: "30", maxLength: 4 } } },
      run: { engines: { "omserver-v1": { kind: "native", name: "Mid_1001" } } },
    });
    const restart = modules.find(({ key }) => key === "omserver-v1-1007")?.manifest;
    expect(restart?.parameters.properties.sys_param_1).toMatchObject({ enum: ["nginx", "mysql"], default: "nginx" });
    expect(again).toMatchObject({
      functionCategories: { added: [], unchanged: 3 },
      appCategories: { added: [], unchanged: 2 },
      hosts: { added: [], changed: [], unchanged: 3 },
      modules: { added: [], changed: [], unchanged: 3 },
      commands: { added: 0, unchanged: 2 },
    });
    const { rows } = await web.store.audit.list({}, { limit: 10 });
    expect(rows.find(({ action }) => action === "omserver-v1.import")).toMatchObject({
      detail: { commands: 2, functionCategories: 3 },
    });
  });

  it("keeps what an operator has changed since where the dump does not speak of it", async () => {
    await send(mysqldumpDump);
    const host = (await inventory()).hosts.find(({ name }) => name === "web1");
    if (host === undefined) throw new Error("the host is missing");
    await web.store.inventory.changeHosts([host.id], { engines: ["salt"], note: "rack 4" });

    const report = await send(mysqldumpDump.replace("203.0.113.1", "203.0.113.9"));

    expect(report.hosts.changed).toMatchObject([{ name: "web1", fields: ["outerAddress"] }]);
    expect((await inventory()).hosts.find(({ name }) => name === "web1")).toMatchObject({
      outerAddress: "203.0.113.9",
      engines: ["salt"],
      note: "rack 4",
    });
  });

  it("holds times of the zone that is named", async () => {
    const wrong = await web.call("POST", "/imports/omserver-v1", {
      token,
      body: { text: mysqldumpDump, preview: true, timeZone: "Mars/Olympus" },
    });

    expect(wrong.status).toBe(400);
  });

  it("is nothing for who sees only a part of the inventory", async () => {
    const part = await web.user("part", "administrator", { functionCategories: [1] });

    const response = await web.call("POST", "/imports/omserver-v1", {
      token: await web.apiToken(part),
      body: { text: mysqldumpDump, preview: true },
    });

    expect(response.status).toBe(403);
  });
});

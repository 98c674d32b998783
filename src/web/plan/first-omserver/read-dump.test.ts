import { describe, expect, it } from "vitest";
import { windowsDump } from "../../../../test/testkit/first-omserver-dump.ts";
import { readFirstOmserver } from "./read-dump.ts";

const options = { timeZone: "Asia/Shanghai", engines: ["ssh"] } as const;

describe("a dump of mysqldump 5.1 on Windows", () => {
  it("is taken over whole: what a row does not become is told", () => {
    const read = readFirstOmserver(windowsDump("utf8"), options);

    expect(read.functionCategories).toEqual(["Linux.Web", "数据库"]);
    expect(read.appCategories.map((app) => app.appCategory)).toEqual(["bbs.domain.com", "订单库"]);
    expect(read.hosts.map(({ name, fields }) => [name, fields.innerAddress, fields.os])).toEqual([
      ["web1", "192.168.1.10", "Centos 6.2"],
      ["db1", "192.168.10.7", "Redhat 5"],
    ]);
    expect(read.commands.map(({ command, typedAt }) => [command, typedAt])).toEqual([
      ["grep '错误' /var/log/messages | awk '{print $1}' \\\n", Date.UTC(2012, 10, 14, 1, 30)],
    ]);
    expect(read.modules.map(({ oldId }) => oldId)).toEqual([1001, 1002, 1003, 1004, 1005, 1006]);
    expect(read.refused.map(({ table, reason }) => [table, reason])).toEqual([
      ["module_list", expect.stringContaining('type="checkbox"')],
    ]);
  });

  it("has its forms with labels, defaults, choices and lengths, and tells what of them is left out", () => {
    const read = readFirstOmserver(windowsDump("utf8"), options);
    const parametersOf = (id: number) =>
      read.modules.find(({ oldId }) => oldId === id)?.manifest.parameters.properties ?? {};

    expect(parametersOf(1001).sys_param_1).toMatchObject({
      title: "显示",
      description: "行",
      default: "30",
      maxLength: 4,
    });
    expect(parametersOf(1002).sys_param_1).toMatchObject({ title: "行数", default: "10" });
    expect(parametersOf(1005).sys_param_1).toMatchObject({
      title: "应用",
      enum: ["nginx", "haproxy"],
      default: "nginx",
      "x-zh": { enum: { nginx: "Nginx", haproxy: "HAProxy" } },
    });
    expect(parametersOf(1005).sys_param_2).toMatchObject({
      title: "说明",
      description: "可为空",
      format: "multiline",
      default: "同步\n文件",
    });
    expect(parametersOf(1006).sys_param_1).toMatchObject({ title: "应用", enum: ["nginx", "mysql"], default: "nginx" });
    expect(parametersOf(1006).sys_param_2).toMatchObject({ const: "cat" });
    expect(read.modules[0]?.manifest.description.zh).toBe("查看系统日志 默认30行");
    const notes = read.notes.map(({ reason }) => reason).join("\n");
    for (const told of ["the onkeyup of an <input>", "the onchange of an <select>", "192.168.10.7", "server_op"]) {
      expect(notes).toContain(told);
    }
  });
});

describe("a dump that is not what it was", () => {
  it("tells of text that was encoded twice, and takes none of it over", () => {
    const twice = Buffer.from("数据库").toString("latin1");
    const windows = [...Buffer.from("查看")].map((byte) => new TextDecoder("windows-1252").decode(Uint8Array.of(byte)));
    const read = readFirstOmserver(
      `INSERT INTO server_fun_categ VALUES (1,'${twice}'),(2,'Caf\u00e9 d\u2019\u00eele'),(3,'${windows.join("")}');`,
      options,
    );

    expect(read.functionCategories).toEqual(["Caf\u00e9 d\u2019\u00eele"]);
    expect(read.refused.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("encoded twice"),
      expect.stringContaining("encoded twice"),
    ]);
  });

  it("tells of columns that it lacks, or has besides", () => {
    const read = readFirstOmserver(
      "CREATE TABLE server_fun_categ (ID int, server_categ_name char(20), owner char(9));\n" +
        "INSERT INTO server_fun_categ VALUES (1,'Linux.Web','me'),(2,'Linux.Db','you');\n" +
        "INSERT INTO server_app_categ (ID, server_categ_id, app_name) VALUES (1,1,'bbs');",
      options,
    );

    expect(read.functionCategories).toEqual(["Linux.Web", "Linux.Db"]);
    expect(read.notes.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("owner"),
      expect.stringContaining("app_name"),
    ]);
    expect(read.refused.map(({ reason }) => reason)).toContainEqual(expect.stringContaining("app_categ_name"));
  });

  it("tells of rows that are written as changes, and of a dump of something else", () => {
    const changed = readFirstOmserver(
      "UPDATE `server_list` SET `server_op` = 'x' WHERE 1;\nDELETE FROM module_list;",
      options,
    );
    const other = readFirstOmserver("INSERT INTO wp_posts VALUES (1);", options);

    expect(changed.refused.map(({ line, table, reason }) => [line, table, reason])).toEqual([
      [1, "server_list", expect.stringContaining("UPDATE")],
      [2, "module_list", expect.stringContaining("DELETE")],
    ]);
    expect(other.refused.map(({ reason }) => reason)).toEqual([expect.stringContaining("no row")]);
  });

  it("made for other databases has its columns in their own order", () => {
    const read = readFirstOmserver(
      'CREATE TABLE "server_fun_categ" (\n  "server_categ_name" char(20) NOT NULL,\n  "ID" int(11) NOT NULL,\n  PRIMARY KEY ("ID")\n);\n' +
        "INSERT INTO \"server_fun_categ\" VALUES ('Linux.Web',1);",
      options,
    );

    expect(read.functionCategories).toEqual(["Linux.Web"]);
  });
});

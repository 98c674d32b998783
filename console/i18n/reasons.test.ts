import { expect, it } from "vitest";
import { type ReasonCode, reasonTemplates } from "../../src/contract/reasons.ts";
import { describeTask } from "../../src/modules/render.ts";
import { tellInChinese } from "./telling-zh.ts";
import { zhReasons } from "./zh-reasons.ts";

const codes = Object.keys(reasonTemplates) as ReasonCode[];
const placesOf = (text: string) => [...text.matchAll(/\{(\w+)[?!#]?\}/g)].map(([, name = ""]) => name);

it("has a Chinese text for every code, in the product's words", () => {
  expect(Object.keys(zhReasons).sort()).toEqual([...codes].sort());
  for (const code of codes) {
    // A command line to type stays one.
    const rest = zhReasons[code].replace(/\{\w+\}/g, "").replace(/(?:omserver|apt-get) [a-z -]+/g, "");
    if (/[a-z]/i.test(reasonTemplates[code].replace(/\{\w+[?!#]?\}/g, "")))
      expect(rest, code).toMatch(/[\u4e00-\u9fff]/);
    // Bytes of UTF-8 that were read as Latin-1.
    expect(rest, code).not.toMatch(/[\u0080-\u00b6\u00b8-\u00ff]/);
    expect(rest, code).not.toMatch(/控制器|[a-z]{3,} [a-z]{3,} [a-z]{3,}/);
  }
});

it.each(codes)("says every value of its sentence: %s", (code) => {
  expect([...new Set(placesOf(zhReasons[code]))].sort()).toEqual([...new Set(placesOf(reasonTemplates[code]))].sort());
});

it("tells what a file task does, line by line", () => {
  const lines = describeTask({
    kind: "file",
    sha256: "0".repeat(64),
    bytes: 1234,
    destination: "/etc/motd",
    owner: "root",
    group: "adm",
    mode: "0644",
    keepOld: true,
    after: ["systemctl", "reload", "nginx"],
    afterAlways: false,
  }).split("\n");
  expect(lines.map((line) => tellInChinese(line))).toEqual([
    `1,234 字节（SHA-256 ${"0".repeat(64)}）→ /etc/motd`,
    "属主 root",
    "属组 adm",
    "权限 0644",
    zhReasons.task_kept,
    "如有变化则执行：systemctl reload nginx",
  ]);
});

it("tells what the server says of a query, a form and a manifest", () => {
  expect(tellInChinese("Column 5 of the query: found “&”, expected “and”.")).toBe(
    "查询第 5 列：遇到“&”，此处应为“and”。",
  );
  expect(tellInChinese("Column 7 of the query: found the end, expected a host, category, tag or “(”.")).toBe(
    "查询第 7 列：遇到结尾，此处应为主机、分类、标签或“(”。",
  );
  expect(tellInChinese("Module “ping”: “count” must be at least 1 (and 2 more).")).toBe(
    "模块“ping”：“count”不能小于 1（另有 2 处）。",
  );
  expect(tellInChinese("The module is not valid at 3:1: run.all.argv[1]: must be text (put quotes around it).")).toBe(
    "模块清单在 3:1 处有误：run.all.argv[1]：必须是文本（请加引号）。",
  );
  expect(tellInChinese("port: must be a number from 1 to 65535, not “seven”")).toBe(
    "port：必须是 1 到 65535 的数字，而不是“seven”",
  );
});

it("goes by code and values where the server sent them", () => {
  const reason = { code: "missing_user", values: { id: "7" } } as const;
  expect(tellInChinese("whatever an older server called it", reason)).toBe("没有用户 7。");
});

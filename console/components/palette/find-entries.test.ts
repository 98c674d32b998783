import { describe, expect, it } from "vitest";
import { findEntries } from "./find-entries.ts";
import { findInitials, initialsOf } from "./pinyin-initials.ts";

const entries = [
  ["1001", "system-log", "查看系统日志", "View the system log", "显示最后若干行"],
  ["1003", "os-version", "查看系统版本", "View the OS version", ""],
  ["1005", "sync-file", "同步应用文件", "Sync an application's file", "可重新加载服务"],
  ["1007", "restart-service", "重启进程服务", "Restart a service", "systemd"],
].map(([id = "", key = "", zh = "", en = "", about = ""]) => ({ id, names: [id, key, zh, en], about: [about] }));

describe("what the palette finds", () => {
  it.each([
    ["", ["1001", "1003", "1005", "1007"]],
    ["重启", ["1007"]],
    ["cqjcfw", ["1007"]],
    ["zq", ["1007"]],
    ["xtrz", ["1001"]],
    ["ckxt", ["1001", "1003"]],
    ["restart", ["1007"]],
    ["SYS", ["1001", "1007"]],
    ["1005", ["1005"]],
    ["service", ["1007"]],
    ["服务", ["1007", "1005"]],
    ["view os", ["1003"]],
    ["nothing", []],
  ] as const)("by %j", (search, ids) => {
    expect(findEntries(entries, search).map(({ id }) => id)).toEqual(ids);
  });

  it("stands first when it was used lately, unless another fits better", () => {
    expect(findEntries(entries, "", ["1007", "1003"]).map(({ id }) => id)).toEqual(["1007", "1003", "1001", "1005"]);
    expect(findEntries(entries, "view", ["1003"]).map(({ id }) => id)).toEqual(["1003", "1001"]);
    expect(findEntries(entries, "服务", ["1005"]).map(({ id }) => id)).toEqual(["1007", "1005"]);
  });
});

describe("pinyin initials", () => {
  it("come from the collator for every letter that a syllable begins with", () => {
    const samples = "爱班菜大饿飞高好机开来没你欧怕请人水天我下用在";
    expect([...samples].map(initialsOf).join("")).toBe("abcdefghjklmnopqrstwxyz");
  });

  it("know both readings of characters that names of tasks use", () => {
    expect(findInitials("重启服务", "cqfw")).toBe(0);
    expect(findInitials("重要", "zy")).toBe(0);
    expect(findInitials("执行 SQL 语句", "zxsqlyj")).toBe(0);
    expect(findInitials("查看 Nginx 配置", "nginxpz")).toBe(2);
  });
});

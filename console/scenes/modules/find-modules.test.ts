import { expect, it } from "vitest";
import { findModules } from "./find-modules.ts";

const modules = [
  {
    id: 1001,
    key: "system-log",
    name: { zh: "查看系统日志", en: "View the system log" },
    description: { zh: "", en: "of a service" },
  },
  {
    id: 1007,
    key: "restart-service",
    name: { zh: "重启进程服务", en: "Restart a service" },
    description: { zh: "重启", en: "" },
  },
];

it.each([
  ["", [1001, 1007]],
  ["service", [1007, 1001]],
  ["日志", [1001]],
  ["1007", [1007]],
  ["RESTART serv", [1007]],
  ["system-log", [1001]],
  ["nothing", []],
] as const)("finds modules by number, key, name and description: %j", (search, ids) => {
  expect(findModules(modules, search).map(({ id }) => id)).toEqual(ids);
});

import type { planReasons } from "../../../src/contract/reasons/plan.ts";

/** Chinese of the sentences of the same file of the contract. */
export const zhPlanReasons = {
  plan_no_hosts: "查询没有匹配到已启用的主机，不会执行任何操作。",
  plan_runs_as: "不能填写：该模块以 {user} 运行",
  plan_runs_otherwise: "模块“{module}”以 {user} 运行，不能以 {other} 运行。请不要填写用户。",
  plan_file_absent: "参数“{name}”指定的文件不在文件库中。请上传或另选一个。",
  plan_file_unknown: "指定的文件不在文件库中",
  plan_other_engines: "模块“{module}”由 {engines} 执行，所选主机使用的是 {others}。",
  plan_no_engine: "模块“{module}”没有可用的引擎，所选主机使用的是 {others}。",
  plan_none_can: "所选的 {count} 台主机都无法执行。{host}：{why}",
  confirm_destructive: "该模块具有破坏性：请输入主机数 {count} 以确认。",
  confirm_many: "将在超过 {limit} 台主机上执行：请输入主机数 {count} 以确认。",
  confirm_given: "填写的主机数不一致：请输入主机数 {count} 以确认。",
  task_bytes: "{bytes} 字节（SHA-256 {sha256}）→ {destination}",
  task_kept: "原有文件保留在旁边",
  task_owner: "属主 {owner}",
  task_group: "属组 {group}",
  task_mode: "权限 {mode}",
  task_then: "然后执行：{command}",
  task_then_changed: "如有变化则执行：{command}",
} satisfies Record<keyof typeof planReasons, string>;

import type { ChineseSceneTexts } from "./en-scenes.ts";

/** Chinese of the shell commands that hosts report; part of zh.ts. */
export const zhShell: Pick<ChineseSceneTexts, "shell" | "hours"> = {
  shell: {
    title: "主机终端命令",
    platform: "平台操作",
    hosts: "主机（查询）",
    user: "账户",
    text: "命令包含的文本",
    at: "输入时间",
    host: "主机",
    command: "命令",
    live: "实时",
    liveOn: "新命令会自动出现。",
    liveWaiting: "连接中断，正在重新连接。",
    none: "没有符合条件的命令",
    noneHint: "在主机上安装脚本后，该主机会上报终端中输入的命令：请在资产中打开一台主机。",
    report: "上报终端命令",
    reportHint:
      "把此脚本放到主机上，所有人可读，仅 root 可写。它在后台发送，并含有该主机专用的令牌，该令牌只能上报。重新生成后旧脚本失效。",
    reportPath: "放置位置",
    copy: "复制脚本",
    copied: "已复制",
    make: "为 {{name}} 生成脚本",
    stop: "停止上报",
    stopped: "{{name}} 不再上报",
  },
  hours: {
    most: "每小时最多 {{shown}}",
    chosen: "仅 {{from}}–{{to}}",
    all: "显示全部时段",
    now: "现在",
    commands: {
      label: "最近 24 小时每小时的命令数",
      hour_other: "{{from}}：{{shown}} 条命令",
      total_other: "最近 24 小时共 {{shown}} 条命令",
    },
    actions: {
      label: "最近 24 小时每小时的操作数",
      hour_other: "{{from}}：{{shown}} 次操作",
      total_other: "最近 24 小时共 {{shown}} 次操作",
    },
  },
};

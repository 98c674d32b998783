import type { ChineseSceneTexts } from "./en-scenes.ts";

/** Chinese of en-retention.ts. */
export const zhRetention: Pick<ChineseSceneTexts, "retention"> = {
  retention: {
    title: "运行保留多久",
    hint: "每个运行都保存着各台主机的应答。在繁忙的机群上，它会无止境地增长。",
    for: "运行保留多久",
    ever: "永久",
    time: "一段时间",
    everHint: "任何运行都不会被删除。",
    timeHint:
      "运行结束满所设天数后，会连同主机的全部应答一起删除。等待中或仍在执行的运行、最新的一个运行以及全部审计都会保留。",
    days: "运行结束后的天数",
    daysHint: "1 到 36500。",
    shorter_other: "将删除 {{count}} 个运行",
    shorterText_other:
      "到运行 {{id}} 为止，有 {{count}} 个运行在 {{at}} 之前结束。它们会在一小时内连同主机的全部应答一起删除，只有备份才能找回。是谁在哪些主机上启动的，仍可在审计中查到。",
    save_other: "保存，并删除 {{count}} 个运行",
    keep: "保留它们",
    rerunOfGone: "重跑自运行 {{id}}（已不再保留）",
  },
};

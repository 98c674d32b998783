import type { ChineseSceneTexts } from "./en-scenes.ts";

/** Chinese of what engines can do, their steps, facts and own systems; part of zh.ts. */
export const zhEngines: Pick<ChineseSceneTexts, "engine"> = {
  engine: {
    check: "预演：只说明会改变什么，不做任何改动",
    runCheck_other: "预演：在 {{count}} 台主机上运行“{{module}}”",
    lacks: {
      separate_streams: "标准输出与标准错误不分开",
      streaming: "主机结束后才返回输出",
      confirmed_cancel: "取消后无法确认主机上已停止",
      exact_bytes: "非文本字节可能有变化",
    },
    facts: "已采集信息",
    factsAt: "采集于 {{time}}",
    noFacts: "尚未采集该主机的信息。可运行 Ansible 的 setup 模块或 Salt 的 grains.items。",
    searchFacts: "搜索信息",
    noFactFound: "没有信息包含此文本。",
    moreFacts_other: "另有 {{count}} 项",
    source: "引擎自身的系统",
    sourceHint: "Ansible 清单、Salt 主控端或 certmaster 已知的主机。",
    chooseEngine: "引擎",
    standing: { unusable: "{{engine}}：当前不可用", absent: "{{engine}}：没有主控端提供" },
    chooseController: "主控端",
    groups: "原有分组",
    groupsAs: { ignore: "忽略", tags: "转为标签", categories: "转为应用分类" },
    functionCategory: "新主机的功能分类",
    withoutFacts_other: "有 {{count}} 台主机的信息过大，未导入；可通过运行任务采集。",
  },
};

import type { ChineseSceneTexts } from "./en-scenes.ts";

/** Chinese of what a host keeps of a run; part of zh.ts. */
export const zhClaims: Pick<ChineseSceneTexts, "claims"> = {
  claims: {
    claim: "结果取回之前留存在主机上",
    on: "通过 SSH 执行时，主机上的一个私有小目录会保存退出码和输出，直到主控端取回；因此断线或崩溃都不影响运行。",
    off: "主机上不保存任何内容。执行期间如果连接或主控端中断，就无法得知结果：该主机将变为“未知”。",
    field: "主机上的结果",
    yes: "留存到取回为止",
    no: "不留存：崩溃后无法得知执行结果",
  },
};

import type { ChineseSceneTexts } from "./en-scenes.ts";

/** Chinese of en-approval.ts. */
export const zhApproval: Pick<ChineseSceneTexts, "approval"> = {
  approval: {
    title: "第二人审批",
    hint: "需要审批的运行，在另一位有权在同样主机上运行它的人批准之前，不会启动任何内容。",
    for: "哪些运行需要第二人审批",
    nobody: "都不需要",
    destructive: "破坏性运行",
    change: "所有会变更的运行",
    nobodyHint: "有权运行模块的人可独自启动。",
    destructiveHint: "破坏性模块的运行（包括试运行）需要审批。",
    changeHint: "变更类与破坏性模块的运行（包括试运行），以及临时输入的命令和脚本，都需要审批。",
    minutes: "等待时限（分钟）",
    minutesHint: "到时仍无人批准，运行即过期，不启动任何内容。",
  },
};

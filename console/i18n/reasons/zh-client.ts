import type { clientReasons } from "../../../src/contract/reasons/client.ts";

/** Chinese of the sentences of the same file of the contract. */
export const zhClientReasons = {
  server_unanswered: "OMServer 在 {address} 没有响应。请检查它是否在运行、地址是否正确。",
  server_fronted: "OMServer 前面的代理返回了 HTTP {status}，不是 OMServer 的回答。",
  not_copied: "浏览器没有复制它。",
} satisfies Record<keyof typeof clientReasons, string>;

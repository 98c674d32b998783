import type { ImportedFields } from "./import-row.ts";

/** What a column of a host table holds. */
export type Column = "name" | "category" | "functionCategory" | "appCategory" | keyof ImportedFields;

/** The columns of an export, in its order, with the names that it writes. */
export const exportColumns: readonly (readonly [title: string, column: Column])[] = [
  ["name", "name"],
  ["function_category", "functionCategory"],
  ["app_category", "appCategory"],
  ["outer_address", "outerAddress"],
  ["inner_address", "innerAddress"],
  ["port", "port"],
  ["os", "os"],
  ["engines", "engines"],
  ["zone", "zone"],
  ["user", "user"],
  ["credential", "credential"],
  ["proxy_jump", "proxyJump"],
  ["tags", "tags"],
  ["enabled", "enabled"],
  ["claim", "claim"],
  ["note", "note"],
];

/** Other names: other spellings, the columns of the first OMServer's tables, Chinese. Letters and digits only, lower case. */
const titles: Readonly<Record<Column, string>> = {
  name: "name host hostname servername 主机 主机名 主机名称 名称 服务器 服务器名 服务器名称",
  category: "category path 分类 类别 所属分类",
  functionCategory: "functioncategory function servercategname 功能分类 服务功能分类 一级 一级分类 一级类别",
  appCategory:
    "appcategory applicationcategory app application appcategname 应用分类 服务应用分类 二级 二级分类 二级类别",
  outerAddress: "outeraddress outerip outer publicip publicaddress serverwip 外网 外网ip 外网地址 公网 公网ip",
  innerAddress: "inneraddress innerip inner ip address privateip serverlip 内网 内网ip 内网地址 地址",
  port: "port sshport 端口 ssh端口",
  os: "os operatingsystem system serverop 系统 操作系统",
  engines: "engines engine 引擎 执行引擎",
  zone: "zone 区域 机房 可用区",
  user: "user username account login 用户 用户名 账号 账户 登录名",
  credential: "credential credentials 凭据 凭证",
  proxyJump: "proxyjump jump jumphost bastion 跳板 跳板机 堡垒机",
  tags: "tags tag labels 标签",
  enabled: "enabled active 启用 是否启用",
  claim: "claim claims keepsresults 留存 留存结果",
  note: "note notes comment remark description 备注 说明 描述",
};

const byTitle: ReadonlyMap<string, Column> = new Map(
  Object.entries(titles).flatMap(([column, names]) =>
    names.split(" ").map((name) => [name, column as Column] as const),
  ),
);

/** The column that a title names; case, spaces, `_` and `-` do not matter. */
export function columnOfTitle(title: string): Column | undefined {
  return byTitle.get(title.toLowerCase().replace(/[\s_\-./（）()]/g, ""));
}

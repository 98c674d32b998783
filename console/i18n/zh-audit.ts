import type { ChineseSceneTexts } from "./en-scenes.ts";

/** Chinese of what the audit records; part of zh-scenes.ts. */
export const zhAudit: Pick<ChineseSceneTexts, "auditAction" | "auditPart"> = {
  auditAction: {
    session: {
      sign_in: "登录",
      sign_in_failed: "登录失败",
      sign_out: "退出登录",
      link: "通过一次性链接登录",
      link_refused: "一次性链接被拒绝",
    },
    setup: {
      administrator: "创建第一个管理员",
    },
    user: {
      create: "添加用户",
      change: "修改用户",
      delete: "删除用户",
      password: "修改密码",
      password_refused: "修改密码被拒绝",
      sign_in_link: "生成登录链接",
    },
    token: {
      create: "创建令牌",
      delete: "吊销令牌",
    },
    function_category: {
      create: "添加功能分类",
      change: "修改功能分类",
      delete: "删除功能分类",
    },
    app_category: {
      create: "添加应用分类",
      change: "修改应用分类",
      delete: "删除应用分类",
    },
    host: {
      create: "添加主机",
      change: "修改主机",
      delete: "删除主机",
      import: "导入主机",
      discover: "从引擎获取主机",
      test: "测试连接",
      forget_key: "忘记 SSH 密钥",
      report_token: "生成上报令牌",
      report_token_delete: "吊销上报令牌",
    },
    host_key: {
      trust: "信任主机密钥",
      accept: "接受主机密钥",
      reject: "拒绝主机密钥",
      delete: "删除主机密钥",
    },
    credential: {
      put: "保存凭据",
      delete: "删除凭据",
    },
    module: {
      create: "添加模块",
      change: "修改模块",
      enable: "重新上架模块",
      disable: "下架模块",
    },
    file: {
      upload: "上传文件",
      delete: "删除文件",
    },
    run: {
      start: "发起运行",
      rerun: "再次运行",
      cancel: "取消运行",
    },
    view: {
      save: "保存视图",
      delete: "删除视图",
    },
    settings: {
      change: "修改设置",
    },
    controller: {
      invite: "邀请控制端",
      enrol: "登记控制端",
      change: "修改控制端",
      drain: "排空控制端",
      undrain: "恢复控制端接单",
      probe: "检测引擎",
      revoke: "吊销控制端",
    },
    order_keys: {
      rotate: "轮换指令签名密钥",
    },
    demo_fleet: {
      start: "启动演示机群",
      stop: "停止演示机群",
    },
    "omserver-v1": {
      import: "接管第一代 OMServer",
    },
    backup: {
      write: "备份",
      restore: "恢复备份",
    },
  },
  auditPart: {
    user: "用户 {{name}}",
    token: "令牌 {{name}}",
    host: "主机 {{name}}",
    hosts_of: "{{engine}} 的主机",
    key: "{{host}} 的 {{engine}} 密钥",
    category: "分类 {{name}}",
    credential: "凭据 {{name}}",
    module: "模块 {{key}}",
    module_version: "模块 {{key}}，版本 {{version}}",
    file: "文件 {{name}}",
    run: "运行 {{id}}",
    view: "视图 {{id}}",
    view_of: "{{scene}} 的视图“{{name}}”",
    controller: "控制端 {{name}}",
    one_time_link: "一次性链接",
    order_keys: "指令签名密钥",
    demo_fleet: "演示机群",
    first_omserver: "第一代 OMServer 的转储",
    one_host: "1 台主机：{{names}}",
    many_hosts: "{{count}} 台主机：{{names}}",
    count_hosts: "{{count}} 台主机",
    server_console: "服务器控制台",
    enrolment: "从 {{address}} 登记",
    hosts: "主机",
    settings: "设置",
    unknown: "未知",
    nobody: "无",
  },
};

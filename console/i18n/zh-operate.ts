export const zhOperate = {
  palette: {
    title: "查找模块或页面",
    open: "查找",
    search: "模块或页面：名称、拼音首字母、编号",
    placeholder: "名称、拼音首字母或编号",
    none: "没有叫“{{search}}”的内容",
    found_other: "找到 {{count}} 项",
    recent: "最近使用",
    places: "页面",
  },
  effect: {
    title: "影响",
    read: "只查看，不改动主机上的任何内容。",
    change: "会改动主机，改动可以恢复。",
    destructive: "执行后无法恢复。",
    adhoc: "临时任务没有声明影响：执行账号能做的，它都可能做。",
    check: "预演：只说明会改变什么，不做任何改动。",
    pace: "节奏",
    atOnce_other: "同时 {{count}} 台",
    waves_other: "分 {{count}} 批",
    failures_other: "失败 {{count}} 台后不再启动新主机",
    timeLimit: "每台最长 {{time}}",
  },
  remembered: {
    hint: "已按上次运行的值填好。",
    reset: "改用默认值",
  },
};

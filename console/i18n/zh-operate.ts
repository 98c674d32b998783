export const zhOperate = {
  palette: {
    title: "查找模块或页面",
    open: "查找",
    search: "模块或页面：名称、拼音首字母、编号",
    none: "没有叫“{{search}}”的内容",
    found_other: "找到 {{count}} 项",
    recent: "最近使用",
    places: "页面",
  },
  remembered: {
    hint: "已按上次运行的值填好。",
    reset: "改用默认值",
  },
};

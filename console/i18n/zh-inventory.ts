/** Chinese of the inventory's table and of what is done with many hosts; part of zh.ts. */
export const zhInventory = {
  grid: {
    editOf: "编辑 {{name}} 的一个字段",
    save: "保存",
  },
  bulk: {
    selection: "选中的主机",
    selected_other: "已选 {{count, number}} 台主机",
    selectAll_other: "选择全部 {{count, number}} 台主机",
    clear: "取消选择",
    change: "修改",
    moveTo: "移动",
    move_other: "移动 {{count, number}} 台主机",
    moved_other: "已移动 {{count, number}} 台主机。",
    addTags: "添加标签",
    removeTags: "去除标签",
    none: "无",
    onHosts_other: "涉及 {{count, number}} 台主机",
    nothing_other: "{{count, number}} 台主机已是如此，无需修改。",
  },
  importing: {
    result: "导入结果预览",
    goTo: "转到第 {{line}} 行",
    newCategories_other: "将新建 {{count, number}} 个分类：",
  },
  hostPage: {
    connection: "连接",
    notTested: "连接并登录主机，不执行任何操作。",
    lastRun: "最近一次运行",
    runNumber: "运行 {{id}}",
    stillRuns: "仍在该主机上运行。结束后在此显示输出，运行页面可实时查看。",
    more: "更多操作",
  },
};

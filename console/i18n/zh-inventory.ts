/** Chinese of the inventory's table and of what is done with many hosts; part of zh.ts. */
export const zhInventory = {
  grid: {
    editOf: "编辑 {{name}} 的一个字段",
    save: "保存",
  },
  bulk: {
    selection: "选中的主机",
    selected_other: "已选 {{count}} 台主机",
    selectAll_other: "选择全部 {{count}} 台主机",
    clear: "取消选择",
    change: "修改",
    moveTo: "移动",
    move_other: "移动 {{count}} 台主机",
    moved_other: "已移动 {{count}} 台主机。",
    addTags: "添加标签",
    removeTags: "去除标签",
    none: "无",
    onHosts_other: "涉及 {{count}} 台主机",
    nothing_other: "{{count}} 台主机已是如此，无需修改。",
  },
};

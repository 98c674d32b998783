/** Chinese of the modules' trying, versions and files; part of zh.ts. */
export const zhModules = {
  moduleTry: {
    title: "在一台主机上试运行",
    hint: "与其他运行一样，会留在历史与审计中。",
    draftHint: "使用此处尚未保存的文本。与其他运行一样记入历史，审计保留全文。",
    host: "主机名",
    go: "查看将要执行的内容",
    answer: "主机的结果",
  },
  moduleVersions: {
    show: "版本显示方式",
    changes: "变更",
    against: "比较对象",
    againstVersion: "与版本 {{version}} 比较",
    difference: "版本 {{before}} 到 {{after}} 的差异",
    export: "导出",
    exportVersion: "导出版本 {{version}}",
  },
  moduleImport: {
    title: "导入模块",
    hint: "选择由导出得到的文件，清单与脚本在同一文件中。确认之前不会写入任何内容。",
    choose: "选择文件",
    add: "新增",
    change: "将成为版本 {{version}}",
    unchanged: "已经相同",
    refused: "被拒绝",
    textOf: "{{name}} 的内容",
    apply_other: "导入 {{count}} 个模块",
    done_other: "已导入 {{count}} 个模块。",
  },
};

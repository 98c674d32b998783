/** What the editor of a new module starts with: small, valid, and showing each part once. */
export const newModuleSource = `key: disk-usage
name:
  zh: 查看磁盘用量
  en: View disk usage
description:
  zh: 显示某个目录所在文件系统的用量。
  en: Shows the usage of the file system that a folder is on.
danger: read
parameters:
  type: object
  required: [folder]
  properties:
    folder:
      type: string
      format: path
      default: /
      title: Folder
      x-zh:
        title: 目录
run:
  all:
    kind: command
    argv: [df, -h, --, { parameter: folder }]
`;

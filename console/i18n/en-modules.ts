/** English of the modules' trying, versions and files; part of en.ts. */
export const enModules = {
  moduleTry: {
    title: "Try it on one host",
    hint: "A run like any other, in the history and the audit.",
    draftHint: "The text as it stands here, not saved. It is a run like any other; the audit keeps the text.",
    host: "Name of a host",
    go: "Look what would run",
    answer: "The host's answer",
  },
  moduleVersions: {
    show: "What is shown of the version",
    changes: "Changes",
    against: "Compared with",
    againstVersion: "against version {{version}}",
    difference: "What differs from version {{before}} to {{after}}",
    export: "Export",
    exportVersion: "Export version {{version}}",
  },
  moduleImport: {
    title: "Import modules",
    hint: "Files that an export wrote, manifest and scripts in one. Nothing is written before you say so.",
    choose: "Choose files",
    add: "is new",
    change: "becomes version {{version}}",
    unchanged: "is the same already",
    refused: "is refused",
    textOf: "Text of {{name}}",
    apply_one: "Import {{count}} module",
    apply_other: "Import {{count}} modules",
    done_one: "{{count}} module is imported.",
    done_other: "{{count}} modules are imported.",
  },
};

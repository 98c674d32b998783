/** English of the inventory's table and of what is done with many hosts; part of en.ts. */
export const enInventory = {
  grid: {
    editOf: "Edit a field of {{name}}",
    save: "Save",
  },
  bulk: {
    selection: "Selected hosts",
    selected_one: "{{count}} host selected",
    selected_other: "{{count}} hosts selected",
    selectAll_one: "Select {{count}} host",
    selectAll_other: "Select all {{count}} hosts",
    clear: "Select none",
    change: "Change",
    moveTo: "Move",
    move_one: "Move {{count}} host",
    move_other: "Move {{count}} hosts",
    moved_one: "{{count}} host is moved.",
    moved_other: "{{count}} hosts are moved.",
    addTags: "Add tags",
    removeTags: "Take tags",
    none: "none",
    onHosts_one: "on {{count}} host",
    onHosts_other: "on {{count}} hosts",
    nothing_one: "The host is like that already.",
    nothing_other: "All {{count}} hosts are like that already.",
  },
};

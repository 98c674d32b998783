/** Palette, editor and what stands around a task on the operate page. */
export const enOperate = {
  palette: {
    title: "Find a module or page",
    open: "Find",
    search: "Module or page: name, pinyin initials, number",
    none: "Nothing is called “{{search}}”",
    found_one: "{{count}} found",
    found_other: "{{count}} found",
    recent: "Used lately",
    places: "Pages",
  },
  remembered: {
    hint: "Filled in as you last ran it.",
    reset: "Use the defaults",
  },
};

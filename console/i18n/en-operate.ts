/** Palette, editor and what stands around a task on the operate page. */
export const enOperate = {
  palette: {
    title: "Find a module or page",
    open: "Find",
    search: "Module or page: name, pinyin initials, number",
    placeholder: "Name, pinyin initials or number",
    none: "Nothing is called “{{search}}”",
    found_one: "{{count}} found",
    found_other: "{{count}} found",
    recent: "Used lately",
    places: "Pages",
  },
  effect: {
    title: "May do",
    read: "It only looks: nothing changes on the hosts.",
    change: "It changes something that can be changed back.",
    destructive: "What it does cannot be taken back.",
    adhoc: "Whatever the account may: nobody has said what a task typed for once does.",
    check: "A dry run: it tells what would change, and changes nothing.",
    pace: "Pace",
    atOnce_one: "{{count}} host at once",
    atOnce_other: "{{count}} hosts at once",
    waves_one: "{{count}} wave",
    waves_other: "{{count}} waves",
    failures_one: "no more hosts begin after {{count}} failure",
    failures_other: "no more hosts begin after {{count}} failures",
    timeLimit: "each at most {{time}}",
  },
  remembered: {
    hint: "Filled in as you last ran it.",
    reset: "Use the defaults",
  },
};

/** English of runs that wait for a second person; part of en-scenes.ts. */
export const enApproval = {
  approval: {
    title: "Second person",
    hint: "A run that waits for one starts nothing until somebody else, who may run it on the same hosts, approves it.",
    for: "Which runs wait for a second person",
    nobody: "None",
    destructive: "Those that destroy",
    change: "All that change something",
    nobodyHint: "Whoever may run a module starts it alone.",
    destructiveHint: "Runs of destructive modules wait, dry runs of them too.",
    changeHint:
      "Runs of modules that change or destroy wait, dry runs of them too, and so do commands and scripts that are typed.",
    minutes: "Waiting time, min",
    minutesHint: "A run that nobody has approved by then expires: it starts nothing.",
  },
};

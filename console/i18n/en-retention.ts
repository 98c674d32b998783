/** English of how long runs are kept; part of en-scenes.ts. */
export const enRetention = {
  retention: {
    title: "How long runs are kept",
    hint: "Every run keeps what each of its hosts answered. On a busy fleet that grows without end.",
    for: "How long runs are kept",
    ever: "For ever",
    time: "For a time",
    everHint: "No run is ever deleted.",
    timeHint:
      "So many days after its end a run is deleted, with all that its hosts answered. Runs that wait or still run stay, and so do the newest run and the whole audit.",
    days: "Days after the run's end",
    daysHint: "From 1 to 36500.",
    shorter_one: "{{count}} run will be deleted",
    shorter_other: "{{count}} runs will be deleted",
    shorterText_one:
      "Run {{id}} ended before {{at}}. It goes within the hour, with everything that its hosts answered. Only a backup brings it back. The audit still says who started it, and on which hosts.",
    shorterText_other:
      "{{count}} runs, up to run {{id}}, ended before {{at}}. They go within the hour, with everything that their hosts answered. Only a backup brings them back. The audit still says who started them, and on which hosts.",
    save_one: "Save, and delete {{count}} run",
    save_other: "Save, and delete {{count}} runs",
    keep: "Keep them",
    rerunOfGone: "repeats run {{id}}, which is not kept any more",
  },
};

import type { EngineCapabilities, EngineId, EngineLack, Task } from "../contract/engine.ts";

const everyKind = ["command", "script", "file", "native"] as const satisfies readonly Task["kind"][];
const posixKinds = ["command", "script", "file"] as const satisfies readonly Task["kind"][];

const posix: EngineCapabilities = {
  tasks: posixKinds,
  separateStreams: true,
  streaming: true,
  confirmedCancel: true,
  survivesController: false,
  become: true,
  exactBytes: true,
  check: false,
  steps: false,
};

/** An exhaustive table, so that a new engine does not compile without its row. */
const capabilities: Readonly<Record<EngineId, EngineCapabilities>> = {
  ssh: { ...posix, survivesController: true },
  local: posix,
  mock: { ...posix, tasks: everyKind, check: true, steps: true },
  ansible: {
    ...posix,
    tasks: [...everyKind, "playbook"],
    streaming: false,
    check: true,
    steps: true,
  },
  salt: { ...posix, tasks: everyKind, check: true, steps: true },
  func: { ...posix, tasks: everyKind, streaming: false },
  // The old wire carries a module's number and its form values, no text of ours.
  "omserver-v1": {
    tasks: ["native"],
    separateStreams: false,
    streaming: false,
    confirmedCancel: false,
    survivesController: false,
    become: false,
    exactBytes: false,
    check: false,
    steps: false,
  },
};

/**
 * What an engine can do, as fixed data: planning decides by it and the console shows it without asking a controller.
 * An engine's `manifest.capabilities` is this row (the conformance suite holds the two together).
 */
export function capabilitiesOf(engine: EngineId): EngineCapabilities {
  return capabilities[engine];
}

/** The kinds of task that an engine carries. */
export function taskKindsOf(engine: EngineId): readonly Task["kind"][] {
  return capabilities[engine].tasks;
}

/**
 * Whether a dry run of this task says what it would change. A command or script of our own is opaque: an engine would
 * leave it out or run it. Of Salt's own functions only states can be asked what they would do.
 */
export function canCheck(engine: EngineId, task: Task): boolean {
  if (!capabilities[engine].check) return false;
  if (engine === "salt") return task.kind === "file" || (task.kind === "native" && task.name.startsWith("state."));
  return engine === "mock" || (task.kind !== "command" && task.kind !== "script");
}

export function lacksOf(engine: EngineId): EngineLack[] {
  const { separateStreams, streaming, confirmedCancel, exactBytes } = capabilities[engine];
  const lacks: [boolean, EngineLack][] = [
    [separateStreams, "separate_streams"],
    [streaming, "streaming"],
    [confirmedCancel, "confirmed_cancel"],
    [exactBytes, "exact_bytes"],
  ];
  return lacks.flatMap(([able, lack]) => (able ? [] : [lack]));
}

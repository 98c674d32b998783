import { randomUUID } from "node:crypto";
import type {
  EndedEvent,
  Engine,
  EngineContext,
  EngineEvent,
  EngineHost,
  EngineJob,
  Task,
} from "../../src/contract/engine.ts";

/** What a test has of a finished job. */
export interface Outcome {
  readonly events: readonly EngineEvent[];
  /** By position; a second `ended` of a host throws. */
  readonly ended: ReadonlyMap<number, EndedEvent>;
  stdout(position?: number): Buffer;
  stderr(position?: number): Buffer;
  /** The `ended` event of a host. */
  end(position?: number): EndedEvent;
}

export type JobChanges = Partial<Omit<EngineJob, "hosts" | "task">>;

export const noFile: EngineContext["file"] = async () => {
  throw new Error("this job has no file");
};

/** A job with generous limits that lets every host start. */
export function makeJob(
  context: Omit<EngineContext, "file">,
  hosts: readonly EngineHost[],
  task: Task,
  changes: JobChanges = {},
): EngineJob {
  return {
    file: noFile,
    ...context,
    runUid: randomUUID(),
    hosts,
    task,
    danger: "read",
    check: false,
    width: 64,
    intend: async (positions) => positions,
    ...changes,
    limits: { connectMilliseconds: 30_000, runMilliseconds: 60_000, outputBytes: 64 * 1024 * 1024, ...changes.limits },
  };
}

/** Runs a job to its end, each host of which is settled at once. `each` sees every event as it comes and may be slow. */
export async function runJob(
  engine: Engine,
  job: EngineJob,
  signal: AbortSignal = new AbortController().signal,
  each?: (event: EngineEvent) => void | Promise<void>,
): Promise<Outcome> {
  return collect(engine.run(job, signal), async (event) => {
    if (event.kind === "ended") void engine.recovery?.settled(job.runUid, [event.position]);
    await each?.(event);
  });
}

/** All events to the last. */
export async function collect(
  source: AsyncIterable<EngineEvent>,
  each?: (event: EngineEvent) => void | Promise<void>,
): Promise<Outcome> {
  const events: EngineEvent[] = [];
  const ended = new Map<number, EndedEvent>();
  for await (const event of source) {
    events.push(event);
    if (ended.has(event.position)) throw new Error(`${event.kind} of host ${event.position} after its end`);
    if (event.kind === "ended") ended.set(event.position, event);
    await each?.(event);
  }
  function bytes(stream: "stdout" | "stderr", position: number): Buffer {
    const chunks = events.flatMap((event) =>
      event.kind === "output" && event.position === position && event.stream === stream ? [event.data] : [],
    );
    return Buffer.concat(chunks);
  }
  return {
    events,
    ended,
    stdout: (position = 0) => bytes("stdout", position),
    stderr: (position = 0) => bytes("stderr", position),
    end(position = 0) {
      const event = ended.get(position);
      if (event === undefined) throw new Error(`host ${position} has not ended`);
      return event;
    },
  };
}

export function command(argv: readonly string[], changes: Partial<Extract<Task, { kind: "command" }>> = {}): Task {
  return { kind: "command", argv, environment: {}, secretNames: [], ...changes };
}

export function script(text: string, changes: Partial<Extract<Task, { kind: "script" }>> = {}): Task {
  return {
    kind: "script",
    interpreter: ["/bin/sh"],
    script: text,
    arguments: [],
    environment: {},
    secretNames: [],
    ...changes,
  };
}

/** Waits until something is so, looking 50 times a second; throws after 25 seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const patience = performance.now() + 25_000;
  while (performance.now() < patience) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it did not come about that ${what}`);
}

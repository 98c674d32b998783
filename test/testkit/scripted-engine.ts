import type { EndedEvent, Engine, EngineEvent, EngineHost, EngineJob } from "../../src/contract/engine.ts";
import { capabilitiesOf } from "../../src/modules/engine-tasks.ts";

/** How one host behaves: yields its events but the first (`started`) and the last, and returns how it ended. */
export type Behaviour = (
  host: EngineHost,
  job: EngineJob,
  signal: AbortSignal,
) => AsyncGenerator<EngineEvent, Partial<EndedEvent>>;

export interface ScriptedEngine extends Engine {
  /** Positions in the order in which they were really started, for all runs. */
  readonly started: number[];
  /** Greatest number of hosts that ran at once. */
  readonly widest: () => number;
}

/** An engine that does what the test says, in memory, within the rules of the contract. */
export function createScriptedEngine(behave: Behaviour, id: "mock" | "local" = "mock"): ScriptedEngine {
  const started: number[] = [];
  let running = 0;
  let widest = 0;

  async function* runHost(host: EngineHost, job: EngineJob, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const { position } = host;
    const allowed = signal.aborted ? [] : await job.intend([position]);
    if (!allowed.includes(position)) {
      yield ended(position, { state: "not_started", reason: "It was not to start." });
      return;
    }
    started.push(position);
    running += 1;
    widest = Math.max(widest, running);
    try {
      yield { kind: "started", position };
      yield ended(position, yield* behave(host, job, signal));
    } finally {
      running -= 1;
    }
  }

  return {
    manifest: {
      id,
      capabilities: capabilitiesOf(id),
    },
    started,
    widest: () => widest,
    probe: async () => ({ usable: true, version: "scripted" }),
    run: (job, signal) =>
      interleaved(
        job.hosts.map((host) => () => runHost(host, job, signal)),
        job.width,
      ),
    close: async () => undefined,
  };
}

export function ended(position: number, end: Partial<EndedEvent>): EndedEvent {
  return {
    kind: "ended",
    position,
    state: "ok",
    ...(end.state === undefined || end.state === "ok" ? { exitCode: 0 } : {}),
    stdoutBytes: 0,
    stderrBytes: 0,
    output: "complete",
    ...end,
  };
}

/** Prints a line and ends well. */
export async function* answers(
  host: EngineHost,
  text = `hello from ${host.name}\n`,
): AsyncGenerator<EngineEvent, Partial<EndedEvent>> {
  const data = Buffer.from(text);
  yield { kind: "output", position: host.position, stream: "stdout", data };
  return { stdoutBytes: data.byteLength };
}

/** Items of at most `width` sources at once, as they come; a source is pulled only when its last item was taken. */
async function* interleaved<Item>(
  sources: readonly (() => AsyncGenerator<Item>)[],
  width: number,
): AsyncGenerator<Item> {
  const waiting = [...sources];
  const items: { item: Item; taken: () => void }[] = [];
  let wake: () => void = () => undefined;
  async function lane(): Promise<void> {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      for await (const item of source()) {
        await new Promise<void>((taken) => {
          items.push({ item, taken });
          wake();
        });
      }
    }
  }
  let over = false;
  const lanes = Promise.all(Array.from({ length: width }, lane)).finally(() => {
    over = true;
    wake();
  });
  lanes.catch(() => undefined);
  for (;;) {
    const next = items.shift();
    if (next !== undefined) {
      yield next.item;
      next.taken();
      continue;
    }
    if (over) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  await lanes;
}

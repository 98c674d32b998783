import { connect, type Socket } from "node:net";
import type {
  BegunHost,
  EndedEvent,
  Engine,
  EngineEvent,
  EngineHost,
  EngineJob,
} from "../../../src/contract/engine.ts";
import { createIntentions } from "../../../src/engines/job/intentions.ts";
import { createEventQueue } from "../../../src/engines/mock/event-queue.ts";
import { capabilitiesOf } from "../../../src/modules/engine-tasks.ts";
import { type Ask, createLines, type Place, type Word } from "./fleet-messages.ts";

type Unsent<Kind> = Kind extends { readonly id: number } ? Omit<Kind, "id"> : never;

interface Line {
  /** Resolves with the first word that `take` gives something for. */
  talk<Result>(ask: Unsent<Ask>, take: (word: Word) => Result | undefined): Promise<Result>;
}

/** Reaches the stub fleet, and finds again what an earlier life began there, as the SSH engine does on real hosts. */
export function createFleetEngine(socketFile: string): Engine {
  let socket: Socket | undefined;
  const talks = new Map<number, (word: Word) => void>();
  let lastId = 0;

  function open(): Socket {
    if (socket !== undefined) return socket;
    socket = connect(socketFile);
    const lines = createLines((line) => {
      const word = JSON.parse(line) as Word;
      talks.get(word.id)?.(word);
    });
    socket.setEncoding("utf8").on("data", lines);
    return socket;
  }

  const line: Line = {
    talk(ask, take) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        talks.set(id, (word) => {
          const result = take(word);
          if (result === undefined) return;
          talks.delete(id);
          resolve(result);
        });
        open().write(`${JSON.stringify({ ...ask, id })}\n`);
      });
    },
  };

  return {
    manifest: { id: "ssh", capabilities: capabilitiesOf("ssh") },
    probe: async () => ({ usable: true, version: "stub fleet" }),
    run: (job, signal) => everyHost(job, (shares) => job.hosts.map((host) => () => shares.run(host, signal)), line),
    recovery: {
      recover(job, begun, signal) {
        const byPosition = new Map(begun.map((host) => [host.position, host]));
        return everyHost(
          job,
          (shares) => job.hosts.map((host) => () => shares.recover(host, byPosition.get(host.position), signal)),
          line,
        );
      },
      async settled(runUid, positions) {
        await line.talk({ ask: "settle", runUid, positions }, () => true);
      },
      async settleAgain({ runUid, hosts }) {
        await line.talk({ ask: "settle", runUid, positions: hosts.map(({ position }) => position) }, () => true);
      },
    },
    async close() {
      socket?.destroy();
    },
  };
}

interface Shares {
  run(host: EngineHost, signal: AbortSignal): Promise<void>;
  recover(host: EngineHost, begun: BegunHost | undefined, signal: AbortSignal): Promise<void>;
}

/** The work of every host, `width` at a time, and the events of it. */
async function* everyHost(
  job: EngineJob,
  workOf: (shares: Shares) => (() => Promise<void>)[],
  line: Line,
): AsyncGenerator<EngineEvent, void, undefined> {
  const queue = createEventQueue(1024);
  const work = workOf(createShares(job, line, (event) => queue.put(event)));
  async function lane(): Promise<void> {
    for (let next = work.shift(); next !== undefined; next = work.shift()) await next();
  }
  const lanes = Promise.all(Array.from({ length: job.width }, lane));
  lanes.then(() => queue.close(), queue.close);
  yield* queue.events();
}

function createShares(job: EngineJob, line: Line, put: (event: EngineEvent) => Promise<void> | undefined): Shares {
  const { runUid } = job;
  const intentions = createIntentions((positions) => job.intend(positions));
  const longest = job.task.kind === "command" ? Number(job.task.argv[1]) : 0;

  function placeOf({ position, name }: EngineHost): Place {
    return { runUid, position, host: name };
  }

  async function end({ position }: EngineHost, stdoutBytes: number, ending: Partial<EndedEvent>): Promise<void> {
    await put({
      kind: "ended",
      position,
      state: "unknown",
      stdoutBytes,
      stderrBytes: 0,
      output: ending.state === undefined ? "partial" : "complete",
      ...ending,
    });
  }

  /** From the ask on to a word that is not of its progress; that word, or undefined when the host's end was told. */
  async function follow(
    host: EngineHost,
    ask: Unsent<Ask & { ask: "start" | "follow" }>,
    from: number,
    signal: AbortSignal,
  ): Promise<Word["word"] | undefined> {
    const { position } = host;
    let bytes = from;
    let began = false;
    function stop(): void {
      if (began) void line.talk({ ask: "stop", ...placeOf(host) }, () => undefined);
    }
    signal.addEventListener("abort", stop);
    const last = await line.talk(ask, (word) => {
      if (word.word === "started") {
        began = true;
        void put({ kind: "started", position });
        if (signal.aborted) stop();
        return undefined;
      }
      if (word.word === "output") {
        const data = Buffer.from(word.text);
        bytes += data.byteLength;
        void put({ kind: "output", position, stream: "stdout", data });
        return undefined;
      }
      return word;
    });
    signal.removeEventListener("abort", stop);
    if (last.word === "stopped") {
      await end(host, bytes, { state: "cancelled", reason: "It was cancelled, and its end is confirmed." });
    } else if (last.word === "ended") {
      const { code } = last;
      await end(host, bytes, code === 0 ? { state: "ok", exitCode: 0 } : { state: "failed", exitCode: code });
    } else {
      return last.word;
    }
    return undefined;
  }

  async function start(host: EngineHost, claim: boolean, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return notStarted(host);
    const word = await follow(host, { ask: "start", claim, longest, ...placeOf(host) }, 0, signal);
    if (word === "taken") return look(host, 0, signal);
    if (word !== "bare") return;
    await job.forgoClaim?.([host.position]);
    return start(host, false, signal);
  }

  async function look(host: EngineHost, from: number, signal: AbortSignal): Promise<void> {
    const mayStart = !signal.aborted && (await intentions.intend(host.position)) && !signal.aborted;
    const ask = { ask: "follow", bury: !mayStart, from, ...placeOf(host) } as const;
    const word = await follow(host, ask, from, signal);
    if (word === undefined) return;
    if (word === "none" && mayStart) return start(host, true, signal);
    return notStarted(host);
  }

  function notStarted(host: EngineHost): Promise<void> {
    return end(host, 0, { state: "not_started", reason: "It had not begun." });
  }

  return {
    async run(host, signal) {
      if (signal.aborted || !(await intentions.intend(host.position))) return notStarted(host);
      return start(host, host.unclaimed !== true, signal);
    },
    async recover(host, begun, signal) {
      if (host.unclaimed === true) return end(host, begun?.stdoutBytes ?? 0, { reason: "It keeps nothing." });
      return look(host, begun?.stdoutBytes ?? 0, signal);
    },
  };
}

import type { Engine, EngineEvent, EngineHost, EngineJob, Task } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import { createIntentions } from "../job/intentions.ts";
import { behaviourOf, type MockBehaviour } from "./behaviour.ts";
import { createEventQueue } from "./event-queue.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { type MockJob, runMockHost } from "./mock-host.ts";
import { createPauses } from "./pauses.ts";

export interface MockOptions {
  /** What a host does with a task; undefined leaves it to the words below. */
  readonly behaviour?: (host: EngineHost, task: Task) => MockBehaviour | undefined;
  /** Behaviours in words (see `behaviourOf`) by host name. */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** Appends what each host really ran, apart from everything that the product writes: the truth of a kill test. */
  readonly ledgerFile?: string;
}

const roomForEvents = 1024;

/**
 * An engine whose hosts are made up, for tests, benchmarks and demonstrations; nothing ever runs. It keeps every
 * promise of {@link Engine} and costs a few microseconds a host. What a host does: `options.behaviour`, else
 * `options.hosts`, else the words of a task whose program is `mock` (`["mock", "exit=3", "stdout=…"]`), else it prints
 * the arguments of its command and exits with 0.
 */
export function createMockEngine(options: MockOptions = {}): Engine {
  const named = new Map(Object.entries(options.hosts ?? {}).map(([name, words]) => [name, behaviourOf(words)]));
  const ledger = options.ledgerFile === undefined ? undefined : openLedger(options.ledgerFile);

  function behaviour(host: EngineHost, task: Task): MockBehaviour {
    return options.behaviour?.(host, task) ?? named.get(host.name) ?? taskBehaviour(task);
  }

  return {
    manifest: {
      id: "mock",
      capabilities: capabilitiesOf("mock"),
    },
    async probe() {
      return { usable: true, version: "mock" };
    },
    run: (job, signal) => runJob(job, signal, behaviour, ledger),
    async testConnection(host) {
      const end = (options.behaviour?.(host, { kind: "native", name: "ping", arguments: {} }) ?? named.get(host.name))
        ?.end;
      return end?.kind === "unreachable"
        ? { ok: false, message: end.reason ?? reasonText("mock_no_answer", { host: host.name }), milliseconds: 0 }
        : { ok: true, message: reasonText("mock_answers", { host: host.name }), milliseconds: 0 };
    },
    async close() {
      ledger?.close();
    },
  };
}

async function* runJob(
  job: EngineJob,
  signal: AbortSignal,
  behaviour: (host: EngineHost, task: Task) => MockBehaviour,
  ledger: Ledger | undefined,
): AsyncGenerator<EngineEvent, void, undefined> {
  const queue = createEventQueue(roomForEvents);
  // Also when whoever pulls the events stops pulling.
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const pauses = createPauses(either);
  const mockJob: MockJob = {
    job,
    signal: either,
    pauses,
    intentions: createIntentions((positions) => job.intend(positions)),
    ledger,
    put: (event) => queue.put(event),
  };
  let next = 0;
  async function lane(): Promise<void> {
    for (let host = job.hosts[next]; host; host = job.hosts[next]) {
      next += 1;
      await runMockHost(mockJob, host, behaviour(host, job.task));
    }
  }
  const lanes = Array.from({ length: Math.max(1, Math.min(job.width, job.hosts.length)) }, lane);
  const done = Promise.all(lanes).then(
    () => queue.close(),
    async (error: unknown) => {
      left.abort();
      await Promise.allSettled(lanes);
      queue.close(error);
    },
  );
  try {
    yield* queue.events();
  } finally {
    left.abort();
    queue.close();
    await done;
    pauses.close();
  }
}

function taskBehaviour(task: Task): MockBehaviour {
  switch (task.kind) {
    case "command":
      return task.argv[0] === "mock" ? behaviourOf(task.argv.slice(1)) : { stdout: `${task.argv.join(" ")}\n` };
    case "script":
      return { stdout: `${task.interpreter.join(" ")} script of ${Buffer.byteLength(task.script)} bytes\n` };
    case "file":
      return { stdout: `written: ${task.destination} (${task.bytes} bytes)\n` };
    case "native":
      return { stdout: `${task.name}\n` };
    case "playbook":
      return { stdout: `${"role" in task.play ? task.play.role : task.play.playbook}\n` };
  }
}

import type { Engine, EngineEvent, EngineHost, EngineJob, EngineManifest } from "../../contract/engine.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import { isUserName, taskProblem } from "../../modules/posix.ts";
import { createEventChannel, type EventChannel } from "../job/event-channel.ts";
import { createIntentions, type Intentions } from "../job/intentions.ts";
import { answerOf } from "./answers.ts";
import { execute } from "./execution.ts";
import { createHostSource } from "./host-source.ts";
import { legacyWarning, loadIdentity, UnusableIdentity } from "./identity.ts";
import { CallFailure, createMinionCalls, type Minion, type MinionCalls } from "./minion-calls.ts";
import { MinionSession } from "./minion-session.ts";
import type { FuncSettings } from "./settings.ts";

const manifest: EngineManifest = { id: "func", capabilities: capabilitiesOf("func") };

/** Hosts at once over all jobs: a socket each. */
const mostHosts = 512;

/** Minions of Func, spoken to directly by their XML-RPC over mutual TLS, as Func's own overlord does. */
export function createFuncEngine(settings: FuncSettings): Engine {
  const closing = new AbortController();
  let calls: MinionCalls | undefined;

  /** The certificates are read when they are first needed: the engine is there, and says why it cannot be used. */
  function connections(): MinionCalls {
    calls ??= createMinionCalls(loadIdentity(settings));
    return calls;
  }
  function minion(host: EngineHost): Minion {
    return { name: host.name, address: host.address, port: settings.port };
  }

  return {
    manifest,
    hostSource: createHostSource(settings),
    async probe() {
      try {
        loadIdentity(settings);
        const warning = legacyWarning(settings);
        return {
          usable: true,
          version: `minions on port ${settings.port}`,
          ...(warning === undefined ? {} : { warning }),
        };
      } catch (error) {
        if (error instanceof UnusableIdentity) return { usable: false, reason: error.message, mend: error.mend };
        throw error;
      }
    },
    run(job, signal) {
      const cancelled = AbortSignal.any([signal, closing.signal]);
      return runOnMinions(job, cancelled, (host) => {
        const session = new MinionSession(connections(), minion(host), job.limits.connectMilliseconds);
        return { session, hostFolder: settings.hostFolder };
      });
    },
    async testConnection(host, _context, signal) {
      const begun = performance.now();
      const limits = { connectMilliseconds: 10_000, answerMilliseconds: 10_000, signal };
      const milliseconds = () => Math.round(performance.now() - begun);
      try {
        const answer = answerOf(await connections().call(minion(host), "test.ping", [], limits));
        const message =
          answer.kind === "value"
            ? `The minion ${host.name} answered.`
            : `The minion ${host.name} answered, but not to test.ping: ${answer.message}.`;
        return { ok: true, message, milliseconds: milliseconds() };
      } catch (error) {
        if (!(error instanceof CallFailure) && !(error instanceof UnusableIdentity)) throw error;
        const message = `${host.name} cannot be reached by Func: ${error.message}${error.message.endsWith(".") ? "" : "."}`;
        return { ok: false, message, milliseconds: milliseconds() };
      }
    },
    async close() {
      closing.abort();
      calls?.close();
    },
  };
}

interface Lane {
  readonly job: EngineJob;
  readonly cancelled: AbortSignal;
  readonly intentions: Intentions;
  readonly channel: EventChannel<EngineEvent>;
  readonly problem: string | undefined;
  readonly reach: (host: EngineHost) => { readonly session: MinionSession; readonly hostFolder: string };
}

async function* runOnMinions(
  job: EngineJob,
  signal: AbortSignal,
  reach: Lane["reach"],
): AsyncGenerator<EngineEvent, void, undefined> {
  const left = new AbortController();
  const lane: Lane = {
    job,
    cancelled: AbortSignal.any([signal, left.signal]),
    intentions: createIntentions((positions) => job.intend(positions)),
    channel: createEventChannel(),
    problem: jobProblem(job),
    reach,
  };
  const hosts = job.hosts.values();
  async function work(): Promise<void> {
    for (const host of hosts) await runHost(lane, host);
  }
  const width = Math.max(1, Math.min(job.width, mostHosts, job.hosts.length));
  const done = Promise.all(Array.from({ length: width }, work)).then(() => lane.channel.end());
  try {
    yield* lane.channel.events();
  } finally {
    left.abort();
    lane.channel.discard();
    await done;
  }
}

function jobProblem({ task, become }: EngineJob): string | undefined {
  if (become !== undefined && !isUserName(become.user))
    return `“${become.user}” is not a name of an account to become.`;
  return task.kind === "native" ? undefined : taskProblem(task);
}

async function runHost(lane: Lane, host: EngineHost): Promise<void> {
  const { job, cancelled, channel } = lane;
  const refusal = lane.problem ?? (cancelled.aborted ? cancelledFirst : await permission(lane, host));
  const reached = refusal === undefined ? reachable(lane, host) : refusal;
  if (typeof reached === "string") {
    channel.put({
      kind: "ended",
      position: host.position,
      state: "not_started",
      reason: reached,
      stdoutBytes: 0,
      stderrBytes: 0,
      output: "complete",
    });
    return;
  }
  await execute(host, job, { ...reached, cancelled, tell: (event, resume) => channel.put(event, resume) });
}

function reachable(lane: Lane, host: EngineHost): ReturnType<Lane["reach"]> | string {
  try {
    return lane.reach(host);
  } catch (error) {
    if (error instanceof UnusableIdentity) return `${error.message} ${error.mend}`;
    throw error;
  }
}

const cancelledFirst = "The run was cancelled before this host was started.";

/** Undefined when the host may start. */
async function permission({ intentions, cancelled }: Lane, host: EngineHost): Promise<string | undefined> {
  try {
    const allowed = await intentions.intend(host.position);
    if (cancelled.aborted) return cancelledFirst;
    return allowed ? undefined : "It was taken out of the run before it was started.";
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return `The controller could not record that it was about to start: ${text}`;
  }
}

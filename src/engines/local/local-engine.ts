import { existsSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import type { Engine, EngineEvent, EngineHost, EngineJob, EngineManifest } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import { isUserName, taskProblem } from "../../modules/posix.ts";
import type { Sudo } from "../../modules/posix-dialog.ts";
import { createEventChannel, type EventChannel } from "../job/event-channel.ts";
import { createIntentions, type Intentions } from "../job/intentions.ts";
import { executeHere } from "./local-execution.ts";

export interface LocalEngineOptions {
  /** Processes at once over all jobs, whatever their width; default 256. */
  readonly processes?: number;
}

const manifest: EngineManifest = {
  id: "local",
  capabilities: capabilitiesOf("local"),
};

/**
 * The controller's own machine, by child processes of the controller's account. Every host of a job is this machine,
 * whatever its address says.
 */
export function createLocalEngine(options: LocalEngineOptions = {}): Engine {
  const atOnce = Math.max(1, options.processes ?? 256);
  const closing = new AbortController();
  return {
    manifest,
    async probe() {
      if (existsSync("/bin/sh")) return { usable: true, version: hostname() };
      return {
        usable: false,
        reason: reasonText("local_no_shell"),
        mend: reasonText("local_run_posix"),
      };
    },
    run: (job, signal) => runHere(job, AbortSignal.any([signal, closing.signal]), atOnce),
    async testConnection() {
      return { ok: true, message: reasonText("local_own_machine", { name: hostname() }), milliseconds: 0 };
    },
    async close() {
      closing.abort();
    },
  };
}

interface Lane {
  readonly job: EngineJob;
  readonly cancelled: AbortSignal;
  readonly intentions: Intentions;
  readonly channel: EventChannel<EngineEvent>;
  readonly problem: string | undefined;
}

async function* runHere(
  job: EngineJob,
  signal: AbortSignal,
  atOnce: number,
): AsyncGenerator<EngineEvent, void, undefined> {
  const left = new AbortController();
  const lane: Lane = {
    job,
    cancelled: AbortSignal.any([signal, left.signal]),
    intentions: createIntentions((positions) => job.intend(positions)),
    channel: createEventChannel(),
    problem: jobProblem(job),
  };
  const hosts = job.hosts.values();
  async function work(): Promise<void> {
    for (const host of hosts) await runHost(lane, host);
  }
  const width = Math.max(1, Math.min(job.width, atOnce, job.hosts.length));
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
  if (become !== undefined && !isUserName(become.user)) return reasonText("ansible_become", { user: become.user });
  return taskProblem(task);
}

async function runHost(lane: Lane, host: EngineHost): Promise<void> {
  const { job, cancelled, channel } = lane;
  const sudo = lane.problem === undefined && !cancelled.aborted ? await sudoOf(job, host) : undefined;
  const refusal =
    lane.problem ??
    (cancelled.aborted ? cancelledFirst : typeof sudo === "string" ? sudo : await permission(lane, host));
  if (refusal !== undefined || typeof sudo === "string") {
    channel.put({
      kind: "ended",
      position: host.position,
      state: "not_started",
      reason: refusal ?? "",
      stdoutBytes: 0,
      stderrBytes: 0,
      output: "complete",
    });
    return;
  }
  await executeHere({
    host,
    job,
    sudo,
    cancelled,
    tell: (event, resume) => channel.put(event, resume),
  });
}

const cancelledFirst = reasonText("run_cancelled_before_start");

/** Undefined when the host may start. */
async function permission({ intentions, cancelled }: Lane, host: EngineHost): Promise<string | undefined> {
  try {
    const allowed = await intentions.intend(host.position);
    if (cancelled.aborted) return cancelledFirst;
    return allowed ? undefined : reasonText("taken_out_before_start");
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return reasonText("engine_not_recorded", { detail: text });
  }
}

/** How to become the user; undefined when it is the controller's own; a sentence when the credential fails. */
async function sudoOf(job: EngineJob, host: EngineHost): Promise<Sudo | string | undefined> {
  if (job.become === undefined || job.become.user === userInfo().username) return undefined;
  if (host.credential === undefined) return { user: job.become.user };
  try {
    const credential = await job.credential(host.credential);
    const password = credential.becomePassword ?? (credential.kind === "password" ? credential.password : undefined);
    return { user: job.become.user, ...(password === undefined ? {} : { password }) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return reasonText("credential_unusable", { credential: host.credential, detail: text });
  }
}

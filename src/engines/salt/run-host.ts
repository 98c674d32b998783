import type { EngineHost, EngineJob } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { isUserName, taskProblem } from "../../modules/posix.ts";
import { createCarrier } from "./carrier.ts";
import { cancelledBeforeStart, type Ending, type HostEnd, notStarted } from "./ending.ts";
import type { Lane } from "./lane.ts";
import { nativeProblem } from "./native.ts";
import type { SaltSettings } from "./settings.ts";
import { secretsOf } from "./task-order.ts";

export interface HostRunner {
  /** Takes a host to its one `ended` event; never rejects. */
  run(host: EngineHost): Promise<void>;
  close(): Promise<void>;
}

export function createHostRunner(lane: Lane): HostRunner {
  const problem = jobProblem(lane.job, lane.settings);
  const carrier = problem === undefined ? createCarrier(lane) : undefined;

  async function prepare(host: EngineHost): Promise<Ending | undefined> {
    if (problem !== undefined) return notStarted(problem);
    if (lane.cancelled.aborted) return cancelledBeforeStart;
    const patience = Math.min(lane.settings.answerMilliseconds, lane.job.limits.connectMilliseconds);
    const presence = await Promise.race([lane.pings.ask(host.name, patience), whenAborted(lane.cancelled)]);
    if (lane.cancelled.aborted || presence === undefined) return cancelledBeforeStart;
    if (presence.kind === "absent") return { state: "unreachable", reason: presence.reason };
    if (presence.kind === "fault") return notStarted(presence.message);
    return permission(lane, host);
  }
  async function carryOut(host: EngineHost): Promise<HostEnd> {
    try {
      const refusal = await prepare(host);
      if (refusal !== undefined || carrier === undefined) {
        return { ending: refusal ?? notStarted(problem ?? ""), stdout: 0, stderr: 0 };
      }
      return await carrier.carry(host);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const ending: Ending = {
        state: "unknown",
        reason: reasonText("engine_lost_track", { detail: text }),
        lost: true,
      };
      return { ending, stdout: 0, stderr: 0 };
    }
  }

  return {
    async run(host) {
      const { ending, stdout, stderr } = await carryOut(host);
      const { lost = false, ...how } = ending;
      const limit = lane.job.limits.outputBytes;
      lane.channel.put({
        kind: "ended",
        position: host.position,
        ...how,
        stdoutBytes: stdout,
        stderrBytes: stderr,
        output: lost ? "partial" : stdout > limit || stderr > limit ? "truncated" : "complete",
      });
    },
    close: async () => carrier?.close(),
  };
}

function jobProblem(job: EngineJob, settings: SaltSettings): string | undefined {
  const { task, become, check } = job;
  if (become !== undefined && !isUserName(become.user)) return reasonText("ansible_become", { user: become.user });
  if (task.kind === "playbook") return reasonText("salt_no_playbook");
  if (task.kind === "native") return nativeProblem(job, task, settings.secretsInJobs);
  if (check && task.kind !== "file") {
    return reasonText("salt_no_dry_run", { function: "a command or a script" });
  }
  if (Object.keys(secretsOf(task)).length > 0 && settings.fileRoot === undefined && !settings.secretsInJobs) {
    return reasonText("salt_secret");
  }
  return taskProblem(task);
}

/** Undefined when the host may start. */
async function permission({ intentions, cancelled }: Lane, host: EngineHost): Promise<Ending | undefined> {
  try {
    const allowed = await intentions.intend(host.position);
    if (cancelled.aborted) return cancelledBeforeStart;
    return allowed ? undefined : notStarted(reasonText("taken_out_before_start"));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return notStarted(reasonText("engine_not_recorded", { detail: text }));
  }
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}

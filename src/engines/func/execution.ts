import type { EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Cancellation } from "../job/cancellation.ts";
import { type Ending, notStarted, unknown } from "./ending.ts";
import type { ExecutionParts, FuncJob } from "./execution-parts.ts";
import { HostOutput, type Tell } from "./host-output.ts";
import type { MinionSession } from "./minion-session.ts";
import { runNative } from "./native-execution.ts";
import { Stop } from "./stop.ts";
import { runTask } from "./task-execution.ts";

/** Runs the task on one minion, its intent being durable. Tells exactly one `ended`; never rejects. */
export async function execute(
  host: EngineHost,
  job: FuncJob,
  options: {
    readonly session: MinionSession;
    readonly hostFolder: string;
    readonly cancelled: Cancellation;
    readonly tell: Tell;
  },
): Promise<void> {
  const { tell } = options;
  const { position } = host;
  const output = new HostOutput(position, job.limits.outputBytes, tell);
  const stop = new Stop(options.cancelled);
  let begun = false;
  const parts: ExecutionParts = {
    host,
    job,
    session: options.session,
    hostFolder: options.hostFolder,
    stop,
    output,
    started() {
      if (begun) return;
      begun = true;
      stop.begin(job.limits.runMilliseconds);
      tell({ kind: "started", position });
    },
    notice: (message) => void tell({ kind: "notice", position, message }),
  };
  let ending: Ending;
  try {
    ending = await run(parts);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    ending = unknown(reasonText("func_lost_track", { host: host.name, detail: text }));
  } finally {
    stop.dispose();
  }
  const { lost = false, ...told } = ending;
  tell({ kind: "ended", position, ...told, ...output.summary(lost) });
}

function run(parts: ExecutionParts): Promise<Ending> {
  const { task } = parts.job;
  if (task.kind === "playbook") return Promise.resolve(notStarted(reasonText("func_no_playbook")));
  if (task.kind !== "native") return runTask(parts, task);
  if (parts.job.become !== undefined && parts.job.become.user !== "root") {
    const reason = reasonText("func_cannot_become");
    return Promise.resolve(notStarted(reason));
  }
  return runNative(parts, task);
}

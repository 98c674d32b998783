import { reasonText } from "../../contract/reasons.ts";
import { claimName } from "../../modules/posix-claim.ts";
import { removeClaim } from "./claim-removal.ts";
import { runClaimed } from "./claimed-execution.ts";
import { cancelledBeforeStart, type Ending, unknown } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import type { HostOutput } from "./host-output.ts";
import { approachOf, reach } from "./reach.ts";
import { Stop } from "./stop.ts";
import { runUnclaimed } from "./unclaimed-execution.ts";

/** Runs the task on the host, or takes up what an earlier life began there. Tells exactly one `ended`; never rejects. */
export async function execute(parts: ExecutionParts): Promise<void> {
  const { host, outbox, output } = parts;
  const stop = new Stop(parts.cancellation);
  let ending: Ending;
  try {
    ending = host.unclaimed === true ? await runWithout(parts, output, stop) : await runClaimed(parts, output, stop);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    ending = unknown(reasonText("func_lost_track", { host: host.name, detail: text }));
  }
  stop.close();
  const { lost = false, ...told } = ending;
  output.tell();
  outbox.event({ kind: "ended", position: host.position, ...told, ...output.summary(lost) });
}

/** The host forgets what it kept of an execution that ended in an earlier life. Tells exactly one `ended`; never rejects. */
export async function forget(parts: ExecutionParts): Promise<void> {
  const { runUid, host, outbox } = parts;
  const { position } = host;
  await removeClaim(parts, claimName(runUid, position));
  outbox.event({ kind: "ended", position, state: "skipped", stdoutBytes: 0, stderrBytes: 0, output: "complete" });
}

/** A host that keeps nothing, by an operator's choice. */
async function runWithout(parts: ExecutionParts, output: HostOutput, stop: Stop): Promise<Ending> {
  if (parts.host.begun !== undefined) {
    return unknown(reasonText("kept_nothing", { host: parts.host.name }));
  }
  let asked: Promise<string | undefined> | undefined;
  for (let attempt = 0; ; attempt++) {
    const lease = await reach(parts, attempt === 0 ? approachOf(parts) : { ...approachOf(parts), fresh: true });
    if ("state" in lease) return lease;
    asked ??= parts.permission();
    const refusal = parts.cancellation.cancelled ? cancelledBeforeStart.reason : await asked;
    if (refusal !== undefined || parts.cancellation.cancelled) {
      lease.release(true);
      return { state: "not_started", reason: refusal ?? cancelledBeforeStart.reason };
    }
    const ending = await runUnclaimed(parts, lease, output, stop);
    if (ending !== "stale connection") return ending;
  }
}

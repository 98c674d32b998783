import { randomBytes } from "node:crypto";
import { reasonText } from "../../contract/reasons.ts";
import { endProgram } from "../../modules/posix.ts";
import { ProgramDialog, type Sudo } from "../../modules/posix-dialog.ts";
import { Cancellation } from "../job/cancellation.ts";
import type { Lease } from "./connections.ts";
import { cancelledBeforeStart, type Ending, exitEnding, notStarted, oneLine, unknown, within } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { inSeconds } from "./reasons.ts";
import { type HostDialog, RemoteProgram } from "./remote-program.ts";

/** What must be known of a program to end it. */
export interface KillableDialog extends HostDialog {
  /** The task has left for the host. */
  readonly sent: boolean;
  readonly begun: boolean;
  readonly process: { readonly pid: number; readonly session?: number } | undefined;
  readonly sudoPid: number | undefined;
  /** The process that watches over the task under a claim. */
  readonly keeper: number | undefined;
  readonly wrongPassword: boolean;
  /** What login shell and sudo said besides. */
  readonly talk: string;
}

const killMilliseconds = 15_000;
const closeMilliseconds = 2000;
const startMarkMilliseconds = 5000;

/**
 * Ends what an execution runs on its host and gives the lease back. `timed_out` or `cancelled` only when the host
 * confirmed that no process is left, `not_started` when nothing was sent, the task's own end when it came first.
 */
export async function endConfirmed(
  parts: ExecutionParts,
  lease: Lease,
  program: RemoteProgram<KillableDialog>,
  sudo: Sudo | undefined,
  asked: "timed_out" | "cancelled",
): Promise<Ending> {
  const { host, limits } = parts;
  const { dialog } = program;
  const after = inSeconds(limits.runMilliseconds);
  const why =
    asked === "cancelled" ? reasonText("engine_why_cancelled") : reasonText("engine_why_longer", { time: after });
  if (!dialog.sent) {
    program.abandon();
    // The connection may still have to tell this host what is settled; one that does not answer is closed.
    void within(closeMilliseconds, program.answered).then((answered) => lease.release(answered));
    if (asked === "cancelled") return cancelledBeforeStart;
    return notStarted(reasonText("ssh_slow_ready", { host: host.name, time: after }));
  }
  if (dialog.process === undefined) {
    await within(startMarkMilliseconds, program.end, () => dialog.process !== undefined);
  }
  if (program.exit !== undefined) {
    const closed = await within(closeMilliseconds, program.end);
    lease.release(closed);
    if (dialog.begun) return { ...exitEnding(program.exit), lost: !closed };
    return notStarted(reasonText("shell_ended_early", { host: host.name }));
  }
  if (dialog.process === undefined) {
    program.abandon();
    lease.release(false);
    return unknown(reasonText("why_no_process_on", { why, host: host.name }));
  }
  const doubt = await kill(parts, lease, program, sudo);
  const closed = await within(closeMilliseconds, program.end);
  if (!closed) program.abandon();
  lease.release(closed && doubt === undefined);
  if (doubt !== undefined) return unknown(reasonText("why_unconfirmed_on", { why, host: host.name, detail: doubt }));
  return { state: asked, reason: reasonText("why_ended_on", { why, host: host.name }), lost: !closed };
}

/** Undefined when nothing is left, else why that is not certain. */
async function kill(
  parts: ExecutionParts,
  lease: Lease,
  program: RemoteProgram<KillableDialog>,
  sudo: Sudo | undefined,
): Promise<string | undefined> {
  const { process, sudoPid, keeper } = program.dialog;
  if (process === undefined) return reasonText("engine_process_unknown");
  const pids = [process.pid, ...(sudoPid === undefined ? [] : [sudoPid])];
  const sessions = process.session === undefined ? [] : [process.session];
  const first = await killOn(lease, { pids, sessions, keeper }, sudo);
  if (first.answered) return first.doubt;
  if (program.exit !== undefined) return undefined;
  // The host may allow one session a connection only, or the connection is dead: once more on a new one.
  const { host, limits, connections, secrets, checkHostKey } = parts;
  try {
    const other = await connections.acquire(
      {
        name: host.name,
        route: host.route,
        milliseconds: Math.min(limits.connectMilliseconds, killMilliseconds),
        cancellation: new Cancellation(),
        checkHostKey,
        notice: () => undefined,
        fresh: true,
      },
      secrets,
    );
    const second = await killOn(other, { pids, sessions, keeper }, sudo);
    other.release(second.answered);
    return second.doubt;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Condemned {
  readonly pids: readonly number[];
  readonly sessions: readonly number[];
  /** Is left, with its helpers. */
  readonly keeper: number | undefined;
}

async function killOn(
  lease: Lease,
  { pids, sessions, keeper }: Condemned,
  sudo: Sudo | undefined,
): Promise<{ readonly answered: boolean; readonly doubt?: string }> {
  const nonce = randomBytes(12).toString("hex");
  const ending = endProgram(pids, sessions, nonce, keeper);
  const killer = new RemoteProgram(
    { client: lease.client },
    {},
    (handlers) => new ProgramDialog(ending, nonce, sudo, handlers),
  );
  const ended = await within(killMilliseconds, killer.end);
  if (!ended) killer.abandon();
  const { answer, talk } = killer.dialog;
  if (answer?.kind === "gone") return { answered: true };
  if (answer !== undefined)
    return { answered: true, doubt: reasonText("engine_processes_left_end", { pids: answer.pids }) };
  if (!ended) return { answered: false, doubt: reasonText("engine_no_answer_in_time") };
  return { answered: false, doubt: (killer.refusal ?? oneLine(talk)) || reasonText("engine_host_did_not_say") };
}

import { randomBytes } from "node:crypto";
import { taskProgram } from "../../modules/posix.ts";
import type { Sudo } from "../../modules/posix-dialog.ts";
import { endConfirmed } from "./confirmed-end.ts";
import type { Approach, Lease } from "./connections.ts";
import {
  cancelledBeforeStart,
  type Ending,
  exitEnding,
  notStarted,
  oneLine,
  timerMilliseconds,
  unknown,
} from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { HostOutput } from "./outbox.ts";
import { UnusableCredential } from "./reasons.ts";
import { RemoteProgram } from "./remote-program.ts";

/** A channel that stays open so long after the exit code, in silence, is held by a process left in the background. */
const quietAfterExitMilliseconds = 5000;

/** Runs the task on the host. Tells exactly one `ended`; never rejects. */
export async function execute(parts: ExecutionParts): Promise<void> {
  const { host, outbox } = parts;
  const output = new HostOutput(host.position, parts.limits.outputBytes, outbox);
  let ending: Ending;
  try {
    ending = await reachAndRun(parts, output);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    ending = unknown(`The engine lost track of ${host.name}: ${text}.`);
  }
  const { lost = false, ...told } = ending;
  output.tell();
  outbox.event({ kind: "ended", position: host.position, ...told, ...output.summary(lost) });
}

async function reachAndRun(parts: ExecutionParts, output: HostOutput): Promise<Ending> {
  const { host, cancellation, connections, outbox } = parts;
  const approach: Approach = {
    name: host.name,
    route: host.route,
    milliseconds: parts.limits.connectMilliseconds,
    cancellation,
    checkHostKey: parts.checkHostKey,
    notice: (message) => outbox.event({ kind: "notice", position: host.position, message }),
  };
  let asked: Promise<string | undefined> | undefined;
  for (let attempt = 0; ; attempt++) {
    if (cancellation.cancelled) return cancelledBeforeStart;
    let lease: Lease;
    try {
      lease = await connections.acquire(attempt === 0 ? approach : { ...approach, fresh: true }, parts.secrets);
    } catch (error) {
      if (cancellation.cancelled) return cancelledBeforeStart;
      const reason = error instanceof Error ? error.message : String(error);
      return { state: error instanceof UnusableCredential ? "not_started" : "unreachable", reason };
    }
    asked ??= parts.permission();
    const refusal = cancellation.cancelled ? cancelledBeforeStart.reason : await asked;
    if (refusal !== undefined || cancellation.cancelled) {
      lease.release(true);
      return { state: "not_started", reason: refusal ?? cancelledBeforeStart.reason };
    }
    const ending = await runOn(lease, parts, output);
    if (ending !== "stale connection") return ending;
  }
}

/** From the open connection to the confirmed end; gives the lease back. */
async function runOn(lease: Lease, parts: ExecutionParts, output: HostOutput): Promise<Ending | "stale connection"> {
  const { task, host, outbox, limits, cancellation } = parts;
  const nonce = randomBytes(12).toString("hex");
  const sudo = sudoOf(parts);
  const program = new RemoteProgram(
    lease.client,
    taskProgram(task, { nonce, become: sudo !== undefined }),
    nonce,
    sudo,
    {
      started: () => outbox.event({ kind: "started", position: host.position }),
      content: (channel) => parts.sendContent(channel),
      output: (stream, data) => {
        const more = output.take(stream, data);
        if (!more) outbox.whenRoom(() => program.resume());
        return more;
      },
    },
  );
  const stop = Promise.withResolvers<"timed_out" | "cancelled">();
  const timer = setTimeout(() => stop.resolve("timed_out"), timerMilliseconds(limits.runMilliseconds));
  const unlisten = cancellation.listen(() => stop.resolve("cancelled"));
  const quiet = quietAfterExit(program);
  try {
    const first = await Promise.race([program.end.then(() => "ended" as const), quiet.promise, stop.promise]);
    if (first === "timed_out" || first === "cancelled") return await endConfirmed(parts, lease, program, sudo, first);
    if (first === "ended") return ended(parts, lease, program);
    program.abandon();
    lease.release(true);
    return { ...exitEnding(program.exit ?? {}), lost: true };
  } finally {
    quiet.stop();
    clearTimeout(timer);
    unlisten();
  }
}

/** What the end of the channel means, by how far the program had come. */
function ended(parts: ExecutionParts, lease: Lease, program: RemoteProgram): Ending | "stale connection" {
  const { host } = parts;
  const { exit, refusal, dialog } = program;
  lease.release(exit !== undefined || refusal !== undefined);
  if (dialog.begun) {
    if (exit !== undefined) return exitEnding(exit);
    return unknown(`The connection to ${host.name} was lost while the task ran; it may still be running there.`);
  }
  const said = dialog.talk === "" ? "" : ` It said: ${oneLine(dialog.talk)}`;
  if (refusal !== undefined) {
    if (!dialog.sent && lease.reused) return "stale connection";
    const reason = `${host.name} refused to run a command (${refusal}). Check what the account may do there.`;
    return { state: "unreachable", reason };
  }
  if (dialog.wrongPassword) {
    return notStarted(`sudo on ${host.name} did not accept the password. Check the credential's sudo password.`);
  }
  if (!dialog.sent) {
    if (exit !== undefined || dialog.sudoPid !== undefined) return notStarted(sudoReason(parts, dialog.talk));
    if (lease.reused) return "stale connection";
    const reason = `${host.name} closed the connection before the task was sent. Check sshd's log there.${said}`;
    return { state: "unreachable", reason };
  }
  // The shell ended in order and never said that the program begins: it did not.
  if (exit !== undefined) {
    const check = "Check the account's shell and login scripts.";
    return notStarted(`The shell on ${host.name} ended before the task began.${said} ${check}`);
  }
  return unknown(`The connection to ${host.name} was lost after the task was sent; whether it ran is not known.`);
}

function sudoReason({ host, becomeUser }: ExecutionParts, talk: string): string {
  const said = talk === "" ? "" : ` (${oneLine(talk)})`;
  if (/password is required|terminal is required|no askpass/i.test(talk)) {
    return `sudo on ${host.name} wants a password${said}. Set the credential's sudo password or allow NOPASSWD.`;
  }
  const user = becomeUser ?? "another user";
  return `sudo on ${host.name} did not let this account become ${user}${said}. Check sudo's rules there.`;
}

function sudoOf({ becomeUser, host }: ExecutionParts): Sudo | undefined {
  if (becomeUser === undefined || becomeUser === host.route.at(-1)?.user) return undefined;
  return { user: becomeUser, ...(host.becomePassword === undefined ? {} : { password: host.becomePassword }) };
}

/** Resolves when the program has exited and its channel, not held back by us, stays silent. */
function quietAfterExit(program: RemoteProgram): { promise: Promise<"quiet">; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<"quiet">();
  let timer: NodeJS.Timeout | undefined;
  function watch(): void {
    const { moved } = program;
    timer = setTimeout(() => {
      if (!program.paused && program.moved === moved) resolve("quiet");
      else watch();
    }, quietAfterExitMilliseconds);
  }
  program.whenExited(watch);
  return { promise, stop: () => clearTimeout(timer) };
}

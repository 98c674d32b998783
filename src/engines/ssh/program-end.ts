import { reasonText } from "../../contract/reasons.ts";
import type { ProgramDialog, Sudo } from "../../modules/posix-dialog.ts";
import type { Lease } from "./connections.ts";
import { type Ending, exitEnding, notStarted, oneLine, unknown } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import type { HostDialog, RemoteProgram } from "./remote-program.ts";

/** A channel that stays open so long after the exit code, in silence, is held by a process left in the background. */
const quietAfterExitMilliseconds = 5000;

/** What the end of a program's channel means when no end was told before, by how far the program had come. */
export function endedBefore(
  parts: ExecutionParts,
  lease: Lease,
  program: RemoteProgram<ProgramDialog>,
): Ending | "stale connection" | "cut" {
  const { host } = parts;
  const { channelExit, refusal, dialog } = program;
  const said = dialog.talk === "" ? "" : ` It said: ${oneLine(dialog.talk)}`;
  if (refusal !== undefined) {
    if (!dialog.sent && lease.reused) return "stale connection";
    const reason = reasonText("ssh_refused_command", { host: host.name, detail: refusal });
    return { state: "unreachable", reason };
  }
  if (dialog.wrongPassword) {
    return notStarted(reasonText("sudo_password_refused", { host: host.name }));
  }
  if (!dialog.sent) {
    if (channelExit !== undefined || dialog.sudoPid !== undefined) return notStarted(sudoReason(parts, dialog.talk));
    if (lease.reused) return "stale connection";
    const reason = `${host.name} closed the connection before the task was sent. Check sshd's log there.${said}`;
    return { state: "unreachable", reason };
  }
  return "cut";
}

/** The shell ended in order and never said that the program begins: it did not. */
export function endedUnbegun({ host }: ExecutionParts, talk: string): Ending {
  const { name } = host;
  return notStarted(
    talk === ""
      ? reasonText("ssh_shell_ended", { host: name })
      : reasonText("ssh_shell_ended_said", { host: name, text: oneLine(talk) }),
  );
}

export function sudoReason({ host, becomeUser }: ExecutionParts, talk: string): string {
  const said = talk === "" ? "" : ` (${oneLine(talk)})`;
  if (/password is required|terminal is required|no askpass/i.test(talk)) {
    return `sudo on ${host.name} wants a password${said}. Set the credential's sudo password or allow NOPASSWD.`;
  }
  const user = becomeUser ?? "another user";
  return `sudo on ${host.name} did not let this account become ${user}${said}. Check sudo's rules there.`;
}

export function sudoOf({ becomeUser, host }: ExecutionParts): Sudo | undefined {
  if (becomeUser === undefined || becomeUser === host.route.at(-1)?.user) return undefined;
  return { user: becomeUser, ...(host.becomePassword === undefined ? {} : { password: host.becomePassword }) };
}

/** The end of a program that stands by itself on its channel, which tells exit code or signal when it closes. */
export function endedByChannel(
  parts: ExecutionParts,
  lease: Lease,
  program: RemoteProgram<ProgramDialog>,
): Ending | "stale connection" {
  const { host } = parts;
  const { exit, dialog } = program;
  if (dialog.begun) {
    if (exit !== undefined) return exitEnding(exit);
    return unknown(reasonText("lost_while_running", { host: host.name }));
  }
  const ending = endedBefore(parts, lease, program);
  if (ending !== "cut") return ending;
  if (exit !== undefined) return endedUnbegun(parts, dialog.talk);
  return unknown(reasonText("lost_after_sending", { host: host.name }));
}

/** Resolves when the program has exited and its channel, not held back by us, stays silent. */
export function quietAfterExit(program: RemoteProgram<HostDialog>): { promise: Promise<"quiet">; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<"quiet">();
  let timer: NodeJS.Timeout | undefined;
  function watch(): void {
    clearTimeout(timer);
    const { moved } = program;
    timer = setTimeout(() => {
      if (!program.paused && program.moved === moved) resolve("quiet");
      else watch();
    }, quietAfterExitMilliseconds);
  }
  program.whenExited(watch);
  return { promise, stop: () => clearTimeout(timer) };
}

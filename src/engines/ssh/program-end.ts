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
    const reason = `${host.name} refused to run a command (${refusal}). Check what the account may do there.`;
    return { state: "unreachable", reason };
  }
  if (dialog.wrongPassword) {
    return notStarted(`sudo on ${host.name} did not accept the password. Check the credential's sudo password.`);
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
  const said = talk === "" ? "" : ` It said: ${oneLine(talk)}`;
  return notStarted(
    `The shell on ${host.name} ended before the task began.${said} Check the account's shell and login scripts.`,
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
    return unknown(`The connection to ${host.name} was lost while the task ran; it may still be running there.`);
  }
  const ending = endedBefore(parts, lease, program);
  if (ending !== "cut") return ending;
  if (exit !== undefined) return endedUnbegun(parts, dialog.talk);
  return unknown(`The connection to ${host.name} was lost after the task was sent; whether it ran is not known.`);
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

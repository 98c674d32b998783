import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ServerChannel, Session } from "ssh2";
import { type CommandRunner, killGroup } from "./command-runner.ts";
import { endChannel, type ServeSession } from "./ssh-host.ts";

/** What a client may set, as Debian's sshd has it, and our own parameters. */
const acceptedVariable = /^(?:LANG|LC_[A-Z]+|OM_[A-Z0-9_]+)$/;
const mostVariables = 256;
const killAfterMilliseconds = 2000;

/** A session that runs its command, or a shell, for real. No terminal, no file transfer, no forwarding. */
export function runSessions(runner: CommandRunner, homes: string): ServeSession {
  return (session, host, socket) => {
    const environment: Record<string, string> = {
      SSH_CLIENT: `${socket.remoteAddress} ${socket.remotePort} ${host.port}`,
      SSH_CONNECTION: `${socket.remoteAddress} ${socket.remotePort} ${host.address} ${host.port}`,
    };
    session.on("env", (accept, reject, { key, val }) => {
      const isTaken =
        acceptedVariable.test(key) && !val.includes("\0") && Object.keys(environment).length < mostVariables;
      if (!isTaken) {
        reject?.();
        return;
      }
      environment[key] = val;
      accept?.();
    });
    session.on("exec", (accept, _reject, { command }) => runCommand(accept(), command));
    session.on("shell", (accept) => runCommand(accept(), undefined));

    function runCommand(channel: ServerChannel, command: string | undefined): void {
      const home = join(homes, host.name);
      mkdirSync(home, { recursive: true, mode: 0o700 });
      // Both streams may report that the client has gone; the channel's close tells it.
      channel.on("error", () => undefined);
      channel.stderr.on("error", () => undefined);
      const giveUp = runner.run({ name: host.name, home }, command, environment, (child) =>
        connect(session, channel, child),
      );
      channel.once("close", giveUp);
    }
  };
}

function connect(session: Session, channel: ServerChannel, child: ChildProcess): void {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("A command was started without pipes.");
  let hasEnded = false;
  for (const stream of [stdin, stdout, stderr]) stream.on("error", () => undefined);
  channel.pipe(stdin);
  stdout.pipe(channel, { end: false });
  stderr.pipe(channel.stderr, { end: false });
  session.on("signal", (accept, _reject, { name }) => {
    killGroup(child, `SIG${name.replace(/^SIG/, "")}` as NodeJS.Signals);
    accept?.();
  });
  child.once("error", (error) => {
    hasEnded = true;
    channel.stderr.write(`The demo host cannot start a command: ${error.message}\n`);
    channel.exit(127);
    endChannel(channel);
  });
  child.once("exit", (code, signal) => {
    hasEnded = true;
    if (signal !== null) channel.exit(signal, false, "");
    else channel.exit(code ?? 0);
  });
  // After the last byte of both streams, as sshd does.
  child.once("close", () => endChannel(channel));
  channel.once("close", () => {
    if (hasEnded) {
      // What the command left behind in the background lives on, without an ear for it.
      stdout.destroy();
      stderr.destroy();
      return;
    }
    killGroup(child, "SIGHUP");
    setTimeout(() => {
      if (!hasEnded) killGroup(child, "SIGKILL");
    }, killAfterMilliseconds).unref();
    stdout.resume();
    stderr.resume();
  });
}

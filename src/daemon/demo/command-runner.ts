import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";

export interface RunnerHost {
  readonly name: string;
  readonly home: string;
}

export interface CommandRunner {
  /**
   * Calls `started` with the process as soon as one of the limited places is free. The returned function gives the
   * place up again when the command never started (the client has gone); afterwards it does nothing.
   */
  run(
    host: RunnerHost,
    command: string | undefined,
    environment: Readonly<Record<string, string>>,
    started: (child: ChildProcess) => void,
  ): () => void;
  /** Ends every process group that is left. */
  close(): void;
}

export interface RunnerOptions {
  readonly user: string;
  readonly ownHostName: boolean;
  readonly mostCommands: number;
}

/**
 * Runs commands for real, as the current user, as sshd does: `/bin/sh -c` in the home folder, in a process group of its
 * own (it is a session leader), with an environment that has nothing of this process's.
 */
export function createCommandRunner(options: RunnerOptions): CommandRunner {
  const running = new Set<ChildProcess>();
  const waiting = new Set<() => void>();
  let closed = false;

  function free(child: ChildProcess): void {
    running.delete(child);
    const [next] = waiting;
    if (!next) return;
    waiting.delete(next);
    next();
  }

  return {
    run(host, command, environment, started) {
      function start(): void {
        const [program, ...words] = options.ownHostName ? withHostName(host.name, command) : plain(command);
        const child = spawn(program ?? "/bin/sh", words, {
          cwd: host.home,
          env: environmentOf(host, options.user, environment),
          detached: true,
          stdio: "pipe",
        });
        running.add(child);
        child.once("exit", () => free(child));
        child.once("error", () => free(child));
        started(child);
      }
      if (closed) return () => undefined;
      if (running.size < options.mostCommands) {
        start();
        return () => undefined;
      }
      waiting.add(start);
      return () => waiting.delete(start);
    },
    close() {
      closed = true;
      waiting.clear();
      for (const child of running) killGroup(child, "SIGKILL");
    },
  };
}

/** Signals the command's whole process group; nothing happens when it has gone. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // No such group: all of it has ended.
  }
}

function plain(command: string | undefined): string[] {
  return command === undefined ? ["/bin/sh"] : ["/bin/sh", "-c", command];
}

/** The name is written by the shell itself, without a process more. */
const setHostName = 'printf %s "$0" >/proc/sys/kernel/hostname';

function withHostName(name: string, command: string | undefined): string[] {
  const script = command === undefined ? `${setHostName}; exec /bin/sh` : `${setHostName}; exec /bin/sh -c "$1"`;
  return [
    "/usr/bin/unshare",
    "--uts",
    "--",
    "/bin/sh",
    "-c",
    script,
    name,
    ...(command === undefined ? [] : [command]),
  ];
}

function environmentOf(
  host: RunnerHost,
  user: string,
  environment: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...environment,
    USER: user,
    LOGNAME: user,
    HOME: host.home,
    SHELL: "/bin/sh",
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOSTNAME: host.name,
  };
}

/** Whether commands can have a host name of their own here: it is tried, and this process keeps its own name. */
export function canHaveOwnHostName(): boolean {
  if (process.platform !== "linux") return false;
  const mine = readlinkSync("/proc/self/ns/uts");
  const [program, ...words] = withHostName("om-demo-name", "readlink /proc/self/ns/uts; uname -n");
  const tried = spawnSync(program ?? "", words, {
    encoding: "utf8",
    timeout: 5000,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [space, name] = tried.status === 0 ? tried.stdout.trim().split("\n") : [];
  return name === "om-demo-name" && space !== mine;
}

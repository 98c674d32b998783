import { spawnSync } from "node:child_process";
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Task } from "../../src/contract/engine.ts";
import { quoteWord } from "../../src/modules/posix-words.ts";

/**
 * A host that is not this one: a script runs here for real, but in a mount namespace in which /etc, /var/log and /run
 * are folders that a test has filled, and programs are hidden or replaced. Nothing of this machine is changed.
 */
export interface FabricatedHost {
  /** Where a canary file would appear: working folder of every task, else empty. */
  readonly work: string;
  run(task: Task, options?: RunOptions): Answer;
  /** All of them, one after the other, in one go: entering and leaving a namespace is what takes the time. */
  runAll(tasks: readonly Task[]): Answer;
  /** Lines that the shims have written with `log`. */
  log(): Promise<string[]>;
  /** Files in {@link FabricatedHost.work}. */
  canaries(): Promise<string[]>;
  close(): Promise<void>;
}

export interface HostParts {
  /** Path on the host → content. Only below /etc, /var/log, /var/spool, /run and (with `proc`) /proc. */
  readonly files?: Readonly<Record<string, string>>;
  /** Mode of files, where not 0644. */
  readonly modes?: Readonly<Record<string, number>>;
  /** Programs of this machine that the host does not have. */
  readonly without?: readonly string[];
  /** Program → POSIX shell script; `log WORDS` in it notes a line. */
  readonly programs?: Readonly<Record<string, string>>;
  /** /proc holds nothing but the given files. */
  readonly proc?: boolean;
}

export interface RunOptions {
  /** Default `/bin/sh`. */
  readonly shell?: readonly string[];
  /** As an ordinary user; needs root here. */
  readonly ordinaryUser?: boolean;
}

export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

const roots = ["/etc", "/var/log", "/var/spool", "/run", "/proc"] as const;
const isRoot = process.getuid?.() === 0;
const unshare = isRoot ? ["--mount", "--"] : ["--map-root-user", "--mount", "--"];

/** Whether this machine lets the tests make mount namespaces; where not, what to allow. */
export function fabricatedHostProblem(): string | undefined {
  const tried = spawnSync("unshare", [...unshare, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], { encoding: "utf8" });
  if (tried.status === 0) return undefined;
  return `No mount namespace can be made here (${(tried.stderr ?? "").trim() || tried.error?.message}): run the tests as root, or allow unprivileged user namespaces.`;
}

export const canBecomeOrdinaryUser = isRoot;

/** Every POSIX shell of this machine; the scripts must do the same in each. */
export function shells(): { name: string; argv: string[] }[] {
  const known: { name: string; argv: string[] }[] = [
    { name: "/bin/sh", argv: ["/bin/sh"] },
    { name: "dash", argv: ["/usr/bin/dash"] },
    { name: "bash --posix", argv: ["/bin/bash", "--posix"] },
    { name: "busybox sh", argv: ["/bin/busybox", "sh"] },
  ];
  const there = known.filter(({ argv }) => existsSync(argv[0] ?? ""));
  // /bin/sh is one of the others, most often.
  const programs = there.map(({ argv }) => [realpathSync(argv[0] ?? ""), ...argv.slice(1)].join(" "));
  return there.filter((_shell, index) => programs.indexOf(programs[index] ?? "") === index);
}

export async function fabricateHost(parts: HostParts = {}): Promise<FabricatedHost> {
  const folder = await mkdtemp(join(tmpdir(), "om-host-"));
  // An ordinary user must come through to the working folder.
  await chmod(folder, 0o755);
  const at = (path: string) => join(folder, "root", path);
  const work = join(folder, "work");
  const logFile = join(folder, "log");
  for (const root of roots) await mkdir(at(root), { recursive: true });
  await mkdir(work);
  await chmod(work, 0o777);
  await mkdir(join(folder, "bin"));
  await writeFile(logFile, "");
  await chmod(logFile, 0o666);
  const accounts = {
    "/etc/passwd": await readFile("/etc/passwd", "utf8"),
    "/etc/group": await readFile("/etc/group", "utf8"),
  };
  for (const [path, text] of Object.entries({ ...accounts, ...parts.files })) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), text);
    await chmod(at(path), parts.modes?.[path] ?? 0o644);
  }
  // Tests need not wait for what scripts wait for.
  for (const [name, script] of Object.entries({ sleep: ":", ...parts.programs })) {
    const file = join(folder, "bin", name);
    await writeFile(file, `#!/bin/sh\nlog() { printf '%s\\n' "$*" >>'${logFile}'; }\n${script}\n`);
    await chmod(file, 0o755);
  }
  const setUp = join(folder, "set-up");
  await writeFile(setUp, setUpText(at, parts));

  function enter(argv: readonly string[], environment: Readonly<Record<string, string>>): Answer {
    const done = spawnSync("unshare", [...unshare, "/bin/sh", setUp, ...argv], {
      cwd: work,
      env: { ...environment, ...standing },
      encoding: "utf8",
      timeout: 60_000,
    });
    if (done.error) throw done.error;
    return { stdout: done.stdout, stderr: done.stderr, code: done.status };
  }
  const standing = { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, HOME: work };
  let scripts = 0;
  function scriptFile(): string {
    scripts += 1;
    return join(folder, `script-${scripts}`);
  }

  return {
    work,
    run(task, { shell, ordinaryUser = false } = {}) {
      const { argv, environment } = invocation(task, scriptFile(), shell);
      const become = ordinaryUser ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
      return enter([...become, ...argv], environment);
    },
    runAll(tasks) {
      const lines = tasks.map((task) => {
        const { argv, environment } = invocation(task, scriptFile());
        const entries = Object.entries({ ...environment, ...standing }).map(([name, value]) => `${name}=${value}`);
        return `${["env", "-i", ...entries, ...argv].map(quoteWord).join(" ")} </dev/null`;
      });
      const driver = scriptFile();
      writeFileSync(driver, `${lines.join("\n")}\n`);
      return enter(["/bin/sh", driver], {});
    },
    async log() {
      return (await readFile(logFile, "utf8")).split("\n").filter((line) => line !== "");
    },
    canaries: () => readdir(work),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function setUpText(at: (path: string) => string, parts: HostParts): string {
  const hidden = (parts.without ?? []).flatMap((name) =>
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
      .map((place) => join(place, name))
      .filter((path) => existsSync(path)),
  );
  const mounted = roots.filter((root) => root !== "/proc" || parts.proc === true);
  return [
    "set -e",
    // A mount over what is already hidden by a link's other name fails, and is not needed.
    ...hidden.map((path) => `mount --bind /dev/null ${path} 2>/dev/null || :`),
    ...mounted.map((root) => `mount --bind ${at(root)} ${root}`),
    'exec "$@"',
    "",
  ].join("\n");
}

function invocation(task: Task, scriptFile: string, shell?: readonly string[]) {
  if (task.kind === "script") {
    writeFileSync(scriptFile, task.script);
    return { argv: [...(shell ?? task.interpreter), scriptFile, ...task.arguments], environment: task.environment };
  }
  if (task.kind === "file" && task.after) {
    return { argv: shell ? [...shell, ...task.after.slice(1)] : [...task.after], environment: {} };
  }
  if (task.kind === "command") return { argv: [...task.argv], environment: task.environment };
  throw new Error(`A fabricated host cannot run a task of kind ${task.kind}.`);
}

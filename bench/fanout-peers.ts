import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sshd } from "../test/testkit/sshd.ts";

/** What a peer needed for one command on all hosts: CPU of its whole process tree, and wall time. */
export interface PeerCost {
  readonly version: string;
  readonly cpuMs: number;
  readonly wallS: number;
}

/** The same key exchange for everybody, and known host keys, so that the tools are compared and not their defaults. */
export const keyExchange = "curve25519-sha256";

function sshOptions(sshd: Sshd): string[] {
  const knownHosts = join(sshd.folder, "known_hosts");
  writeFileSync(knownHosts, `[127.*]:${sshd.port} ssh-ed25519 ${sshd.hostKey.toString("base64")}\n`);
  return [
    ["KexAlgorithms", keyExchange],
    ["UserKnownHostsFile", knownHosts],
    ["GlobalKnownHostsFile", "/dev/null"],
    ["StrictHostKeyChecking", "yes"],
    ["IdentityFile", sshd.keyFile],
    ["IdentitiesOnly", "yes"],
    ["Port", String(sshd.port)],
    ["BatchMode", "yes"],
  ].flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** ClusterShell's clush, 64 at once. */
export async function clush(sshd: Sshd, addresses: readonly string[], command: string): Promise<PeerCost> {
  const version = versionOf("clush", ["--version"], "apt-get install clustershell");
  const hosts = join(sshd.folder, "clush_hosts");
  writeFileSync(hosts, `${addresses.join("\n")}\n`);
  const cost = await run("clush", ["-f", "64", "--hostfile", hosts, "-o", sshOptions(sshd).join(" "), command], {
    HOME: sshd.folder,
  });
  if (cost.lines !== addresses.length) throw new Error(`clush brought ${cost.lines} answers of ${addresses.length}`);
  return { version, cpuMs: cost.cpuMs, wallS: cost.wallS };
}

/** `ansible -m raw`, 50 forks, with Ansible's own connection sharing; its masters' CPU counts, too. */
export async function ansibleRaw(sshd: Sshd, addresses: readonly string[], command: string): Promise<PeerCost> {
  const program = ansibleProgram(sshd.folder);
  const version = versionOf(program, ["--version"], "pip install ansible-core");
  const inventory = join(sshd.folder, "inventory");
  writeFileSync(inventory, `${addresses.join("\n")}\n`);
  const control = join(sshd.folder, "cp");
  mkdirSync(control, { recursive: true });
  const cost = await run(program, ["all", "-i", inventory, "-f", "50", "-m", "ansible.builtin.raw", "-a", command], {
    HOME: sshd.folder,
    ANSIBLE_HOME: join(sshd.folder, "ansible"),
    ANSIBLE_SSH_CONTROL_PATH_DIR: control,
    ANSIBLE_SSH_ARGS: `-C -o ControlMaster=auto -o ControlPersist=60s ${sshOptions(sshd).join(" ")}`,
    ANSIBLE_NOCOLOR: "1",
  });
  const masters = takeProcesses(control);
  if (cost.lines < addresses.length)
    throw new Error(`ansible brought ${cost.lines} lines for ${addresses.length} hosts`);
  return { version, cpuMs: cost.cpuMs + masters, wallS: cost.wallS };
}

/** Runs a program to its end; CPU of it and of all children that it waited for (/proc/self/stat, cutime and cstime). */
async function run(
  program: string,
  argv: readonly string[],
  environment: Record<string, string>,
): Promise<{ cpuMs: number; wallS: number; lines: number }> {
  const before = childrenCpuMs();
  const begun = performance.now();
  const child = spawn(program, argv, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH ?? "", LANG: "C.UTF-8", ...environment },
  });
  let lines = 0;
  let trouble = "";
  child.stdout.on("data", (data: Buffer) => {
    for (const byte of data) if (byte === 10) lines += 1;
  });
  child.stderr.on("data", (data: Buffer) => {
    trouble = (trouble + data.toString()).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${trouble}`);
  return { cpuMs: childrenCpuMs() - before, wallS: (performance.now() - begun) / 1000, lines };
}

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"]).toString());

function stat(pid: string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function childrenCpuMs(): number {
  const fields = stat("self");
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / ticksPerSecond;
}

/** CPU of the processes that name this path (Ansible's connection masters leave their parent); then ends them. */
function takeProcesses(path: string): number {
  let cpuMs = 0;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(path)) continue;
      const fields = stat(pid);
      cpuMs += ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
      process.kill(Number(pid), "SIGTERM");
    } catch {
      // It ended meanwhile.
    }
  }
  return cpuMs;
}

function ansibleProgram(folder: string): string {
  try {
    execFileSync("ansible", ["--version"], { stdio: "ignore" });
    return "ansible";
  } catch {
    console.error("ansible is not installed: putting ansible-core into a throw-away virtual environment …");
  }
  const venv = join(folder, "venv");
  execFileSync("python3", ["-m", "venv", venv], { stdio: ["ignore", "ignore", "inherit"] });
  execFileSync(join(venv, "bin/pip"), ["install", "-q", "ansible-core"], { stdio: ["ignore", "ignore", "inherit"] });
  return join(venv, "bin/ansible");
}

function versionOf(program: string, argv: readonly string[], install: string): string {
  try {
    return execFileSync(program, argv).toString().split("\n")[0]?.trim() ?? "";
  } catch {
    throw new Error(`${program} is not installed. Install it: ${install}`);
  }
}

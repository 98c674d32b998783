import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineHost, EngineJob } from "../src/contract/engine.ts";
import { createSshEngine } from "../src/engines/ssh/ssh-engine.ts";
import { type Sshd, startSshd } from "../test/testkit/sshd.ts";
import { ansibleRaw, clush, keyExchange, type PeerCost } from "./fanout-peers.ts";
import { type Cost, median, productCosts } from "./fanout-product.ts";
import { settling } from "./settling.ts";

const shm = "/dev/shm";

/**
 * One command (`uptime`) on many hosts: real OpenSSH at loopback addresses, ed25519 keys, the same key exchange for all.
 * Measured is the whole product, started through its API and followed live; the bare engine stands beside it. CPU is
 * that of the client's whole process tree; the hosts' side (sshd, shell, uptime) is not in it, though on one machine it
 * bounds the wall time. Peers run in turn with us: clush with 64 and ansible raw with 50 at once.
 *
 * What hosts keep of an execution until it is settled is in memory here (/dev/shm): a thousand hosts share one file system,
 * and an ext4 that makes a file looks through the inodes that all of them have deleted within five seconds, which hosts with
 * a disk of their own do not pay. `--state disk` has it on the disk all the same.
 * Options: --hosts 1000, --peers clush,ansible (or none), --rounds 1 (the best of several), --state memory.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const count = Number(options.hosts ?? 1000);
  const peers = (options.peers ?? "clush,ansible").split(",");
  const rounds = Number(options.rounds ?? 1);
  const state = options.state !== "disk" && existsSync(shm) ? "memory" : "disk";
  const home = mkdtempSync(join(state === "memory" ? shm : tmpdir(), "omserver-bench-"));
  const sshd = await startSshd({ config: [`SetEnv SHLVL=2 HOME=${home}`] });
  try {
    const addresses = Array.from({ length: count }, (_, number) => sshd.address(number));
    const first: Cost[] = [];
    const cold: Cost[] = [];
    const warm: Cost[] = [];
    const bare: { cold: Cost; warm: Cost }[] = [];
    let clushCost: PeerCost | undefined;
    let ansibleCost: PeerCost | undefined;
    for (let round = 0; round < rounds; round++) {
      const own = await productCosts(sshd, addresses);
      first.push(own.first);
      cold.push(own.cold);
      warm.push(own.warm);
      report("OMServer, first run of its process", own.first, count);
      report("OMServer, cold", own.cold, count);
      report("OMServer, warm", own.warm, count);
      const engine = await engineCosts(sshd, addresses);
      bare.push(engine);
      report("its engine alone, cold", engine.cold, count);
      report("its engine alone, warm", engine.warm, count);
      if (peers.includes("clush")) {
        clushCost = cheaper(clushCost, await clush(sshd, addresses, "uptime"));
        report(clushCost.version, clushCost, count);
      }
      if (peers.includes("ansible")) {
        ansibleCost = cheaper(ansibleCost, await ansibleRaw(sshd, addresses, "uptime"));
        report(ansibleCost.version, ansibleCost, count);
      }
    }
    const engine = { cold: best(bare.map((one) => one.cold)), warm: best(bare.map((one) => one.warm)) };
    return {
      ...resultOf(count, { first: best(first), cold: best(cold), warm: best(warm), engine }, clushCost, ansibleCost),
      hostsKeepTheirStateIn: state,
    };
  } finally {
    await sshd.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

/** CPU (user and system, all threads of this process) and wall time of something that runs in this process. */
async function measure(runOnce: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await runOnce();
  const wallS = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, wallS };
}

/**
 * The bare engine in this process: up (its threads started, nothing run yet), then cold (no connection open), then warm
 * (all connections kept; the median of five runs, as the first ones still compile).
 */
async function engineCosts(sshd: Sshd, addresses: readonly string[]): Promise<{ cold: Cost; warm: Cost }> {
  const engine = createSshEngine({ keptConnections: addresses.length * 2 });
  await engine.probe(new AbortController().signal);
  try {
    const cold = await measure(() => runAll(engine, sshd, addresses));
    const warm: Cost[] = [];
    for (let i = 0; i < 5; i++) warm.push(await measure(() => runAll(engine, sshd, addresses)));
    return { cold, warm: median(warm) };
  } finally {
    await engine.close();
  }
}

async function runAll(engine: Engine, sshd: Sshd, addresses: readonly string[]): Promise<void> {
  let ok = 0;
  const job = jobOf(sshd, addresses);
  const settle = settling(engine, job.runUid);
  for await (const event of engine.run(job, new AbortController().signal)) {
    if (event.kind !== "ended") continue;
    settle.ended(event.position);
    if (event.state === "ok" && event.stdoutBytes > 0) ok += 1;
    else console.error(`${addresses[event.position]}: ${event.state}, ${event.reason}`);
  }
  if (ok !== addresses.length) throw new Error(`${ok} of ${addresses.length} hosts answered`);
}

function jobOf(sshd: Sshd, addresses: readonly string[]): EngineJob {
  const hosts = addresses.map(
    (address, position): EngineHost => ({
      position,
      name: address,
      address,
      port: sshd.port,
      credential: "key",
      jumps: [],
    }),
  );
  return {
    runUid: randomUUID(),
    hosts,
    task: { kind: "command", argv: ["uptime"], environment: {}, secretNames: [] },
    danger: "read",
    check: false,
    width: 128,
    limits: { connectMilliseconds: 60_000, runMilliseconds: 60_000, outputBytes: 1_000_000 },
    intend: async (positions) => positions,
    credential: async () => ({ kind: "key", user: sshd.user, privateKey: sshd.privateKey }),
    hostKeys: { check: async (_address, _port, key) => (sshd.hostKey.equals(key) ? "trusted" : "changed") },
    file: async () => {
      throw new Error("a command has no file");
    },
  };
}

function cheaper(one: PeerCost | undefined, other: PeerCost): PeerCost {
  return one === undefined || other.cpuMs < one.cpuMs ? other : one;
}

function best(costs: readonly Cost[]): Cost {
  return costs.reduce((one, other) => (other.cpuMs < one.cpuMs ? other : one));
}

function report(name: string, cost: Cost, hosts: number): void {
  const perHost = (cost.cpuMs / hosts).toFixed(2).padStart(8);
  console.error(`${perHost} ms CPU a host ${cost.wallS.toFixed(1).padStart(7)} s  ${name}`);
}

function resultOf(
  hosts: number,
  { first, cold, warm, engine }: { first: Cost; cold: Cost; warm: Cost; engine: { cold: Cost; warm: Cost } },
  clushCost: PeerCost | undefined,
  ansibleCost: PeerCost | undefined,
): object {
  const perHost = (cost: Cost | undefined) => (cost === undefined ? undefined : round(cost.cpuMs / hosts));
  const ratio = (one: number, other: number | undefined) => (other === undefined ? undefined : round(one / other));
  return {
    bench: "fanout",
    hosts,
    cold: {
      cpuMsPerHost: perHost(cold),
      clushCpuMsPerHost: perHost(clushCost),
      ansibleRawCpuMsPerHost: perHost(ansibleCost),
      wallS: round(cold.wallS),
      clushWallS: clushCost && round(clushCost.wallS),
      ansibleRawWallS: ansibleCost && round(ansibleCost.wallS),
    },
    warm: { cpuMsPerHost: perHost(warm), wallS: round(warm.wallS) },
    firstRun: { cpuMsPerHost: perHost(first), wallS: round(first.wallS) },
    engineAlone: { coldCpuMsPerHost: perHost(engine.cold), warmCpuMsPerHost: perHost(engine.warm) },
    ratios: {
      coldToClush: ratio(cold.cpuMs, clushCost?.cpuMs),
      coldToAnsibleRaw: ratio(cold.cpuMs, ansibleCost?.cpuMs),
      warmToClush: ratio(warm.cpuMs, clushCost?.cpuMs),
      coldWallToClush: ratio(cold.wallS, clushCost?.wallS),
    },
    keyExchange,
    versions: {
      node: process.version,
      openssh: sshVersion(),
      clush: clushCost?.version,
      ansible: ansibleCost?.version,
    },
    machine: `${cpus().length} × ${cpus()[0]?.model}`,
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function sshVersion(): string {
  return execFileSync("sh", ["-c", "ssh -V 2>&1"]).toString().trim();
}

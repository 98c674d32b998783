import { cpus } from "node:os";
import type { Engine, EngineHost, EngineJob } from "../src/contract/engine.ts";
import { createFuncEngine } from "../src/engines/func/func-engine.ts";
import { createSshEngine } from "../src/engines/ssh/ssh-engine.ts";
import { startMinion } from "../test/testkit/func.ts";
import { type Sshd, startSshd } from "../test/testkit/sshd.ts";

/**
 * One command (`uptime`) on many Func minions at once, beside the same on as many hosts by the SSH engine. Measured is
 * the CPU of the client (all threads of this process). The minions are one stub in a process of its own: mutual TLS with
 * certificates of certmaster's kind (RSA 2048), XML-RPC and jobs as always, but it runs nothing; sshd does run uptime.
 * Cold is without any connection, warm the median of five runs after it. Options: --minions 500.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const count = Number(options.minions ?? 500);
  const func = await funcCosts(count);
  report("Func", func, count);
  const ssh = await sshCosts(count);
  report("SSH", ssh, count);
  const perHost = (milliseconds: number) => Math.round((milliseconds / count) * 1000) / 1000;
  return {
    bench: "func",
    minions: count,
    cpuMsPerHost: perHost(func.cold),
    sshCpuMsPerHost: perHost(ssh.cold),
    warm: { cpuMsPerHost: perHost(func.warm), sshCpuMsPerHost: perHost(ssh.warm) },
    wallS: { cold: func.coldWallS, sshCold: ssh.coldWallS },
    ratio: Math.round((func.cold / ssh.cold) * 1000) / 1000,
    machine: `${cpus().length} × ${cpus()[0]?.model}`,
    versions: { node: process.version },
  };
}

interface Costs {
  readonly cold: number;
  readonly coldWallS: number;
  readonly warm: number;
}

async function funcCosts(count: number): Promise<Costs> {
  const minion = await startMinion({ stub: "12:00:00 up 1 day, 1 user, load average: 0.00, 0.00, 0.00" });
  try {
    const hosts = Array.from({ length: count }, (_, position) => ({
      position,
      name: minion.name,
      address: minion.address(position),
      port: 22,
      jumps: [],
    }));
    return await costs(createFuncEngine(minion.settings()), hosts, async () => {
      throw new Error("Func signs in by certificate");
    });
  } finally {
    await minion.stop();
  }
}

async function sshCosts(count: number): Promise<Costs> {
  const sshd: Sshd = await startSshd();
  try {
    const hosts = Array.from({ length: count }, (_, position) => ({
      position,
      name: sshd.address(position),
      address: sshd.address(position),
      port: sshd.port,
      credential: "key",
      jumps: [],
    }));
    return await costs(
      createSshEngine({ keptConnections: count * 2 }),
      hosts,
      async () => ({ kind: "key", user: sshd.user, privateKey: sshd.privateKey }),
      sshd.hostKey,
    );
  } finally {
    await sshd.stop();
  }
}

async function costs(
  engine: Engine,
  hosts: readonly EngineHost[],
  credential: EngineJob["credential"],
  hostKey?: Buffer,
): Promise<Costs> {
  const job: EngineJob = {
    runUid: "func",
    hosts,
    task: { kind: "command", argv: ["uptime"], environment: {}, secretNames: [] },
    danger: "read",
    check: false,
    width: hosts.length,
    limits: { connectMilliseconds: 60_000, runMilliseconds: 60_000, outputBytes: 1_000_000 },
    intend: async (positions) => positions,
    credential,
    hostKeys: { check: async (_address, _port, key) => (hostKey?.equals(key) === true ? "trusted" : "changed") },
    file: async () => {
      throw new Error("a command has no file");
    },
  };
  try {
    await engine.probe(new AbortController().signal);
    const begun = performance.now();
    const cold = await measure(engine, job);
    const coldWallS = Math.round(performance.now() - begun) / 1000;
    const warm: number[] = [];
    for (let round = 0; round < 5; round++) warm.push(await measure(engine, job));
    warm.sort((one, other) => one - other);
    return { cold, coldWallS, warm: warm[2] ?? 0 };
  } finally {
    await engine.close();
  }
}

/** Milliseconds of CPU for one run in which every host answers. */
async function measure(engine: Engine, job: EngineJob): Promise<number> {
  const before = process.cpuUsage();
  let answered = 0;
  for await (const event of engine.run(job, new AbortController().signal)) {
    if (event.kind !== "ended") continue;
    if (event.state === "ok" && event.stdoutBytes > 0) answered += 1;
    else console.error(`host ${event.position}: ${event.state}, ${event.reason}`);
  }
  if (answered !== job.hosts.length) throw new Error(`${answered} of ${job.hosts.length} hosts answered`);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function report(name: string, { cold, coldWallS, warm }: Costs, count: number): void {
  const perHost = (milliseconds: number) => `${(milliseconds / count).toFixed(2)} ms`;
  console.error(`${name}: cold ${perHost(cold)} a host (${coldWallS.toFixed(1)} s), warm ${perHost(warm)}`);
}

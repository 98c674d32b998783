import { cpus } from "node:os";
import { startMinion } from "../test/testkit/func.ts";
import { startSshd } from "../test/testkit/sshd.ts";
import { type MeasuredRole, rounded, startMeasured } from "./product.ts";

/**
 * One command (`uptime`) on many Func minions at once, beside the same on as many hosts by the SSH engine. Measured is
 * the CPU of the client: each engine in a process of its own that does nothing else, started as the server is, after the
 * start of its threads has settled. The minions are one stub in a process of its own: mutual TLS with certificates of
 * certmaster's kind (RSA 2048), XML-RPC and jobs as always, but it runs nothing; sshd does run uptime. Each engine does
 * all of its work: Func's hosts claim what they run and clear up by themselves, SSH's claim it and are told to forget.
 * Cold is the first run of a new process, without any connection; warm the median of five runs after it. The two take
 * turns, and of the rounds the median counts. Options: --minions 500, --rounds 3.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const count = Number(options.minions ?? 500);
  const rounds = Number(options.rounds ?? 3);
  const minion = await startMinion({ stub: "12:00:00 up 1 day, 1 user, load average: 0.00, 0.00, 0.00" });
  const sshd = await startSshd();
  try {
    const numbers = Array.from({ length: count }, (_, number) => number);
    const roles: Record<"func" | "ssh", MeasuredRole> = {
      func: {
        role: "engine",
        engine: "func",
        settings: minion.settings(),
        hosts: numbers.map((number) => ({ name: minion.name, address: minion.address(number), port: 22 })),
      },
      ssh: {
        role: "engine",
        engine: "ssh",
        kept: count * 2,
        hosts: numbers.map((number) => ({
          name: sshd.address(number),
          address: sshd.address(number),
          port: sshd.port,
        })),
        user: sshd.user,
        privateKey: sshd.privateKey,
      },
    };
    const costs: Record<"func" | "ssh", Costs[]> = { func: [], ssh: [] };
    for (let round = 1; round <= rounds; round++) {
      for (const engine of ["func", "ssh"] as const) {
        const cost = await costOf(roles[engine], count);
        costs[engine].push(cost);
        console.error(
          `round ${round}, ${engine}: cold ${cost.cold.toFixed(2)} ms a host (${cost.coldWallS.toFixed(1)} s), warm ${cost.warm.toFixed(2)} ms`,
        );
      }
    }
    const medianOf = (engine: "func" | "ssh", what: keyof Costs) => median(costs[engine].map((cost) => cost[what]));
    return {
      bench: "func",
      minions: count,
      cpuMsPerHost: rounded(medianOf("func", "cold"), 3),
      sshCpuMsPerHost: rounded(medianOf("ssh", "cold"), 3),
      ratio: rounded(medianOf("func", "cold") / medianOf("ssh", "cold"), 3),
      warm: {
        cpuMsPerHost: rounded(medianOf("func", "warm"), 3),
        sshCpuMsPerHost: rounded(medianOf("ssh", "warm"), 3),
        ratio: rounded(medianOf("func", "warm") / medianOf("ssh", "warm"), 3),
      },
      wallS: { cold: rounded(medianOf("func", "coldWallS"), 1), sshCold: rounded(medianOf("ssh", "coldWallS"), 1) },
      rounds,
      machine: `${cpus().length} × ${cpus()[0]?.model}`,
      versions: { node: process.version },
    };
  } finally {
    await sshd.stop();
    await minion.stop();
  }
}

interface Costs {
  /** CPU in milliseconds a host. */
  readonly cold: number;
  readonly coldWallS: number;
  readonly warm: number;
}

async function costOf(role: MeasuredRole, count: number): Promise<Costs> {
  const measured = await startMeasured(role);
  async function measure(): Promise<number> {
    const before = await measured.cpu();
    const ok = await measured.ask(String(count));
    if (ok !== count) throw new Error(`${ok} of ${count} hosts answered`);
    return ((await measured.cpu()) - before) / count;
  }
  try {
    // What its threads compile at their start is no cost of a host.
    for (let before = -1, now = 0; now - before > 10; before = now, now = await measured.cpu()) {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const begun = performance.now();
    const cold = await measure();
    const coldWallS = (performance.now() - begun) / 1000;
    const warm: number[] = [];
    for (let round = 0; round < 5; round++) warm.push(await measure());
    return { cold, coldWallS, warm: median(warm) };
  } finally {
    await measured.stop();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

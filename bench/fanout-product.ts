import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Sshd } from "../test/testkit/sshd.ts";
import { clientOf, importHosts, inFolder, type Measured, runOnAll, startMeasured } from "./product.ts";

export interface Cost {
  readonly cpuMs: number;
  readonly wallS: number;
}

/** A process that has been up for a while has compiled what it runs: so many warm runs are not counted. */
const uncounted = 20;
/** After a run hosts are told to forget it, and connections that ended are noticed. */
const restMilliseconds = 2000;

export interface ProductCosts {
  /** The very first run of a process: it connects, and compiles what it runs. */
  readonly first: Cost;
  /** Every host is connected to anew; the median of three runs after the first. */
  readonly cold: Cost;
  /** All connections kept; the median of nine runs. */
  readonly warm: Cost;
}

/**
 * The whole product, already up, with all that a run is: API, plan, store, signed order, journal, engine, live view.
 * Cold and warm each in a process of its own. Before each cold run the hosts have ended all connections.
 */
export async function productCosts(sshd: Sshd, addresses: readonly string[]): Promise<ProductCosts> {
  const cold = await runsOf(sshd, addresses, { cold: true, runs: 4 });
  const warm = await runsOf(sshd, addresses, { cold: false, runs: 1 + uncounted + 9 });
  return { first: cold[0] as Cost, cold: median(cold.slice(1)), warm: median(warm.slice(1 + uncounted)) };
}

async function runsOf(
  sshd: Sshd,
  addresses: readonly string[],
  options: { readonly cold: boolean; readonly runs: number },
): Promise<Cost[]> {
  return await inFolder(async (folder) => {
    const knownHostsFile = join(folder, "known_hosts");
    const key = `ssh-ed25519 ${sshd.hostKey.toString("base64")}`;
    await writeFile(knownHostsFile, addresses.map((address) => `[${address}]:${sshd.port} ${key}\n`).join(""));
    const product = await startMeasured({
      role: "product",
      folder: join(folder, "data"),
      engine: "ssh",
      kept: addresses.length * 2,
      knownHostsFile,
    });
    try {
      return await costsOf(product, sshd, addresses, options);
    } finally {
      await product.stop();
    }
  });
}

async function costsOf(
  product: Measured,
  sshd: Sshd,
  addresses: readonly string[],
  { cold, runs }: { readonly cold: boolean; readonly runs: number },
): Promise<Cost[]> {
  const client = clientOf(product);
  const secret = { kind: "key", user: sshd.user, privateKey: sshd.privateKey } as const;
  await client.call("PUT /credentials", { body: { name: "default", description: "", secret } });
  await importHosts(
    client,
    addresses.map((address, number) => ({ name: `host${number}`, address, port: sshd.port })),
  );
  async function once(): Promise<Cost> {
    const cpu = await product.cpu();
    const begun = performance.now();
    await runOnAll(client, addresses.length, ["uptime"], 128);
    const wallS = (performance.now() - begun) / 1000;
    return { cpuMs: (await product.cpu()) - cpu, wallS };
  }
  const costs: Cost[] = [];
  for (let run = 0; run < runs; run += 1) {
    costs.push(await once());
    if (!cold) continue;
    await setTimeout(restMilliseconds);
    sshd.endSessions();
    await setTimeout(restMilliseconds);
  }
  return costs;
}

export function median(costs: readonly Cost[]): Cost {
  const sorted = costs.toSorted((one, other) => one.cpuMs - other.cpuMs);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}

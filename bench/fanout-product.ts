import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sshd } from "../test/testkit/sshd.ts";
import { clientOf, importHosts, inFolder, type Measured, runOnAll, startMeasured } from "./product.ts";

export interface Cost {
  readonly cpuMs: number;
  readonly wallS: number;
}

/**
 * The whole product in a process of its own, already up, with all that a run is: API, plan, store, signed order,
 * journal, engine, live view. Cold is its first run (no connection open, nothing compiled yet); warm has every
 * connection kept, the median of five runs.
 */
export async function productCosts(sshd: Sshd, addresses: readonly string[]): Promise<{ cold: Cost; warm: Cost }> {
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
      return await costsOf(product, sshd, addresses);
    } finally {
      await product.stop();
    }
  });
}

async function costsOf(
  product: Measured,
  sshd: Sshd,
  addresses: readonly string[],
): Promise<{ cold: Cost; warm: Cost }> {
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
  const cold = await once();
  const warm: Cost[] = [];
  for (let i = 0; i < 5; i++) warm.push(await once());
  return { cold, warm: median(warm) };
}

export function median(costs: readonly Cost[]): Cost {
  const sorted = costs.toSorted((one, other) => one.cpuMs - other.cpuMs);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}

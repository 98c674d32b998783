import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startStubFleet } from "../src/daemon/demo/fleet.ts";
import { clientOf, importHosts, inFolder, type Measured, rounded, runOnAll, startMeasured } from "./product.ts";

/**
 * What the whole product (HTTP API, planning, store, orders, journal, live view) costs over the SSH engine by itself:
 * CPU per host of all threads of its process, on stub SSH hosts that answer `uptime` with fixed bytes. The two take
 * turns; the least disturbed round of each counts, since other programs on the machine only ever add. Every run connects anew (`kept 0`), which is what a first run over a fleet does.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const hosts = Number(options.hosts ?? 500);
  const rounds = Number(options.rounds ?? 7);
  const width = Number(options.width ?? 100);
  return await inFolder(async (folder) => {
    const fleet = await startStubFleet({
      hosts,
      folder: join(folder, "fleet"),
      reply: { stdout: " 12:00:00 up 3 days, load average: 0.1\n" },
    });
    const started: Measured[] = [];
    try {
      const known = join(folder, "known_hosts");
      await writeFile(known, `${fleet.knownHostsLines.join("\n")}\n`);
      const { user, privateKeyPem: privateKey } = fleet;
      async function measure(kept: number): Promise<{ engine: number; product: number }> {
        const bare = await startMeasured({
          role: "engine",
          engine: "ssh",
          kept,
          hosts: fleet.hosts.map(({ name, address, port }) => ({ name, address, port })),
          user,
          privateKey,
        });
        started.push(bare);
        const data = join(folder, `data-${kept}`);
        const product = await startMeasured({
          role: "product",
          folder: data,
          engine: "ssh",
          kept,
          knownHostsFile: known,
        });
        started.push(product);
        const client = clientOf(product);
        const secret = { kind: "key", user, privateKey } as const;
        await client.call("PUT /credentials", { body: { name: "default", description: "", secret } });
        await importHosts(client, fleet.hosts);
        const runs = {
          engine: async () => {
            if ((await bare.ask(String(width))) !== hosts) throw new Error("not every host answered the bare engine");
          },
          product: async () => {
            await runOnAll(client, hosts, ["uptime"], width);
          },
        };
        const costs = { engine: [] as number[], product: [] as number[] };
        for (let round = 0; round <= rounds; round += 1) {
          for (const [who, measured] of [
            ["engine", bare],
            ["product", product],
          ] as const) {
            const before = await measured.cpu();
            await runs[who]();
            // The first round warms both up: code is compiled, threads are started.
            const cost = ((await measured.cpu()) - before) / hosts;
            if (round > 0) costs[who].push(cost);
            console.error(`kept ${kept}, round ${round}, ${who}: ${cost.toFixed(2)} ms a host`);
          }
        }
        await bare.stop();
        await product.stop();
        return { engine: Math.min(...costs.engine), product: Math.min(...costs.product) };
      }
      const cold = await measure(0);
      const warm = await measure(hosts * 2);
      return {
        bench: "overhead",
        hosts,
        engineCpuMsPerHost: rounded(cold.engine),
        productCpuMsPerHost: rounded(cold.product),
        ratio: rounded(cold.product / cold.engine),
        warm: { engineCpuMsPerHost: rounded(warm.engine), productCpuMsPerHost: rounded(warm.product) },
        width,
        rounds,
        node: process.version,
      };
    } finally {
      await fleet.stop();
    }
  });
}

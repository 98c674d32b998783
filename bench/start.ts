import { clientOf, importHosts, inFolder, peakRssMb, rounded, runOnAll, startMeasured } from "./product.ts";

/**
 * How soon a run over very many hosts starts, and what it takes in memory: the whole product in one process, hosts of
 * the mock engine that answer after 5 to 50 ms, a live view open to the end. `firstHostMs` is from just before the HTTP
 * request to the engine's first start, of the first run after the product has started.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const hosts = Number(options.hosts ?? 10_000);
  const width = Number(options.width ?? 200);
  return await inFolder(async (folder) => {
    const product = await startMeasured({ role: "product", folder, engine: "mock", kept: 0 });
    const client = clientOf(product);
    const names = Array.from({ length: hosts }, (_, i) => ({
      name: `web${String(i).padStart(5, "0")}`,
      engine: "mock",
    }));
    await importHosts(client, names);
    const command = ["mock", "latency=5..50", "stdout=up 3 days"];
    const startedAt = Date.now();
    const { requestedAt } = await runOnAll(client, hosts, command, width);
    const firstHostMs = (await product.ask("first")) - requestedAt;
    const wallS = (Date.now() - startedAt) / 1000;
    const peak = await peakRssMb(product.pid);
    console.error(
      `first host after ${firstHostMs} ms, all ${hosts} after ${wallS.toFixed(1)} s, peak ${peak.toFixed(0)} MB`,
    );
    const again = await runOnAll(client, hosts, command, width);
    const secondMs = (await product.ask("first")) - again.requestedAt;
    const peakRss = await peakRssMb(product.pid);
    await product.stop();
    return {
      bench: "start",
      hosts,
      width,
      firstHostMs,
      secondRunFirstHostMs: secondMs,
      wallS: rounded(wallS),
      peakRssMb: rounded(peakRss, 0),
      node: process.version,
    };
  });
}

import { spawnSync } from "node:child_process";
import { foldHosts } from "../src/contract/host-range.ts";
import { matchHosts, parseQuery } from "../src/web/plan/query.ts";
import type { QueryHost, QueryInventory } from "../src/web/plan/query-index.ts";

/**
 * Time to match a query against a large inventory, and to fold its names, against ClusterShell's `nodeset --fold` (its
 * whole process, as that is how a script would use it). Milliseconds, median of several; `cold` is the first match of an
 * inventory, which builds what later ones find.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const hosts = Number(options.hosts ?? 100_000);
  const inventory = inventoryOf(hosts);
  const names = inventory.hosts.map(({ name }) => name);
  const cold = timeOf(() =>
    matchCount("Linux.Cat3/app7.example.com and not tag:old", { ...inventory, hosts: [...inventory.hosts] }),
  );
  const queries: Record<string, { hosts: number; ms: number }> = {};
  let slowest = 0;
  for (const text of texts) {
    const ms = median(() => matchCount(text, inventory));
    queries[text.length > 60 ? `${text.slice(0, 57)}…` : text] = { hosts: matchCount(text, inventory), ms };
    slowest = Math.max(slowest, ms);
    console.error(`${ms.toFixed(1).padStart(8)} ms  ${text.slice(0, 100)}`);
  }
  const foldMs = median(() => foldHosts(names));
  const nodesetMs = nodesetFold(names);
  return {
    bench: "query",
    hosts,
    coldMs: cold,
    slowestMs: slowest,
    queries,
    foldMs,
    nodesetFoldMs: nodesetMs,
    ratio: nodesetMs === undefined ? undefined : round(foldMs / nodesetMs),
    node: process.version,
  };
}

const texts = [
  "all",
  "Linux.Cat3",
  "Linux.Cat3/app7.example.com",
  "Linux.*/app*",
  "web042000",
  "web[000000-099999]",
  "web*7",
  "*[0-9]?[1,3,5,7,9]",
  "os=debian*",
  "tag:prod and not tag:old",
  "10.11.0.0/16",
  "10.11.3.7",
  "failed(1)",
  "(Linux.Cat1 or tag:prod) and os=Debian* and not (10.10.0.0/16 or web*9) and not failed(1)",
  Array.from({ length: 5000 }, (_, n) => `web${String(n * 7).padStart(6, "0")}`).join(","),
  Array.from({ length: 100 }, (_, n) => `*${n}?*5`).join(","),
];

function inventoryOf(count: number): QueryInventory {
  const functionCategories = Array.from({ length: 20 }, (_, n) => ({ id: n + 1, name: `Linux.Cat${n}` }));
  const appCategories = Array.from({ length: 1000 }, (_, n) => ({
    id: n + 1,
    functionCategoryId: (n % 20) + 1,
    name: `app${Math.floor(n / 20)}.example.com`,
  }));
  const hosts = Array.from(
    { length: count },
    (_, n): QueryHost => ({
      id: n + 1,
      name: `web${String(n).padStart(6, "0")}`,
      appCategoryId: (n % 1000) + 1,
      outerAddress: "",
      innerAddress: `10.${10 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`,
      port: 22,
      os: n % 3 === 0 ? "Rocky Linux 9" : "Debian 12",
      engines: ["ssh"],
      user: "",
      credential: "",
      tags: n % 2 === 0 ? ["prod"] : n % 5 === 0 ? ["old", "lab"] : [],
      enabled: true,
    }),
  );
  return { hosts, functionCategories, appCategories };
}

const failed = new Set(Array.from({ length: 1000 }, (_, n) => n * 3));

function matchCount(text: string, inventory: QueryInventory): number {
  return matchHosts(parseQuery(text), inventory, { failedHosts: () => failed }).length;
}

function timeOf(action: () => unknown): number {
  const start = performance.now();
  action();
  return round(performance.now() - start);
}

function median(action: () => unknown): number {
  const times = Array.from({ length: 7 }, () => timeOf(action)).sort((a, b) => a - b);
  return times[3] ?? 0;
}

function nodesetFold(names: readonly string[]): number | undefined {
  const start = performance.now();
  const { status } = spawnSync("nodeset", ["--fold"], { input: names.join("\n") });
  if (status === 0) return round(performance.now() - start);
  console.error("nodeset is not here; install it for the comparison: apt-get install clustershell");
  return undefined;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

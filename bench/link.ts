import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "../src/contract/http/client.ts";
import { startStubFleet } from "../src/daemon/demo/fleet.ts";
import { measureOthers } from "./link-others.ts";
import {
  clientOf,
  importHosts,
  inFolder,
  type Measured,
  rounded,
  runOnAll,
  type Side,
  startMeasured,
  startTwo,
} from "./product.ts";

/**
 * What the encrypted link costs: CPU per host of the whole product in one process, against web server and controller in
 * two processes with mutual TLS between, on stub SSH hosts that answer with 200 bytes and are connected to anew. The two
 * take turns; the least disturbed round of each counts. Then, over the link, how much later the ends of other hosts are
 * seen by a live viewer while one host streams 100 MB, see link-others.ts.
 * Options: `hosts` (2,000), `rounds` (5; 0 leaves the cost out), `width` (100), `engine` (`ssh`; `mock` leaves the hosts'
 * own cost out), `pairs` (5; 0 leaves the others out), `stream` (`ownRun` or `sameRun`; both where left out).
 */
export async function run(options: Record<string, string>): Promise<object> {
  const hosts = Number(options.hosts ?? 2000);
  const rounds = Number(options.rounds ?? 5);
  const width = Number(options.width ?? 100);
  const pairs = Number(options.pairs ?? 5);
  const engine = options.engine === "mock" ? "mock" : "ssh";
  const placements = (["ownRun", "sameRun"] as const).filter((each) => (options.stream ?? each) === each);
  return await inFolder(async (folder) => {
    const cost = rounds > 0 ? await measureCost(folder, { hosts, rounds, width, engine }) : {};
    const others = pairs > 0 ? { othersDelay: await measureOthers(folder, pairs, placements) } : {};
    return { bench: "link", hosts, ...cost, ...others, engine, width, rounds, pairs, node: process.version };
  });
}

interface CostOptions {
  readonly hosts: number;
  readonly rounds: number;
  readonly width: number;
  readonly engine: "mock" | "ssh";
}

async function measureCost(folder: string, { hosts, rounds, width, engine }: CostOptions): Promise<object> {
  const answer = `${"x".repeat(199)}\n`;
  const stubs = engine === "mock" ? mockHosts(hosts, answer) : await sshHosts(hosts, answer, folder);
  const started: Measured[] = [];
  try {
    const sides = await startSides(folder, engine, stubs.knownHostsFile, started);
    const costs = { inProcess: [] as number[], link: [] as number[] };
    for (const { client } of Object.values(sides)) {
      if (stubs.secret !== undefined) await putCredential(client, stubs.secret);
      await importHosts(client, stubs.hosts);
    }
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, { client, processes }] of entriesOf(sides)) {
        const before = await cpuOf(processes);
        await runOnAll(client, hosts, stubs.command, width);
        const cost = ((await cpuOf(processes)) - before) / hosts;
        // The first round warms both up.
        if (round > 0) costs[name].push(cost);
        console.error(`round ${round}, ${name}: ${cost.toFixed(3)} ms a host`);
      }
    }
    const [inProcess, link] = [Math.min(...costs.inProcess), Math.min(...costs.link)];
    return {
      inProcessCpuMsPerHost: rounded(inProcess, 3),
      linkCpuMsPerHost: rounded(link, 3),
      ratio: rounded(link / inProcess),
    };
  } finally {
    await Promise.all(started.map((process) => process.stop()));
    await stubs.stop();
  }
}

function entriesOf(sides: { inProcess: Side; link: Side }) {
  return [["inProcess", sides.inProcess] as const, ["link", sides.link] as const];
}

async function cpuOf(processes: readonly Measured[]): Promise<number> {
  return (await Promise.all(processes.map((process) => process.cpu()))).reduce((sum, cpu) => sum + cpu, 0);
}

interface Stubs {
  readonly hosts: Parameters<typeof importHosts>[1];
  readonly command: string[];
  readonly knownHostsFile?: string;
  readonly secret?: { readonly kind: "key"; readonly user: string; readonly privateKey: string };
  stop(): Promise<void>;
}

async function sshHosts(hosts: number, answer: string, folder: string): Promise<Stubs> {
  const fleet = await startStubFleet({ hosts, folder: join(folder, "fleet"), reply: { stdout: answer } });
  const knownHostsFile = join(folder, "known_hosts");
  await writeFile(knownHostsFile, `${fleet.knownHostsLines.join("\n")}\n`);
  const secret = { kind: "key", user: fleet.user, privateKey: fleet.privateKeyPem } as const;
  return { hosts: fleet.hosts, command: ["uptime"], knownHostsFile, secret, stop: () => fleet.stop() };
}

function mockHosts(hosts: number, answer: string): Stubs {
  const names = Array.from({ length: hosts }, (_, i) => ({ name: `web${String(i).padStart(5, "0")}`, engine: "mock" }));
  return { hosts: names, command: ["mock", `stdout=${answer}`], stop: async () => undefined };
}

async function startSides(
  folder: string,
  engine: "mock" | "ssh",
  knownHostsFile: string | undefined,
  started: Measured[],
): Promise<{ inProcess: Side; link: Side }> {
  const known = knownHostsFile === undefined ? {} : { knownHostsFile };
  const product = await startMeasured({ role: "product", folder: join(folder, "both"), engine, kept: 0, ...known });
  started.push(product);
  const two = await startTwo(folder, { engine, ...known }, started);
  return { inProcess: { client: clientOf(product), processes: [product] }, link: two };
}

async function putCredential(client: Client, secret: NonNullable<Stubs["secret"]>): Promise<void> {
  await client.call("PUT /credentials", { body: { name: "default", description: "", secret } });
}

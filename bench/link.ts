import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "../src/contract/http/client.ts";
import { startStubFleet } from "../src/daemon/demo/fleet.ts";
import {
  clientOf,
  importHosts,
  inFolder,
  lastRun,
  type Measured,
  rounded,
  runOnAll,
  startMeasured,
} from "./product.ts";

/**
 * What the encrypted link costs: CPU per host of the whole product in one process, against web server and controller in
 * two processes with mutual TLS between, on stub SSH hosts that answer with 200 bytes and are connected to anew. The two
 * take turns; the least disturbed round of each counts. Then, over the link: how much later the ends of other hosts are
 * seen by a live viewer while one host streams 100 MB (`othersDelayPct`: mean time from the start of their run).
 * Options: `hosts` (2,000), `rounds` (5), `width` (100), `engine` (`ssh`; `mock` leaves the hosts' own cost out).
 */
export async function run(options: Record<string, string>): Promise<object> {
  const hosts = Number(options.hosts ?? 2000);
  const rounds = Number(options.rounds ?? 5);
  const width = Number(options.width ?? 100);
  const engine = options.engine === "mock" ? "mock" : "ssh";
  return await inFolder(async (folder) => {
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
      await Promise.all(started.splice(0).map((process) => process.stop()));
      const others = await measureOthers(join(folder, "others"));
      return {
        bench: "link",
        hosts,
        inProcessCpuMsPerHost: rounded(inProcess, 3),
        linkCpuMsPerHost: rounded(link, 3),
        ratio: rounded(link / inProcess),
        ...others,
        engine,
        width,
        rounds,
        node: process.version,
      };
    } finally {
      await Promise.all(started.map((process) => process.stop()));
      await stubs.stop();
    }
  });
}

interface Side {
  readonly client: Client;
  readonly processes: readonly Measured[];
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
  const two = await startTwo(folder, engine, known, started);
  return { inProcess: { client: clientOf(product), processes: [product] }, link: two };
}

async function startTwo(
  folder: string,
  engine: "mock" | "ssh",
  known: { readonly knownHostsFile?: string },
  started: Measured[],
): Promise<Side> {
  const web = await startMeasured({ role: "web", folder: join(folder, "web") });
  started.push(web);
  const client = clientOf(web);
  const enrol = await client.call("POST /controllers/:name/invitation", { params: { name: "bj-1" }, body: {} });
  const controller = await startMeasured({
    role: "controller",
    folder: join(folder, "controller"),
    engine,
    kept: 0,
    enrol,
    ...known,
  });
  started.push(controller);
  for (;;) {
    const { controllers } = await client.call("GET /controllers", {});
    if (controllers.some(({ name, connected }) => name === "bj-1" && connected)) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { client, processes: [web, controller] };
}

async function putCredential(client: Client, secret: NonNullable<Stubs["secret"]>): Promise<void> {
  await client.call("PUT /credentials", { body: { name: "default", description: "", secret } });
}

/** Other hosts take 0.2 to 0.6 s each, so that the machine is not full with them alone. */
const otherHosts = 400;
const otherWidth = 40;
const othersCommand = ["mock", "latency=200..600", "stdout=up 3 days"];
const streamed = 100_000_000;

async function measureOthers(folder: string): Promise<object> {
  const started: Measured[] = [];
  try {
    const { client } = await startTwo(folder, "mock", {}, started);
    const names = Array.from({ length: otherHosts }, (_, i) => ({ name: `web${i}`, engine: "mock" }));
    await importHosts(client, [...names, { name: "talker", engine: "mock" }]);
    await client.call("PATCH /settings", { body: { outputLimitBytes: 2 ** 28 } });
    await othersMeanMs(client);
    const alone: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      alone.push(await othersMeanMs(client));
      const talking = runCommand(client, ["mock", `bytes=${streamed}`], "name=talker", 1, 1);
      beside.push(await othersMeanMs(client));
      await talking;
      console.error(
        `others are seen after ${alone.at(-1)?.toFixed(0)} ms, beside 100 MB ${beside.at(-1)?.toFixed(0)} ms`,
      );
    }
    const [least, besideLeast] = [Math.min(...alone), Math.min(...beside)];
    return {
      othersDelayPct: rounded((besideLeast / least - 1) * 100, 1),
      othersMeanMs: { alone: rounded(least, 0), besideStream: rounded(besideLeast, 0) },
    };
  } finally {
    await Promise.all(started.map((process) => process.stop()));
  }
}

/** Mean time from the request until a live viewer sees the end of each host. */
async function othersMeanMs(client: Client): Promise<number> {
  const startedAt = performance.now();
  let seen = 0;
  let sum = 0;
  await runCommand(client, othersCommand, "name=web*", otherWidth, otherHosts, (ok) => {
    sum += (ok - seen) * (performance.now() - startedAt);
    seen = ok;
  });
  if (seen !== otherHosts) throw new Error(`only ${seen} of ${otherHosts} hosts were seen to end`);
  return sum / otherHosts;
}

async function runCommand(
  client: Client,
  command: string[],
  query: string,
  width: number,
  hosts: number,
  onOk: (ok: number) => void = () => undefined,
): Promise<void> {
  const started = await client.call("POST /runs", { body: { command, query, width, confirmHostCount: hosts } });
  const stream = await client.call("GET /runs/:id/live", { params: { id: started.id } });
  const end = await lastRun(stream, ({ counts }) => onOk(counts.ok ?? 0));
  if (end.state !== "succeeded") throw new Error(`a run ended ${end.state}: ${JSON.stringify(end.counts)}`);
}

import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, createClient } from "../src/contract/http/client.ts";
import { isFinalRunState, type RunState } from "../src/contract/states.ts";
import type { FuncSettings } from "../src/engines/func/settings.ts";

/** What runs in a process of its own, so that its CPU and memory are nobody else's. */
export type MeasuredRole =
  | {
      readonly role: "product";
      readonly folder: string;
      readonly engine: "mock" | "ssh" | "ansible";
      readonly kept: number;
      readonly knownHostsFile?: string;
      /** With the console; `ready.link` signs in once. */
      readonly consoleFolder?: string;
      /** Settings of the Ansible engine, where that is measured. */
      readonly ansible?: Readonly<Record<string, unknown>>;
    }
  | { readonly role: "web"; readonly folder: string }
  | {
      readonly role: "controller";
      readonly folder: string;
      readonly engine: "mock" | "ssh";
      readonly kept: number;
      readonly knownHostsFile?: string;
      /** What mock hosts do, by name, in words. */
      readonly mockHosts?: Readonly<Record<string, readonly string[]>>;
      /** Of an invitation. */
      readonly enrol: { readonly server: string; readonly token: string; readonly authoritySha256: string };
    }
  | {
      readonly role: "engine";
      readonly engine: "ssh";
      readonly kept: number;
      readonly hosts: readonly MeasuredHost[];
      readonly user: string;
      readonly privateKey: string;
    }
  | {
      readonly role: "engine";
      readonly engine: "func";
      readonly settings: FuncSettings;
      readonly hosts: readonly MeasuredHost[];
    };

interface MeasuredHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface Measured {
  readonly pid: number;
  /** What the process said when it was ready. */
  readonly ready: Readonly<Record<string, string>>;
  /** User and system time of all its threads so far, in milliseconds. */
  cpu(): Promise<number>;
  /** Sends a message and resolves with the answer. */
  ask(what: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startMeasured(role: MeasuredRole): Promise<Measured> {
  const child = fork(fileURLToPath(new URL("./measured-process.ts", import.meta.url)), [], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // As bin/omserver starts it.
    execArgv: ["--initial-old-space-size=192"],
  });
  child.send(role);
  const ready = (await nextMessage(child)) as Record<string, string>;
  async function ask(what: string): Promise<number> {
    child.send(what);
    return Number(await nextMessage(child));
  }
  return {
    pid: child.pid ?? 0,
    ready,
    cpu: () => ask("cpu"),
    ask,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.send("stop");
      }),
  };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    function onExit(code: number | null): void {
      reject(new Error(`a measured process ended with ${code}`));
    }
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}

export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-bench-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function clientOf(product: Measured): Client {
  return createClient({ baseUrl: product.ready.url ?? "", token: product.ready.token ?? "" });
}

/** What is measured, however many processes it takes. */
export interface Side {
  readonly client: Client;
  readonly processes: readonly Measured[];
}

/** Web server and controller in two processes with the encrypted link between; both are put into `started`. */
export async function startTwo(
  folder: string,
  controller: Pick<Extract<MeasuredRole, { role: "controller" }>, "engine" | "knownHostsFile" | "mockHosts">,
  started: Measured[],
): Promise<Side> {
  const web = await startMeasured({ role: "web", folder: join(folder, "web") });
  started.push(web);
  const client = clientOf(web);
  const enrol = await client.call("POST /controllers/:name/invitation", { params: { name: "bj-1" }, body: {} });
  const role = { role: "controller", folder: join(folder, "controller"), kept: 0, enrol, ...controller } as const;
  const second = await startMeasured(role);
  started.push(second);
  for (;;) {
    const { controllers } = await client.call("GET /controllers", {});
    if (controllers.some(({ name, connected }) => name === "bj-1" && connected)) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { client, processes: [web, second] };
}

/** Inventory by the same import that people use. */
export async function importHosts(
  client: Client,
  hosts: readonly { name: string; address?: string; port?: number; engine?: string; user?: string }[],
  functionCategories = 1,
): Promise<void> {
  const rows = hosts.map(({ name, address = "", port = 22, engine = "ssh", user = "" }, i) =>
    [
      name,
      `Linux${i % functionCategories || ""}`,
      `app${Math.floor(i / functionCategories) % 50}`,
      address,
      port,
      engine,
      user,
    ].join(","),
  );
  const text = ["name,function_category,app_category,inner_address,port,engine,user", ...rows].join("\n");
  const report = await client.call("POST /hosts/import", { body: { format: "csv", text, preview: false } });
  if (report.added.length !== hosts.length)
    throw new Error(
      `only ${report.added.length} of ${hosts.length} hosts were imported: ${JSON.stringify(report.refused[0])}`,
    );
}

/** Starts the command on all hosts and follows the run live to its end, as a browser does. */
export async function runOnAll(
  client: Client,
  hosts: number,
  command: string[],
  width: number,
): Promise<{ requestedAt: number; id: number }> {
  const requestedAt = Date.now();
  const run = await client.call("POST /runs", { body: { command, query: "all", width, confirmHostCount: hosts } });
  const stream = await client.call("GET /runs/:id/live", { params: { id: run.id } });
  const seen = await lastRun(stream);
  if (seen.counts.ok !== hosts) throw new Error(`the run ended ${seen.state}: ${JSON.stringify(seen.counts)}`);
  return { requestedAt, id: run.id };
}

/** Starts a module on all hosts and follows the run live: when the first host was shown with its end, and the last. */
export async function runModuleOnAll(
  client: Client,
  hosts: number,
  module: string,
  width: number,
): Promise<{ wallS: number; firstHostMs: number }> {
  const begun = performance.now();
  const body = { module, parameters: {}, query: "all", width, confirmHostCount: hosts };
  const run = await client.call("POST /runs", { body });
  const stream = await client.call("GET /runs/:id/live", { params: { id: run.id } });
  let firstHostMs = Number.NaN;
  const seen = await lastRun(stream, ({ counts }) => {
    if (Number.isNaN(firstHostMs) && (counts.ok ?? 0) > 0) firstHostMs = performance.now() - begun;
  });
  if (seen.counts.ok !== hosts) throw new Error(`the run ended ${seen.state}: ${JSON.stringify(seen.counts)}`);
  return { wallS: (performance.now() - begun) / 1000, firstHostMs };
}

interface SeenRun {
  readonly state: RunState;
  readonly counts: Readonly<Record<string, number>>;
}

export async function lastRun(stream: Response, onRun: (run: SeenRun) => void = () => undefined): Promise<SeenRun> {
  let last: SeenRun | undefined;
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (!event.includes("event: run") || data === undefined) continue;
      last = (JSON.parse(data.slice(6)) as { run: SeenRun }).run;
      onRun(last);
      if (isFinalRunState(last.state)) return last;
    }
  }
  throw new Error(`the live stream ended before the run did: ${JSON.stringify(last)}`);
}

/** Highest resident memory of the process so far, in MB of 1,048,576 bytes; Linux only. */
export async function peakRssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Engine, EngineHost, EngineJob } from "../src/contract/engine.ts";
import { type Running, startOmserver } from "../src/daemon/compose.ts";
import { type Config, readConfig } from "../src/daemon/config.ts";
import { enrol, startControllerRole } from "../src/daemon/controller-role.ts";
import { createLog } from "../src/daemon/log.ts";
import { createAnsibleEngine } from "../src/engines/ansible/ansible-engine.ts";
import { ansibleSettings } from "../src/engines/ansible/settings.ts";
import { createFuncEngine } from "../src/engines/func/func-engine.ts";
import { createMockEngine } from "../src/engines/mock/mock-engine.ts";
import { createSshEngine } from "../src/engines/ssh/ssh-engine.ts";
import { createApiToken, createSignInLink } from "../src/web/http/sign-in-links.ts";
import type { MeasuredRole } from "./product.ts";
import { settling } from "./settling.ts";

/** Child process of a benchmark: the product, or an engine by itself, told by its first message which. */

/** Watches from the first question on: it wakes the process five hundred times a second. */
const eventLoop = monitorEventLoopDelay({ resolution: 2 });

process.once("disconnect", () => process.exit(1));

process.once("message", (role: MeasuredRole) => {
  const started = start(role);
  started.then(serve, (error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

function start(role: MeasuredRole): Promise<Served> {
  switch (role.role) {
    case "product":
      return startProduct(role);
    case "web":
      return startWebServer(role);
    case "controller":
      return startController(role);
    case "engine":
      return startEngine(role);
  }
}

interface Served {
  readonly ready: Record<string, string>;
  readonly answer: (question: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

function serve({ ready, answer, stop }: Served): void {
  process.on("message", (question: string) => {
    if (question === "stop") {
      void stop().then(() => process.exit(0));
      return;
    }
    if (question === "cpu") {
      const { user, system } = process.cpuUsage();
      process.send?.((user + system) / 1000);
      return;
    }
    if (question === "longestBlock") {
      process.send?.(eventLoop.max / 1e6);
      eventLoop.reset();
      eventLoop.enable();
      return;
    }
    void answer(question).then((value) => process.send?.(value));
  });
  process.send?.(ready);
}

async function startProduct(role: Extract<MeasuredRole, { role: "product" }>): Promise<Served> {
  let firstStartedAt = 0;
  const engine = engineOf(role);
  const watched = watchStart(engine, () => {
    firstStartedAt = Date.now();
  });
  const console = role.consoleFolder === undefined ? {} : { consoleFolder: role.consoleFolder };
  const running = await startOmserver({ config: configOf(role), log: benchLog(), engines: [watched], ...console });
  const token = await administratorToken(running);
  return {
    ready: { url: running.url, token, link: await signInLink(running) },
    answer: async () => firstStartedAt,
    stop: () => running.stop(),
  };
}

function configOf({ folder, knownHostsFile }: { readonly folder: string; readonly knownHostsFile?: string }): Config {
  const known = knownHostsFile === undefined ? {} : { knownHostsFile };
  return readConfig({}, undefined, { dataFolder: folder, listen: "127.0.0.1:0", ...known });
}

function benchLog() {
  return createLog(process.env.BENCH_LOG ?? "error");
}

async function signInLink({ store, url }: Running): Promise<string> {
  const administrator = await store.users.findByName("bench");
  return (await createSignInLink(store, administrator?.user.id ?? 0, url)).url;
}

async function administratorToken({ store }: Running): Promise<string> {
  const user = await store.users.create({
    name: "bench",
    role: "administrator",
    scope: { everything: true, functionCategories: [], appCategories: [] },
    passwordHash: "",
  });
  return await createApiToken(store, user.id, "bench");
}

async function startWebServer(role: Extract<MeasuredRole, { role: "web" }>): Promise<Served> {
  const config = { ...configOf(role), linkListen: { address: "127.0.0.1", port: 0 } };
  const running = await startOmserver({ config, log: benchLog(), role: "web" });
  const token = await administratorToken(running);
  return { ready: { url: running.url, token }, answer: async () => 0, stop: () => running.stop() };
}

/** Enrols first, as a person does by the line of the invitation. */
async function startController(role: Extract<MeasuredRole, { role: "controller" }>): Promise<Served> {
  const config = configOf(role);
  await enrol(config, { servers: [role.enrol.server], ...role.enrol });
  const engine =
    role.engine === "mock"
      ? createMockEngine({ hosts: role.mockHosts ?? {} })
      : createSshEngine({ keptConnections: role.kept });
  const running = await startControllerRole({ config, log: benchLog(), engines: [engine] });
  return { ready: { name: running.name }, answer: async () => 0, stop: () => running.stop() };
}

function engineOf(role: Extract<MeasuredRole, { role: "product" }>): Engine {
  switch (role.engine) {
    case "mock":
      return createMockEngine();
    case "ssh":
      return createSshEngine({ keptConnections: role.kept });
    case "ansible":
      return createAnsibleEngine({
        folder: `${role.folder}/ansible`,
        settings: ansibleSettings.parse(role.ansible ?? {}),
      });
  }
}

/** Tells when the first host of each job starts. */
function watchStart(engine: Engine, onFirst: () => void): Engine {
  return {
    manifest: engine.manifest,
    ...(engine.recovery === undefined ? {} : { recovery: engine.recovery }),
    probe: (signal) => engine.probe(signal),
    close: () => engine.close(),
    async *run(job, signal) {
      let first = true;
      for await (const event of engine.run(job, signal)) {
        if (first && event.kind === "started") {
          first = false;
          onFirst();
        }
        yield event;
      }
    },
  };
}

/** The bare engine: nothing is written, nothing is told, intents are granted at once. */
async function startEngine(role: Extract<MeasuredRole, { role: "engine" }>): Promise<Served> {
  const engine =
    role.engine === "func" ? createFuncEngine(role.settings) : createSshEngine({ keptConnections: role.kept });
  await engine.probe(AbortSignal.timeout(5000));
  const hosts = role.hosts.map(
    (host, position): EngineHost => ({ ...host, position, credential: "default", jumps: [] }),
  );
  const credential: EngineJob["credential"] = async () => {
    if (role.engine === "func") throw new Error("Func signs in by certificate");
    return { kind: "key", user: role.user, privateKey: role.privateKey };
  };
  async function runOnce(width: number): Promise<number> {
    let ok = 0;
    const job = {
      runUid: crypto.randomUUID(),
      hosts,
      task: { kind: "command" as const, argv: ["uptime"], environment: {}, secretNames: [] },
      danger: "change" as const,
      check: false,
      width,
      limits: { connectMilliseconds: 30_000, runMilliseconds: 60_000, outputBytes: 1_048_576 },
      intend: async (positions: readonly number[]) => positions,
      credential,
      hostKeys: { check: async () => "trusted" as const },
      file: () => Promise.reject(new Error("no files here")),
    };
    const settle = settling(engine, job.runUid);
    for await (const event of engine.run(job, new AbortController().signal)) {
      if (event.kind === "ended") settle.ended(event.position);
      if (event.kind === "ended" && event.state === "ok") ok += 1;
    }
    await settle.done();
    return ok;
  }
  return { ready: {}, answer: (width) => runOnce(Number(width)), stop: () => engine.close() };
}

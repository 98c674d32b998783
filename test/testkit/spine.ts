import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Engine } from "../../src/contract/engine.ts";
import type { ModuleManifest } from "../../src/contract/module.ts";
import { isFinalRunState } from "../../src/contract/states.ts";
import { type Controller, type ControllerOptions, createController } from "../../src/controller/controller.ts";
import { joinInProcess } from "../../src/link/in-process/in-process.ts";
import { adhocModule } from "../../src/modules/adhoc.ts";
import { createDispatcher, type DispatcherOptions } from "../../src/web/dispatch/create-dispatcher.ts";
import type { Dispatcher } from "../../src/web/dispatch/dispatcher.ts";
import type { SigningKey } from "../../src/web/dispatch/orders.ts";
import { createIngest } from "../../src/web/ingest/ingest.ts";
import { createLive } from "../../src/web/live/create-live.ts";
import type { Live, LiveItem } from "../../src/web/live/live.ts";
import type { PlannableHost } from "../../src/web/plan/place-hosts.ts";
import { type PlanInput, type PlannedRun, planRun } from "../../src/web/plan/plan-run.ts";
import { createFileContent, type FileContent } from "../../src/web/store/file-content.ts";
import { openStore } from "../../src/web/store/open.ts";
import type { Execution } from "../../src/web/store/repositories/executions.ts";
import type { Run } from "../../src/web/store/repositories/runs.ts";
import type { Store } from "../../src/web/store/store.ts";

export const operator = { userId: 1, name: "wang" };
const log = pino({ level: process.env.SPINE_LOG ?? "silent" });

/** The web server's side of the spine, over a real SQLite store in `folder`. */
export interface WebSide {
  readonly store: Store;
  readonly live: Live;
  readonly files: FileContent;
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

export interface SigningKeys {
  readonly keyId: string;
  readonly privateKey: ReturnType<typeof generateKeyPairSync>["privateKey"];
  readonly publicKey: ReturnType<typeof generateKeyPairSync>["publicKey"];
}

export function newSigningKeys(keyId = "test"): SigningKeys {
  return { keyId, ...generateKeyPairSync("ed25519") };
}

/** The same keys in every life of a folder. */
export function fixedSigningKeys(folder: string): SigningKeys {
  const file = join(folder, "signing.pem");
  if (!existsSync(file)) {
    writeFileSync(file, generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }), {
      mode: 0o600,
    });
  }
  const privateKey = createPrivateKey(readFileSync(file));
  return { keyId: "test", privateKey, publicKey: createPublicKey(privateKey) };
}

export interface WebSideOptions extends Partial<DispatcherOptions> {
  readonly folder: string;
  readonly signingKey: SigningKey;
  /** Wraps the store, to count, to cut or to kill. */
  readonly around?: (store: Store) => Store;
  /** Zone of each controller; `main` in the zone `default` where left out. */
  readonly controllers?: Readonly<Record<string, string>>;
}

export async function openWebSide(options: WebSideOptions): Promise<WebSide> {
  const opened = await openStore({ kind: "sqlite", file: join(options.folder, "web.db") });
  const store = options.around?.(opened) ?? opened;
  for (const [name, zone] of Object.entries(options.controllers ?? { main: "default" })) {
    await opened.controllers.ensure(name, zone);
  }
  const live = createLive(store);
  const files = createFileContent(join(options.folder, "library"));
  const ingest = createIngest({ store, live, log });
  const dispatcher = createDispatcher({ live, files, ingest, log, ...options, store });
  return {
    store,
    live,
    files,
    dispatcher,
    async close() {
      await dispatcher.close();
      await opened.close();
    },
  };
}

export interface ControllerSideOptions extends Partial<ControllerOptions> {
  readonly folder: string;
  readonly engines: readonly Engine[];
  readonly signingKey: SigningKeys;
}

export function openControllerSide(options: ControllerSideOptions): Promise<Controller> {
  const { keyId, publicKey } = options.signingKey;
  return createController({
    name: "main",
    trustedKeys: [{ keyId, publicKey }],
    log,
    version: "test",
    limits: { closeMilliseconds: 300 },
    ...options,
    folder: join(options.folder, `controller-${options.name ?? "main"}`),
  });
}

/** Joins the two until `cut` is called; each side sees its link close. */
export function joinSides(web: WebSide, controller: Controller, windowBytes?: number): { cut(): Promise<void> } {
  const stop = new AbortController();
  const joined = joinInProcess(
    (end) => web.dispatcher.attach(end),
    (end) => controller.attach(end),
    stop.signal,
    windowBytes === undefined ? {} : { windowBytes },
  );
  return {
    async cut() {
      stop.abort();
      await joined;
    },
  };
}

/** Whole spine in one process: store, dispatcher, link, controller, engine. */
export interface Spine {
  readonly folder: string;
  readonly signingKey: SigningKeys;
  web: WebSide;
  controller: Controller;
  link: { cut(): Promise<void> };
  start(hosts: number, change?: Partial<PlanInput>): Promise<Run>;
  /** The run once it is final. */
  finished(run: Run): Promise<Run>;
  executions(run: Run): Promise<readonly Execution[]>;
  text(run: Run, position: number, stream?: "stdout" | "stderr"): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openSpine(
  engines: readonly Engine[],
  options: Partial<ControllerSideOptions & WebSideOptions> = {},
): Promise<Spine> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-spine-"));
  const signingKey = newSigningKeys();
  const web = await openWebSide({ ...options, folder, signingKey });
  const controller = await openControllerSide({ ...options, folder, engines, signingKey });
  const spine: Spine = {
    folder,
    signingKey,
    web,
    controller,
    link: joinSides(web, controller),
    start: (hosts, change) => startRun(spine.web, hosts, change),
    finished: (run) => finished(spine.web, run),
    executions: (run) => spine.web.store.runs.executions(run.id, { limit: 100_000 }),
    async text(run, position, stream = "stdout") {
      const bytes = await spine.web.store.runs.output(run.id, position, stream, { offset: 0, limit: 1e9 });
      return Buffer.from(bytes ?? []).toString();
    },
    async [Symbol.asyncDispose]() {
      await spine.link.cut();
      await spine.controller.close();
      await spine.web.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return spine;
}

export function startRun(web: WebSide, hosts: number, change: Partial<PlanInput> = {}): Promise<Run> {
  return web.dispatcher.start({ planned: plannedRun(hosts, change), query: "*", actor: operator });
}

export function plannedRun(hosts: number, change: Partial<PlanInput> = {}): PlannedRun {
  return planRun({
    module: { id: 0, version: 1, manifest: adhocModule({ command: ["uptime"] }) },
    parameters: {},
    hosts: Array.from({ length: hosts }, (_, i) => mockHost(i)),
    width: 50,
    connectTimeoutMilliseconds: 1000,
    outputLimitBytes: 1024 * 1024,
    defaultTimeoutMilliseconds: 10_000,
    file: () => undefined,
    ...change,
  });
}

export function mockHost(index: number, change: Partial<PlannableHost> = {}): PlannableHost {
  return {
    id: index + 1,
    name: `web${String(index).padStart(5, "0")}`,
    appCategoryId: 1,
    outerAddress: "",
    innerAddress: "",
    port: 22,
    engines: ["mock"],
    user: "",
    credential: "",
    proxyJump: "",
    enabled: true,
    ...change,
  };
}

export function moduleWith(parameters: ModuleManifest["parameters"]["properties"]): ModuleManifest {
  return { ...adhocModule({ command: ["echo"] }), parameters: { type: "object", properties: parameters } };
}

/** Follows the run live to its end. */
export async function finished(web: WebSide, run: Run, milliseconds = 60_000): Promise<Run> {
  for await (const item of web.live.follow(run.id, "all", {}, AbortSignal.timeout(milliseconds))) {
    if (item.kind === "run" && isFinalRunState(item.frame.run.state)) return item.frame.run;
  }
  throw new Error(`run ${run.id} did not end: ${JSON.stringify(await web.store.runs.get(run.id, "all"))}`);
}

/** Resolves when a live frame of the run meets the condition. */
export async function until(web: WebSide, run: Run, condition: (item: LiveItem) => boolean): Promise<void> {
  for await (const item of web.live.follow(run.id, "all", {}, AbortSignal.timeout(120_000)))
    if (condition(item)) return;
  throw new Error(`run ${run.id} never came to what was waited for`);
}

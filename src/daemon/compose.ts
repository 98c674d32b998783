import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { defaultZone } from "../contract/controller.ts";
import type { Engine } from "../contract/engine.ts";
import { createController } from "../controller/controller.ts";
import { absentEngines, createEngines } from "../engines/registry.ts";
import { joinInProcess } from "../link/in-process/in-process.ts";
import { loadModuleFolder } from "../modules/folder.ts";
import { createDispatcher } from "../web/dispatch/create-dispatcher.ts";
import type { Dispatcher } from "../web/dispatch/dispatcher.ts";
import { signingKeyOf } from "../web/dispatch/orders.ts";
import { type OrderKeys, openOrderKeys } from "../web/enrol/order-keys.ts";
import { createHttpServer } from "../web/http/server.ts";
import { readSettings } from "../web/http/settings.ts";
import { createSetupLink } from "../web/http/sign-in-links.ts";
import { createIngest } from "../web/ingest/ingest.ts";
import { createLive } from "../web/live/create-live.ts";
import { createRunRetention } from "../web/retention/run-retention.ts";
import { createFileContent } from "../web/store/file-content.ts";
import { openStore } from "../web/store/open.ts";
import type { Store } from "../web/store/store.ts";
import { addressOf, type Config, packageFolder } from "./config.ts";
import { openResidentFleet, type ResidentFleet } from "./demo/resident-fleet.ts";
import { markRunning } from "./running-mark.ts";
import { version } from "./version.ts";
import { administerLink, openWebLink } from "./web-link.ts";

/** The name of the controller that a server of both roles has in its own process. */
const ownController = "main";

export interface StartOptions {
  readonly config: Config;
  readonly log: Logger;
  /** `web` leaves the controller out: hosts are reached by controllers on other machines. Default: both. */
  readonly role?: "both" | "web";
  /** Adds timings and statements to every answer; never in production. */
  readonly development?: boolean;
  /** Instead of the engines of the registry; tests and benchmarks hand in a mock. */
  readonly engines?: readonly Engine[];
  /** The built console; `dist/console` of the package where left out. */
  readonly consoleFolder?: string;
}

export interface Running {
  /** What a browser on this machine opens, without a trailing slash; carries the real port where 0 was asked for. */
  readonly url: string;
  /** What people type: the configured address, or `url` where the port was left to the machine. */
  readonly publicUrl: string;
  readonly store: Store;
  /** One-time link of the first administrator; undefined when there is one already. */
  setupLink(): Promise<string | undefined>;
  /** Lets requests end, journals what runs, closes everything. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Builds the parts and starts the web server and, unless it is left out, a controller in this process, with the
 * in-process link between.
 * Throws `config.invalid`, `store.unavailable`, or what listening throws (an address in use); what was started by then
 * is stopped again.
 */
export async function startOmserver(options: StartOptions): Promise<Running> {
  const closers: (() => Promise<void>)[] = [];
  async function stop(): Promise<void> {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  }
  try {
    return await start(options, closers, stop);
  } catch (error) {
    options.log.debug("start failed; stopping what was started");
    await stop();
    throw error;
  }
}

async function start(
  options: StartOptions,
  closers: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Running> {
  const { config, log } = options;
  const development = options.development === true;
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
  chmodSync(config.dataFolder, 0o700);
  const mark = markRunning(config.dataFolder);
  closers.push(async () => mark.release());

  const store = await openStore(config.database, development ? { onQuery: await queryRecorder() } : {});
  closers.push(() => store.close());
  await store.modules.syncBuiltIn(await loadModuleFolder(join(packageFolder, "modules")));
  const files = createFileContent(join(config.dataFolder, "files"));
  const orderKeys = openOrderKeys(join(config.dataFolder, "keys"));

  const live = createLive(store);
  const webLog = log.child({ part: "web" });
  const ingest = createIngest({ store, live, log: webLog });
  const signingKey = signingKeyOf(orderKeys);
  const dispatcher = createDispatcher({ store, live, ingest, signingKey, files, log: webLog });
  closers.push(() => dispatcher.close());
  const demoFleet = options.role === "web" ? undefined : await startDemoFleet(config.dataFolder, log);
  if (demoFleet !== undefined) {
    closers.push(() => demoFleet.close());
    const local = await startLocalController(options, { store, dispatcher, orderKeys, demoFleet });
    closers.push(local.close);
  }
  const link = await openWebLink({ config, store, dispatcher, orderKeys, log: webLog });
  closers.push(link.close);
  const retention = createRunRetention({
    store,
    keepRunsDays: async () => (await readSettings(store.settings)).keepRunsDays,
    log: webLog,
  });
  closers.push(() => retention.close());
  const http = await createHttpServer({
    store,
    dispatcher,
    live,
    files,
    link: administerLink({
      link,
      dispatcher,
      orderKeys,
      ...(demoFleet === undefined ? {} : { ownController }),
    }),
    ...(demoFleet === undefined ? {} : { demoFleet }),
    log: webLog,
    config: {
      ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
      consoleFolder: options.consoleFolder ?? join(packageFolder, "dist", "console"),
      trustProxy: config.trustProxy,
      secureCookies: config.publicUrl?.startsWith("https:") === true,
      development,
    },
  });
  const url = await http.listen({ host: config.listen.address, port: config.listen.port });
  // Browsers first, then the controller (it hands its last events over the link), then what they stand on.
  closers.push(() => http.close());
  const publicUrl = config.listen.port === 0 ? url : addressOf(config);
  return { url, publicUrl, store, stop, setupLink: () => setupLink(store, publicUrl) };
}

/** The controller of the same process: orders are signed, verified and journaled as for any other. */
async function startLocalController(
  { config, log, engines: given }: StartOptions,
  {
    store,
    dispatcher,
    orderKeys,
    demoFleet,
  }: { store: Store; dispatcher: Dispatcher; orderKeys: OrderKeys; demoFleet: ResidentFleet },
): Promise<{ close(): Promise<void> }> {
  await store.controllers.ensure(ownController, defaultZone);
  const folder = join(config.dataFolder, "controller");
  const engines = given ?? createEngines(config.engines, { folder: join(folder, "engines") });
  async function closeEngines(): Promise<void> {
    await Promise.all(engines.map((engine) => engine.close()));
  }
  const controller = await createController({
    name: ownController,
    folder,
    engines,
    absentEngines: given === undefined ? absentEngines(config.engines) : [],
    trustedKeys: orderKeys.all(),
    log: log.child({ part: "controller" }),
    version,
    knownHostsFiles: [
      ...(config.knownHostsFile === undefined ? [] : [config.knownHostsFile]),
      demoFleet.knownHostsFile,
    ],
  }).catch(async (error: unknown) => {
    await closeEngines();
    throw error;
  });
  const parting = new AbortController();
  const joined = joinInProcess(
    (end) => dispatcher.attach(end, ownController),
    (end) => controller.attach(end),
    parting.signal,
  );
  return {
    async close() {
      await controller.close();
      parting.abort();
      await joined;
      await closeEngines();
    },
  };
}

/** A demo fleet that was asked for is there again after a restart; without it the product is all there. */
async function startDemoFleet(dataFolder: string, log: Logger): Promise<ResidentFleet> {
  const fleet = openResidentFleet(join(dataFolder, "demo-fleet"));
  await fleet.resume().catch((error: unknown) => {
    log.warn({ err: error }, "the demo fleet cannot be started again; its hosts are unreachable");
  });
  return fleet;
}

async function queryRecorder() {
  const { recordQuery } = await import("../web/http/development.ts");
  return recordQuery;
}

async function setupLink(store: Store, publicUrl: string): Promise<string | undefined> {
  if ((await store.users.count()) > 0) return undefined;
  return (await createSetupLink(store, publicUrl)).url;
}

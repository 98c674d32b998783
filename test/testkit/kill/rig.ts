import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readConfig } from "../../../src/daemon/config.ts";
import { enrol } from "../../../src/daemon/controller-role.ts";
import { freePort } from "../free-port.ts";
import { createMortal, type Mortal } from "./life.ts";

/** A web server and two controllers, processes of their own over the real link, and the fleet that they run things on. */
export interface KillRig {
  readonly web: Mortal;
  readonly controllers: readonly Mortal[];
  readonly databaseFile: string;
  readonly ledgerFile: string;
  /** Executions that hosts still keep. */
  kept(): Promise<number>;
  /** Stops the product; its files stay until `close`. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** The product, or what must be caught: a controller that is naive, a web server that is careless with approvals. */
export type Variant = "ours" | "naive" | "careless";

/** Each in a zone of the same name. */
const controllerNames = ["bj-1", "sh-1"];

export interface KillRigOptions {
  /** By which the web server's clock is wrong. Milliseconds. */
  readonly webClockBehind?: number;
}

export async function openKillRig(variant: Variant, { webClockBehind = 0 }: KillRigOptions = {}): Promise<KillRig> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-kill-"));
  const fleetSocket = join(folder, "fleet.sock");
  const ledgerFile = join(folder, "ledger");
  const webFolder = join(folder, "web");
  await mkdir(webFolder, { mode: 0o700 });
  const fleet = await startFleet([fleetSocket, ledgerFile]);
  // Every life would compile the same sources again. Where Node.js keeps them by itself, when it is asked to.
  const environment = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
  const web = createMortal({
    name: "web",
    role: "web",
    program: new URL("./web-life.ts", import.meta.url),
    // The same for all lives of the web server, since controllers dial it.
    given: [webFolder, String(await freePort()), controllerNames.join(","), variant],
    environment: { ...environment, WEB_CLOCK_BEHIND: String(webClockBehind) },
  });
  const controllers = controllerNames.map((name) =>
    createMortal({
      name,
      role: "controller",
      program: new URL("./controller-life.ts", import.meta.url),
      given: [join(folder, name), fleetSocket, variant],
      environment,
    }),
  );
  const all = [web, ...controllers];
  let stopped: Promise<unknown> | undefined;
  async function stop(): Promise<void> {
    stopped ??= Promise.all(all.map((mortal) => mortal.stop()));
    await stopped;
  }

  web.start();
  for (const { name, start } of controllers) {
    const { server, token, authoritySha256 } = await web.ask<{
      server: string;
      token: string;
      authoritySha256: string;
    }>({ wish: "invite", controller: name });
    const config = readConfig({}, undefined, { dataFolder: join(folder, name) });
    await enrol(config, { servers: [server], token, authoritySha256 });
    start();
  }
  await Promise.all(all.map((mortal) => mortal.recovered()));
  return {
    web,
    controllers,
    databaseFile: join(webFolder, "web.db"),
    ledgerFile,
    async kept() {
      fleet.send("kept?");
      const [{ kept }] = (await once(fleet, "message")) as [{ kept: number }];
      return kept;
    },
    stop,
    async close() {
      await stop();
      const gone = once(fleet, "exit");
      fleet.disconnect();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startFleet(given: readonly string[]): Promise<ChildProcess> {
  const file = fileURLToPath(new URL("./fleet.ts", import.meta.url));
  const fleet = spawn(process.execPath, [file, ...given], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await once(fleet, "message");
  return fleet;
}

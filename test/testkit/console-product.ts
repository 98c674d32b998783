import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Engine } from "../../src/contract/engine.ts";
import { type Client, createClient } from "../../src/contract/http/client.ts";
import { type Running, startOmserver } from "../../src/daemon/compose.ts";
import { readConfig } from "../../src/daemon/config.ts";
import { createMockEngine, type MockOptions } from "../../src/engines/mock/mock-engine.ts";
import { createApiToken, createSignInLink } from "../../src/web/http/sign-in-links.ts";
import type { DatabaseConfig } from "../../src/web/store/database-config.ts";
import { builtConsole } from "./built-console.ts";

export interface ConsoleProduct extends AsyncDisposable {
  readonly url: string;
  readonly running: Running;
  readonly database: DatabaseConfig;
  /** The public API as an administrator. */
  readonly client: Client;
  /** A link that signs the administrator `ada` in once. */
  signInLink(): Promise<string>;
}

export interface ConsoleProductOptions {
  readonly engine?: MockOptions;
  /** Besides the mock. */
  readonly engines?: readonly Engine[];
  /** As after a fresh install; `client` and `signInLink` cannot be used then. */
  readonly withoutUsers?: boolean;
  /** Controllers on other machines can be invited. */
  readonly link?: boolean;
  /** CSV of hosts, as the import takes it. */
  readonly hosts?: string;
}

/** The whole product in this process, with the built console, over hosts that are made up. */
export async function startConsoleProduct(options: ConsoleProductOptions = {}): Promise<ConsoleProduct> {
  const consoleFolder = await builtConsole();
  const folder = mkdtempSync(join(tmpdir(), "omserver-console-"));
  const environment = options.link === true ? { OMSERVER_LINK_LISTEN: "127.0.0.1:0" } : {};
  const config = readConfig(environment, undefined, { dataFolder: folder, listen: "127.0.0.1:0" });
  const running = await startOmserver({
    config,
    log: pino({ level: "silent" }),
    engines: [createMockEngine(options.engine), ...(options.engines ?? [])],
    consoleFolder,
  });
  const userId = options.withoutUsers === true ? 0 : await createAdministrator(running);
  const token = userId === 0 ? "" : await createApiToken(running.store, userId, "test");
  const client = createClient({ baseUrl: running.url, token });
  if (options.hosts !== undefined) {
    const body = { format: "csv", text: options.hosts, preview: false, category: "" } as const;
    const report = await client.call("POST /hosts/import", { body });
    if (!report.applied) throw new Error(`the test's hosts were refused: ${JSON.stringify(report.refused[0])}`);
  }
  return {
    url: running.url,
    running,
    database: config.database,
    client,
    signInLink: async () => (await createSignInLink(running.store, userId, running.url)).url,
    async [Symbol.asyncDispose]() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function createAdministrator(running: Running): Promise<number> {
  const scope = { everything: true, functionCategories: [], appCategories: [] };
  return (await running.store.users.create({ name: "ada", role: "administrator", scope, passwordHash: "" })).id;
}

/** CSV of mock hosts: so many of each name in each category path, `web01` … */
export function mockHosts(groups: Readonly<Record<string, readonly [name: string, count: number]>>): string {
  const rows = Object.entries(groups).flatMap(([path, [name, count]]) => {
    const [functionCategory = "", app = ""] = path.split("/");
    return Array.from({ length: count }, (_, index) => {
      const number = String(index + 1).padStart(String(count).length < 2 ? 2 : String(count).length, "0");
      return `${name}${number},${functionCategory},${app},10.1.${index >> 8}.${index & 255},mock`;
    });
  });
  return ["name,function_category,app_category,inner_address,engine", ...rows].join("\n");
}

export interface Cuttable extends AsyncDisposable {
  readonly url: string;
  /** Ends every connection that is open now, and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
}

/** A way to the server that a test can cut. */
export async function cuttable(url: string): Promise<Cuttable> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((inner) => {
    if (!open) return inner.destroy();
    const outer = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the way listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      open = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

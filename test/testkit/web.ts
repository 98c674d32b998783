import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createDispatcher } from "../../src/web/dispatch/create-dispatcher.ts";
import { tokenHash } from "../../src/web/http/secret-token.ts";
import { createHttpServer, type HttpConfig } from "../../src/web/http/server.ts";
import { createIngest } from "../../src/web/ingest/ingest.ts";
import { createLive } from "../../src/web/live/create-live.ts";
import type { Live } from "../../src/web/live/live.ts";
import type { DatabaseConfig } from "../../src/web/store/database-config.ts";
import { createFileContent } from "../../src/web/store/file-content.ts";
import { openStore } from "../../src/web/store/open.ts";
import type { NewHost } from "../../src/web/store/repositories/inventory.ts";
import type { Role, User } from "../../src/web/store/repositories/users.ts";
import type { Store } from "../../src/web/store/store.ts";
import { type TestDispatcher, testDispatcher } from "./web-dispatcher.ts";

/** What a test asks of the server; `cookie` and `token` are secrets from {@link TestWeb.session} and `apiToken`. */
export interface TestRequest {
  readonly token?: string;
  readonly cookie?: string;
  /** Sent with a cookie unless it is `null`; the server's own origin by default. */
  readonly origin?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface TestWeb {
  readonly url: string;
  readonly store: Store;
  readonly dispatcher: TestDispatcher;
  readonly live: Live;
  /** What the server logged, as JSON lines. */
  readonly log: string[];
  readonly folder: string;
  readonly clock: { now: number };
  /** Every route that the server has, as `METHOD /path`. */
  routes(): string[];
  /** `path` is below `/api/v1`, or absolute when it begins with `//`. */
  call(method: string, path: string, request?: TestRequest): Promise<Response>;
  user(name: string, role: Role, scope?: Partial<User["scope"]>): Promise<User>;
  /** The cookie's value of a new session. */
  session(user: User): Promise<string>;
  apiToken(user: User): Promise<string>;
  close(): Promise<void>;
}

export interface TestWebOptions {
  readonly config?: Partial<HttpConfig>;
  /** Changes the store before the server gets it, for example to make the audit fail. */
  readonly wrap?: (store: Store) => Store;
  /** An empty one; SQLite in a folder of its own where left out. */
  readonly database?: DatabaseConfig;
  /** Instead of the real one; see web-live.ts. */
  readonly live?: Live;
  readonly onQuery?: (query: { readonly sql: string; readonly milliseconds: number }) => void;
}

/** A real server on a free loopback port over a real store. */
export async function startWeb(options: TestWebOptions = {}): Promise<TestWeb> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-web-"));
  const clock = { now: Date.now() };
  const clockOf = () => clock.now;
  const store = await openStore(options.database ?? { kind: "sqlite", file: join(folder, "omserver.db") }, {
    clock: clockOf,
    ...(options.onQuery === undefined ? {} : { onQuery: options.onQuery }),
  });
  await store.controllers.ensure("main", "default");
  // It was there a moment ago: runs are for it.
  await store.controllers.seen("main", clock.now);
  const log: string[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => void log.push(line) });
  const live = options.live ?? createLive(store);
  const files = createFileContent(join(folder, "files"));
  const real = createDispatcher({
    store,
    live,
    files,
    ingest: createIngest({ store, live, log: logger }),
    signingKey: { keyId: "test", ...generateKeyPairSync("ed25519") },
    log: logger,
    clock: clockOf,
  });
  const dispatcher = testDispatcher(real);
  const app = await createHttpServer({
    store: options.wrap?.(store) ?? store,
    dispatcher,
    live,
    files,
    link: {
      invite: async (controller) => {
        dispatcher.told.push({ what: "invite", given: [controller] });
        return {
          server: "https://web:7443",
          token: "t".repeat(43),
          authoritySha256: "0".repeat(64),
          expiresAt: clock.now,
        };
      },
      revoke: async (controller) => void dispatcher.told.push({ what: "revoke", given: [controller] }),
      rotateOrderKeys: async () => {
        dispatcher.told.push({ what: "rotateOrderKeys", given: [] });
        return { keyId: "0123456789abcdef", previousUntil: clock.now };
      },
    },
    demoFleet: {
      listening: 0,
      start: async (credential) => {
        dispatcher.told.push({ what: "startDemoFleet", given: [credential] });
        return { hostsCsv: "name", user: "demo", privateKey: "key" };
      },
      stop: async () => void dispatcher.told.push({ what: "stopDemoFleet", given: [] }),
    },
    config: { consoleFolder: join(folder, "console"), trustProxy: false, secureCookies: false, ...options.config },
    log: logger,
    clock: clockOf,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const cookieName = options.config?.secureCookies ? "__Host-omserver" : "omserver";
  let made = 0;

  async function addToken(user: User, kind: "session" | "api"): Promise<string> {
    made += 1;
    const secret = `${kind}-${"x".repeat(30)}-${made}`;
    await store.users.addToken({ kind, userId: user.id, name: "test", sha256: tokenHash(secret) });
    return secret;
  }

  return {
    url,
    store,
    dispatcher,
    live,
    log,
    folder,
    clock,
    routes: () => routesIn(app.printRoutes({ commonPrefix: false })),
    call: (method, path, request = {}) =>
      fetch(path.startsWith("//") ? `${url}${path.slice(1)}` : `${url}/api/v1${path}`, {
        method,
        headers: headersOf(request, url, cookieName),
        ...bodyOf(request.body),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      }),
    user: (name, role, scope = {}) =>
      store.users.create({
        name,
        role,
        scope: { everything: Object.keys(scope).length === 0, functionCategories: [], appCategories: [], ...scope },
        passwordHash: "",
      }),
    session: (user) => addToken(user, "session"),
    apiToken: (user) => addToken(user, "api"),
    async close() {
      await app.close();
      await real.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Out of Fastify's drawing of its routes, a tree in which a line goes on where its parent ends. */
function routesIn(drawing: string): string[] {
  const above: string[] = [];
  return [...drawing.matchAll(/^(.*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?$/gm)].flatMap(
    ([, indent = "", part = "", methods]) => {
      const depth = indent.length / 4;
      above[depth] = (above[depth - 1] ?? "") + part;
      return methods === undefined ? [] : methods.split(", ").map((method) => `${method} ${above[depth]}`);
    },
  );
}

function headersOf(request: TestRequest, url: string, cookieName: string): Record<string, string> {
  const origin = request.origin === undefined && request.cookie !== undefined ? url : request.origin;
  const raw = request.body instanceof Uint8Array || typeof request.body === "string";
  return {
    ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
    ...(request.cookie === undefined ? {} : { cookie: `${cookieName}=${request.cookie}` }),
    ...(origin === undefined || origin === null ? {} : { origin }),
    ...(request.body === undefined || raw ? {} : { "content-type": "application/json" }),
    ...request.headers,
  };
}

/** Text and bytes go as they are, anything else as JSON. */
function bodyOf(body: unknown): { body?: string | Uint8Array<ArrayBuffer> } {
  if (body === undefined) return {};
  if (typeof body === "string") return { body };
  if (body instanceof Uint8Array) return { body: new Uint8Array(body) };
  return { body: JSON.stringify(body) };
}

/** A host as the store takes it. */
export function newHost(name: string, appCategoryId: number, more: Partial<NewHost> = {}): NewHost {
  return {
    name,
    appCategoryId,
    outerAddress: "",
    innerAddress: "127.0.0.1",
    port: 22,
    os: "Debian 12",
    engines: ["ssh"],
    user: "",
    credential: "",
    proxyJump: "",
    tags: [],
    enabled: true,
    note: "",
    ...more,
  };
}

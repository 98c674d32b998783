import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeb, type TestRequest, type TestWeb } from "../../../test/testkit/web.ts";
import {
  createWorld,
  databaseContent,
  echoModule,
  finishedRun,
  libraryFile,
  queuedRun,
  type World,
  waitingRun,
} from "../../../test/testkit/web-world.ts";
import type { Permission, Route } from "../../contract/http/route.ts";
import { type RouteName, routes } from "../../contract/http/routes.ts";
import { moduleSource } from "../../modules/source.ts";

/** How a route is asked so that it does its work; made anew for every call, as many of them use up what they name. */
interface Ask {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly upload?: string;
}

/** `foreign`: it names something of the first category, and is refused as not found to whoever sees only the second. */
interface Row {
  ask(world: World): Promise<Ask> | Ask;
  readonly foreign?: true;
  /** Status for who may; default the route's own. */
  readonly status?: number;
}

const password = "correct horse battery";
const manifestOf = (key: string) => moduleSource({ ...echoModule(key), id: 0 });
const onMain: Row = { ask: () => ({ params: { name: "main" } }) };
const onForeignRun: Row = { foreign: true, ask: ({ foreignRun }) => ({ params: { id: foreignRun.id } }) };

/** One row a route: a new route does not compile until it has one. */
const rows: { readonly [Name in RouteName]: Row } = {
  status: { ask: () => ({}) },
  session: { ask: () => ({}) },
  signIn: { ask: () => ({ body: { name: "nobody", password: "wrong" } }), status: 401 },
  signOut: { ask: () => ({}) },
  redeemLink: { ask: () => ({ body: { token: "x".repeat(43) } }), status: 401 },
  changePassword: { ask: () => ({ body: { current: password, next: password } }) },
  listUsers: { ask: () => ({}) },
  createUser: { ask: ({ fresh }) => ({ body: { name: fresh(), role: "viewer" } }) },
  changeUser: {
    ask: async ({ web, fresh }) => ({
      params: { id: (await web.user(fresh(), "viewer")).id },
      body: { enabled: false },
    }),
  },
  deleteUser: { ask: async ({ web, fresh }) => ({ params: { id: (await web.user(fresh(), "viewer")).id } }) },
  createSignInLink: { ask: ({ administrator }) => ({ params: { id: administrator.id } }) },
  listTokens: { ask: () => ({}) },
  createToken: { ask: ({ fresh }) => ({ body: { name: fresh() } }) },
  // Somebody else's token does not exist, whoever asks.
  deleteToken: { ask: () => ({ params: { id: 1 } }), status: 404 },
  listCategories: { ask: () => ({}) },
  createFunctionCategory: { ask: ({ fresh }) => ({ body: { name: fresh() } }) },
  changeFunctionCategory: {
    foreign: true,
    ask: ({ foreignFunction, fresh }) => ({ params: { id: foreignFunction }, body: { name: `foreign-${fresh()}` } }),
  },
  deleteFunctionCategory: {
    ask: async ({ web, fresh }) => ({ params: { id: (await web.store.inventory.createFunctionCategory(fresh())).id } }),
    foreign: true,
  },
  createAppCategory: {
    foreign: true,
    ask: ({ foreignFunction, fresh }) => ({
      body: { functionCategoryId: foreignFunction, name: `foreign-${fresh()}` },
    }),
  },
  changeAppCategory: {
    foreign: true,
    ask: ({ foreignApp, fresh }) => ({ params: { id: foreignApp }, body: { name: `foreign-${fresh()}` } }),
  },
  deleteAppCategory: {
    foreign: true,
    ask: async ({ web, foreignFunction, fresh }) => {
      const { id } = await web.store.inventory.createAppCategory(foreignFunction, fresh());
      return { params: { id } };
    },
  },
  listHosts: { ask: () => ({}) },
  matchHosts: { ask: () => ({ body: { query: "" } }) },
  completeQuery: { ask: () => ({ body: { query: "", cursor: 0 } }) },
  createHost: { ask: ({ ownApp, fresh }) => ({ body: { name: fresh(), appCategoryId: ownApp } }) },
  getHost: { foreign: true, ask: ({ foreignHost }) => ({ params: { id: foreignHost.id } }) },
  getHostFacts: { foreign: true, ask: ({ foreignHost }) => ({ params: { id: foreignHost.id } }) },
  changeHost: {
    foreign: true,
    ask: ({ foreignHost }) => ({ params: { id: foreignHost.id }, body: { note: "changed" } }),
  },
  deleteHost: {
    foreign: true,
    ask: async ({ web, foreignApp, foreignHost, fresh }) => {
      const host = await web.store.inventory.createHost({ ...foreignHost, name: fresh(), appCategoryId: foreignApp });
      return { params: { id: host.id } };
    },
  },
  changeHosts: { ask: () => ({ body: { query: "own-1", expectedCount: 1, change: { note: "changed" } } }) },
  deleteHosts: {
    ask: async ({ web, ownApp, ownHost, fresh }) => {
      const { name } = await web.store.inventory.createHost({ ...ownHost, name: fresh(), appCategoryId: ownApp });
      return { body: { query: name, expectedCount: 1 } };
    },
  },
  importHosts: { ask: () => ({ body: { format: "csv", text: "name\n", preview: true } }) },
  exportHosts: { ask: () => ({}) },
  testHost: { foreign: true, ask: ({ foreignHost }) => ({ params: { id: foreignHost.id } }) },
  forgetHostKey: { foreign: true, ask: ({ foreignHost }) => ({ params: { id: foreignHost.id } }) },
  listModules: { ask: () => ({}) },
  getModule: { ask: ({ moduleId }) => ({ params: { id: moduleId } }) },
  listModuleVersions: { ask: ({ moduleId }) => ({ params: { id: moduleId } }) },
  previewModule: { ask: () => ({ body: { source: manifestOf("some-echo") } }) },
  createModule: { ask: ({ fresh }) => ({ body: { source: manifestOf(fresh()) } }) },
  changeModule: {
    ask: async ({ web, fresh }) => {
      const { id, key } = await web.store.modules.create(echoModule(fresh()), "test");
      return { params: { id }, body: { source: manifestOf(key), expectedVersion: 1 } };
    },
  },
  exportModule: { ask: ({ moduleId }) => ({ params: { id: moduleId } }) },
  importModule: { ask: ({ fresh }) => ({ body: { source: manifestOf(fresh()), preview: false } }) },
  setModuleEnabled: {
    ask: async ({ web, fresh }) => {
      const { id } = await web.store.modules.create(echoModule(fresh()), "test");
      return { params: { id }, body: { enabled: false } };
    },
  },
  listFiles: { ask: () => ({}) },
  uploadFile: { ask: ({ fresh }) => ({ query: `name=${fresh()}`, upload: "content" }) },
  deleteFile: { ask: async ({ web, fresh }) => ({ params: { id: (await libraryFile(web, fresh())).id } }) },
  previewRun: { ask: ({ moduleId }) => ({ body: { module: moduleId, query: "own-1" } }) },
  startRun: { ask: ({ moduleId }) => ({ body: { module: moduleId, query: "own-1" } }) },
  listRuns: { ask: () => ({}) },
  getRun: onForeignRun,
  listExecutions: onForeignRun,
  readRunHosts: onForeignRun,
  readEarlierRuns: onForeignRun,
  listGroups: onForeignRun,
  getExecution: { foreign: true, ask: ({ foreignRun }) => ({ params: { id: foreignRun.id, position: 0 } }) },
  listSteps: { foreign: true, ask: ({ foreignRun }) => ({ params: { id: foreignRun.id, position: 0 } }) },
  readOutput: { foreign: true, ask: ({ foreignRun }) => ({ params: { id: foreignRun.id, position: 0 } }) },
  readOutputByHash: {
    foreign: true,
    ask: ({ foreignRun }) => ({
      params: { id: foreignRun.id, sha256: createHash("sha256").update("foreign output\n").digest("hex") },
    }),
  },
  cancelRun: {
    foreign: true,
    ask: async ({ web, moduleId, foreignHost }) => ({
      params: { id: (await queuedRun(web, moduleId, [foreignHost])).id },
    }),
  },
  approveRun: {
    foreign: true,
    ask: async ({ web, moduleId, foreignHost }) => ({
      params: { id: (await waitingRun(web, moduleId, [foreignHost])).id },
      body: {},
    }),
  },
  rejectRun: {
    foreign: true,
    ask: async ({ web, moduleId, foreignHost }) => ({
      params: { id: (await waitingRun(web, moduleId, [foreignHost])).id },
      body: { comment: "not now" },
    }),
  },
  rerun: {
    foreign: true,
    ask: async ({ web, moduleId, foreignHost }) => ({
      params: { id: (await finishedRun(web, moduleId, foreignHost, "foreign")).id },
      body: { selection: "all" },
    }),
  },
  live: onForeignRun,
  exportRun: onForeignRun,
  reportShellCommands: { ask: () => ({ upload: "k 1 root ls\0" }) },
  listShellCommands: { ask: () => ({}) },
  shellActivity: { ask: () => ({}) },
  liveShellCommands: { ask: () => ({}) },
  exportShellCommands: { ask: () => ({}) },
  createReportToken: { foreign: true, ask: ({ foreignHost }) => ({ params: { id: foreignHost.id } }) },
  deleteReportToken: { foreign: true, ask: ({ foreignHost }) => ({ params: { id: foreignHost.id } }) },
  listSavedViews: { ask: () => ({ query: "scene=runs" }) },
  putSavedView: { ask: ({ fresh }) => ({ body: { scene: "runs", name: fresh(), search: { state: "failed" } } }) },
  // Somebody else's view does not exist, whoever asks.
  deleteSavedView: { ask: () => ({ params: { id: 1 } }), status: 404 },
  listAudit: { ask: () => ({}) },
  verifyAudit: { ask: () => ({}) },
  auditActivity: { ask: () => ({}) },
  exportAudit: { ask: () => ({}) },
  listCredentials: { ask: () => ({}) },
  putCredential: {
    ask: ({ fresh }) => ({ body: { name: fresh(), secret: { kind: "password", password: "s3cret" } } }),
  },
  deleteCredential: {
    ask: async ({ web, fresh }) => {
      const given = {
        name: fresh(),
        kind: "agent" as const,
        user: "",
        description: "",
        updatedBy: "test",
        zones: [],
        heldBy: [],
      };
      return { params: { id: (await web.store.credentials.put(given)).id } };
    },
  },
  getDemoFleet: { ask: () => ({}) },
  startDemoFleet: { ask: () => ({}) },
  stopDemoFleet: { ask: () => ({}) },
  getSettings: { ask: () => ({}) },
  countEndedRuns: { ask: () => ({ query: "days=30" }) },
  changeSettings: { ask: () => ({ body: { runWidth: 100 } }) },
  importFirstOmserver: {
    ask: ({ fresh }) => ({ body: { text: `INSERT INTO server_fun_categ VALUES (1,'${fresh()}');`, preview: false } }),
  },
  importEngineHosts: {
    ask: () => ({ params: { engine: "mock" }, body: { controller: "main", groups: "tags", preview: true } }),
    status: 503,
  },
  listHostKeys: { ask: () => ({ params: { name: "main", engine: "mock" } }), status: 503 },
  changeHostKey: {
    ask: () => ({ params: { name: "main", engine: "mock" }, body: { host: "web1", action: "accept" } }),
    status: 503,
  },
  getController: onMain,
  changeController: { ask: () => ({ params: { name: "main" }, body: { zone: "default" } }) },
  drainController: onMain,
  undrainController: onMain,
  probeController: onMain,
  listControllers: { ask: () => ({}) },
  inviteController: { ask: ({ fresh }) => ({ params: { name: `c-${fresh()}`.toLowerCase() }, body: {} }) },
  revokeController: { ask: ({ fresh }) => ({ params: { name: `c-${fresh()}`.toLowerCase() } }) },
  rotateOrderKeys: { ask: () => ({}) },
};

/** The permission table: who may what. Stands here once more on purpose; it is what the product promises. */
const everybody = ["administrator", "operator", "viewer", "own-administrator", "own-operator", "own-viewer"] as const;
type Caller = (typeof everybody)[number];
/** Concern what no part of the inventory holds; their own tests say what happens to who sees only a part. */
const wholeInventory: ReadonlySet<string> = new Set(["createFunctionCategory", "importFirstOmserver"]);
const administrators: readonly Caller[] = ["administrator", "own-administrator"];
/** What reaches the whole fleet is for who sees the whole fleet: by it a limited administrator would lift the limit. */
const unlimited: readonly Caller[] = ["administrator"];
const operators: readonly Caller[] = [...administrators, "operator", "own-operator"];
const may: Readonly<Record<Permission, readonly Caller[]>> = {
  public: everybody,
  self: everybody,
  "inventory.read": everybody,
  "inventory.write": administrators,
  "hosts.connect": unlimited,
  "modules.read": everybody,
  "modules.write": unlimited,
  "files.read": everybody,
  "files.write": operators,
  "runs.read": everybody,
  "runs.start": operators,
  "runs.adhoc": [...administrators, "operator"],
  "keys.manage": unlimited,
  "credentials.manage": unlimited,
  "controllers.manage": unlimited,
  "users.manage": unlimited,
  "settings.manage": unlimited,
  // Of hosts with their own token, which no user has.
  "hosts.report": [],
  "audit.read": ["administrator", "operator", "viewer"],
};

/** Reading by POST: long queries do not fit into an address. They change nothing. */
const readingByPost: readonly RouteName[] = ["matchHosts", "completeQuery", "previewModule", "previewRun"];
const names = Object.keys(routes) as RouteName[];
const routeOf = (name: RouteName): Route => routes[name];
const changes = (name: RouteName) => routeOf(name).method !== "GET";

describe("every route of the contract", () => {
  let web: TestWeb;
  let world: World;
  const users = new Map<Caller, { token: string; cookie: string }>();

  beforeAll(async () => {
    web = await startWeb({ config: { requestsPerMinute: 1_000_000, sessionIdleMilliseconds: 1e12 } });
    world = await createWorld(web);
    for (const caller of everybody) users.set(caller, await signUp(caller));
  });
  afterAll(() => web.close());

  async function signUp(caller: Caller): Promise<{ token: string; cookie: string }> {
    const role = caller.replace("own-", "") as "administrator" | "operator" | "viewer";
    const scope = caller.startsWith("own-") ? { functionCategories: [world.ownFunction] } : {};
    const user = await web.user(`${caller}-${world.fresh()}`, role, scope);
    return { token: await web.apiToken(user), cookie: await web.session(user) };
  }

  const secretsOf = (caller: Caller) => users.get(caller) ?? { token: "", cookie: "" };

  async function send(name: RouteName, request: TestRequest, asked?: Ask): Promise<Response> {
    // The limits of failed attempts have tests of their own.
    web.clock.now += 600_000;
    const route = routeOf(name);
    const { params = {}, query, body, upload } = asked ?? (await rows[name].ask(world));
    const path = route.path.replace(/:(\w+)/g, (_, key: string) => String(params[key]));
    const type: Record<string, string> = upload === undefined ? {} : { "content-type": "application/octet-stream" };
    const response = await web.call(route.method, query === undefined ? path : `${path}?${query}`, {
      ...request,
      ...(upload === undefined ? {} : { body: upload }),
      ...(body === undefined ? {} : { body }),
      headers: { ...type, ...request.headers },
    });
    return response;
  }

  async function refusal(response: Response): Promise<string> {
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    return ((await response.json()) as { code: string }).code;
  }

  /** Asks first, so that what the row makes for itself does not count. */
  async function unchangedBy(name: RouteName, requests: (ask: Ask) => Promise<void>): Promise<void> {
    const asked = await rows[name].ask(world);
    const [before, told] = [databaseContent(web), web.dispatcher.told.length];
    await requests(asked);
    expect(databaseContent(web)).toBe(before);
    expect(web.dispatcher.told.length).toBe(told);
  }

  describe.each(names)("%s", (name) => {
    const { permission } = routeOf(name);

    it("is refused to nobody, to a made-up token and to a made-up cookie", async () => {
      await unchangedBy(name, async (ask) => {
        for (const secrets of [{}, { token: "om_made-up-made-up-made-up" }, { cookie: "made-up-made-up-made-up" }]) {
          if (permission === "public") return;
          expect([await refusal(await send(name, secrets, ask))]).toEqual(["access.not_signed_in"]);
        }
      });
    });

    it("is refused to every role that the table does not name", async () => {
      await unchangedBy(name, async (ask) => {
        for (const caller of everybody.filter((each) => !may[permission].includes(each))) {
          const { token, cookie } = secretsOf(caller);
          expect([caller, await refusal(await send(name, { token }, ask))]).toEqual([caller, "access.denied"]);
          expect([caller, await refusal(await send(name, { cookie }, ask))]).toEqual([caller, "access.denied"]);
        }
      });
    });

    it("is refused to a foreign page, whoever is signed in", async () => {
      const { token, cookie } = secretsOf("administrator");
      const foreign: TestRequest[] = [
        { cookie, origin: "https://evil.example" },
        { cookie, origin: "null" },
        { cookie, origin: `${web.url}.evil.example` },
        { cookie, origin: null, headers: { "sec-fetch-site": "cross-site" } },
        { cookie, origin: null, headers: { "sec-fetch-site": "same-site" } },
        { token, origin: "https://evil.example" },
        ...(changes(name) ? [{ cookie, origin: null }] : []),
      ];
      await unchangedBy(name, async (ask) => {
        for (const request of foreign) {
          expect([request, await refusal(await send(name, request, ask))]).toEqual([request, "request.foreign_origin"]);
        }
      });
    });

    it("does not tell who sees another part of the inventory that its object exists", async () => {
      if (!rows[name].foreign) return;
      await unchangedBy(name, async (ask) => {
        for (const caller of may[permission].filter((each) => each.startsWith("own-"))) {
          const response = await send(name, { token: secretsOf(caller).token }, ask);
          expect([caller, await refusal(response)]).toEqual([caller, "request.not_found"]);
        }
      });
    });

    it("works for whom the table names, by token and by cookie", async () => {
      const expected = rows[name].status ?? routeOf(name).status ?? 200;
      for (const caller of may[permission].filter((each) => !(rows[name].foreign && each.startsWith("own-")))) {
        if (wholeInventory.has(name) && caller === "own-administrator") continue;
        for (const by of ["token", "cookie"] as const) {
          // Some of these routes end the session or the token that asks.
          const secrets = permission === "self" ? await signUp(caller) : secretsOf(caller);
          const response = await send(name, { [by]: secrets[by] });
          const text = await (routeOf(name).answer === "events" ? firstOf(response) : response.text());
          expect([caller, by, response.status], text).toEqual([caller, by, expected]);
          if (caller.startsWith("own-") && !name.endsWith("Audit")) expect(text).not.toContain("foreign");
        }
      }
    });
  });

  it("is all that the server answers, but for health, its own description and the console's files", () => {
    const ofContract = names.map((name) => `${routeOf(name).method} /api/v1${routeOf(name).path}`);
    const open = [
      "GET /healthz",
      "GET /readyz",
      "GET /api/v1/openapi.json",
      "GET /api/docs",
      "GET /api/docs/page.css",
      "GET /api/docs/page.js",
      "GET /",
      "HEAD /",
      "HEAD /healthz",
      "HEAD /readyz",
    ];
    expect(web.routes().sort()).toEqual([...ofContract, ...open].sort());
  });

  it("writes an audit record before whatever it changes, and does nothing when it cannot", async () => {
    const failing = await startWeb({
      config: { requestsPerMinute: 1_000_000 },
      wrap: (store) => ({
        ...store,
        audit: { ...store.audit, append: () => Promise.reject(new Error("disk is full")) },
      }),
    });
    const ours = [web, world] as const;
    try {
      web = failing;
      world = await createWorld(failing);
      const byPeople = names.filter((each) => changes(each) && may[routeOf(each).permission].length > 0);
      for (const name of byPeople.filter((each) => !readingByPost.includes(each))) {
        const { token } = await signUp("administrator");
        const asked =
          name === "importHosts" ? { body: { format: "csv", text: csvRow(world), preview: false } } : undefined;
        const ask = asked ?? (await rows[name].ask(world));
        if (name === "deleteToken") continue;
        const [before, told] = [databaseContent(web), failing.dispatcher.told.length];
        const response = await send(name, { token }, ask);
        expect([name, response.status, await refusal(response)]).toEqual([name, 503, "audit.unavailable"]);
        expect([name, databaseContent(web)]).toEqual([name, before]);
        expect(failing.dispatcher.told.length).toBe(told);
      }
    } finally {
      [web, world] = ours;
      await failing.close();
    }
  });
});

/** A live stream need not end. */
async function firstOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return new TextDecoder().decode(value);
}

function csvRow({ ownApp }: World): string {
  return `name,function_category,app_category,inner_address\nimported-${ownApp},own-function,own-app,127.0.0.9\n`;
}

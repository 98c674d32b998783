import { createHash } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import Database from "better-sqlite3";
import type { ModuleManifest } from "../../src/contract/module.ts";
import { planRun } from "../../src/web/plan/plan-run.ts";
import { createFileContent } from "../../src/web/store/file-content.ts";
import type { Host } from "../../src/web/store/repositories/inventory.ts";
import type { Run } from "../../src/web/store/repositories/runs.ts";
import type { User } from "../../src/web/store/repositories/users.ts";
import { newHost, type TestWeb } from "./web.ts";

/**
 * Two categories and what lies in them. Everything of the first one carries the word `foreign`; somebody whose scope is
 * the second one must never meet it.
 */
export interface World {
  readonly web: TestWeb;
  readonly foreignFunction: number;
  readonly foreignApp: number;
  readonly ownFunction: number;
  readonly ownApp: number;
  readonly foreignHost: Host;
  readonly ownHost: Host;
  /** Finished; its one host is foreign. */
  readonly foreignRun: Run;
  readonly moduleId: number;
  readonly administrator: User;
  fresh(): string;
}

export function echoModule(key: string): Omit<ModuleManifest, "id"> {
  return {
    key,
    name: { zh: "回声", en: "Echo" },
    description: { zh: "", en: "" },
    danger: "read",
    parameters: { type: "object", properties: { text: { type: "string", maxLength: 100 } } },
    run: { all: { kind: "command", argv: ["echo", { parameter: "text" }] } },
  };
}

export async function createWorld(web: TestWeb): Promise<World> {
  const { inventory, modules, users } = web.store;
  const foreignFunction = (await inventory.createFunctionCategory("foreign-function")).id;
  const foreignApp = (await inventory.createAppCategory(foreignFunction, "foreign-app")).id;
  const ownFunction = (await inventory.createFunctionCategory("own-function")).id;
  const ownApp = (await inventory.createAppCategory(ownFunction, "own-app")).id;
  const foreignHost = await inventory.createHost(newHost("foreign-1", foreignApp));
  const ownHost = await inventory.createHost(newHost("own-1", ownApp));
  const module = await modules.create(echoModule("echo"), "test");
  const everything = { everything: true, functionCategories: [], appCategories: [] };
  const administrator = await users.create({
    name: "root-of-tests",
    role: "administrator",
    scope: everything,
    passwordHash: "",
  });
  let count = 0;
  return {
    web,
    foreignFunction,
    foreignApp,
    ownFunction,
    ownApp,
    foreignHost,
    ownHost,
    foreignRun: await finishedRun(web, module.id, foreignHost, "foreign output\n"),
    moduleId: module.id,
    administrator,
    fresh: () => `fresh-${++count}`,
  };
}

/** A run of one host that ended well and printed this. */
export async function finishedRun(web: TestWeb, moduleId: number, host: Host, stdout: string): Promise<Run> {
  const run = await queuedRun(web, moduleId, [host]);
  const data = Buffer.from(stdout);
  return web.store.runs.apply({
    runUid: run.uid,
    controller: "main",
    firstSeq: 1,
    lastSeq: 2,
    dispatching: [0],
    running: [{ position: 0, at: web.clock.now }],
    output: [],
    ended: [
      {
        position: 0,
        at: web.clock.now,
        state: "ok",
        exitCode: 0,
        signal: "",
        reason: "",
        stdoutBytes: data.length,
        stderrBytes: 0,
        output: "complete",
        stdout: { offset: 0, data },
        stderr: { offset: 0, data: new Uint8Array() },
      },
    ],
    runEnded: true,
  });
}

let uids = 0;

export async function queuedRun(web: TestWeb, moduleId: number, hosts: readonly Host[]): Promise<Run> {
  uids += 1;
  const { run } = await web.store.runs.create({
    uid: `0190a000-0000-7000-8000-${String(uids).padStart(12, "0")}`,
    moduleId,
    moduleVersion: 1,
    moduleKey: "echo",
    moduleName: { zh: "回声", en: "Echo" },
    danger: "read",
    parameters: {},
    query: hosts.map(({ name }) => name).join(" or "),
    planSha256: "0".repeat(64),
    width: 10,
    becomeUser: "",
    timeoutMilliseconds: 1000,
    requestedBy: "root-of-tests",
    requestedByUserId: 1,
    orders: [{ controller: "main", order: new Uint8Array([1]) }],
    executions: hosts.map((host, position) => ({
      position,
      hostId: host.id,
      hostName: host.name,
      address: host.innerAddress,
      engine: host.engines[0] ?? "ssh",
      appCategoryId: host.appCategoryId,
      controller: "main",
      wave: 0,
    })),
  });
  return run;
}

/** A run that waits for a second person as long as the tests may take; `requestedBy` left out: the first administrator. */
export async function waitingRun(
  web: TestWeb,
  moduleId: number,
  hosts: readonly Host[],
  requestedBy: { readonly id: number; readonly name: string } = { id: 1, name: "root-of-tests" },
): Promise<Run> {
  const module = await web.store.modules.get(moduleId);
  if (module === undefined) throw new Error(`There is no module ${moduleId}.`);
  const planned = planRun({
    module: { id: module.id, version: module.version, manifest: module.manifest },
    parameters: {},
    hosts,
    width: 10,
    connectTimeoutMilliseconds: 1000,
    outputLimitBytes: 65_536,
    defaultTimeoutMilliseconds: 1000,
    file: () => undefined,
  });
  const actor = { userId: requestedBy.id, name: requestedBy.name };
  const query = hosts.map(({ name }) => name).join(" or ");
  return web.dispatcher.start({ planned, query, actor, approvalMilliseconds: 1e12 });
}

/** A library file with its content. */
export async function libraryFile(web: TestWeb, name: string): Promise<{ id: number; sha256: string }> {
  const content = await createFileContent(`${web.folder}/files`).put(Readable.from([Buffer.from(name)]), 1000);
  return web.store.files.add({ name, ...content, uploadedBy: "test" });
}

/** A hash of everything that is stored, but for the notes of when a token was last used and for these tables. */
export function databaseContent(web: TestWeb, without: readonly string[] = []): string {
  const database = new Database(join(web.folder, "omserver.db"), { readonly: true });
  const tables = database.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
  const hash = createHash("sha256");
  for (const table of tables.filter((each) => !without.includes(each)).sort()) {
    const rows = database.prepare(`select * from "${table}"`).all() as Record<string, unknown>[];
    hash.update(JSON.stringify([table, rows.map((row) => ({ ...row, last_used_at: null, data: String(row.data) }))]));
  }
  database.close();
  return hash.digest("hex");
}

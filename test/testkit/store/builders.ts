import { randomUUID } from "node:crypto";
import type { ModuleManifest } from "../../../src/contract/module.ts";
import type { EndedExecution, NewExecution, RunChange } from "../../../src/web/store/repositories/executions.ts";
import type { ImportedHost, NewHost } from "../../../src/web/store/repositories/inventory.ts";
import type { NewRun } from "../../../src/web/store/repositories/runs.ts";
import type { Store } from "../../../src/web/store/store.ts";

/** Things to store, complete and plain; a test names only what it is about. */

let counter = 0;

/** A name that no other test of this process uses. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${counter}`;
}

export function aHost(change: Partial<NewHost> & { appCategoryId: number }): NewHost {
  return {
    name: uniqueName("host"),
    outerAddress: "192.0.2.1",
    innerAddress: "10.0.0.1",
    port: 22,
    os: "Debian 12",
    engines: ["ssh"],
    user: "root",
    credential: "",
    proxyJump: "",
    tags: [],
    enabled: true,
    note: "",
    ...change,
  };
}

export function anImportedHost(change: Partial<ImportedHost> = {}): ImportedHost {
  const { appCategoryId, ...host } = aHost({ appCategoryId: 0 });
  return { ...host, functionCategory: "Linux.Web", appCategory: "bbs.domain.com", ...change };
}

export async function anAppCategory(store: Store): Promise<number> {
  const functionCategory = await store.inventory.createFunctionCategory(uniqueName("Linux.Web"));
  return (await store.inventory.createAppCategory(functionCategory.id, "bbs.domain.com")).id;
}

export function aManifest(change: Partial<ModuleManifest> = {}): ModuleManifest {
  return {
    id: 1001,
    key: uniqueName("view-log"),
    name: { zh: "查看系统日志", en: "View the system log" },
    description: { zh: "最后 N 行", en: "The last N lines" },
    danger: "read",
    parameters: { type: "object", properties: { lines: { type: "integer", default: 10 } } },
    run: { all: { kind: "command", argv: ["tail", "-n", { parameter: "lines" }, "/var/log/syslog"] } },
    ...change,
  };
}

export function anExecution(position: number, change: Partial<NewExecution> = {}): NewExecution {
  return {
    position,
    hostId: position + 1,
    hostName: `web${String(position + 1).padStart(2, "0")}`,
    address: `10.0.0.${position + 1}`,
    engine: "ssh",
    appCategoryId: 1,
    controller: "main",
    wave: 0,
    ...change,
  };
}

/** A run of so many hosts at the controller `main`. */
export function aRun(hosts: number, change: Partial<NewRun> = {}): NewRun {
  return {
    uid: randomUUID(),
    moduleId: 1001,
    moduleVersion: 1,
    moduleKey: "view-log",
    moduleName: { zh: "查看系统日志", en: "View the system log" },
    danger: "read",
    parameters: { lines: 10 },
    query: "web[01-99]",
    planSha256: "a".repeat(64),
    width: 64,
    becomeUser: "",
    timeoutMilliseconds: 60_000,
    requestedBy: "alice",
    requestedByUserId: 1,
    orders: [{ controller: "main", order: Buffer.from("the order") }],
    executions: Array.from({ length: hosts }, (_, position) => anExecution(position)),
    ...change,
  };
}

const nothing = { offset: 0, data: new Uint8Array() };

/** Ended `ok` with this on stdout, all of it in the event. */
export function ended(position: number, stdout = "", change: Partial<EndedExecution> = {}): EndedExecution {
  const data = Buffer.from(stdout);
  return {
    position,
    at: 2000,
    state: "ok",
    exitCode: 0,
    signal: "",
    reason: "",
    stdoutBytes: data.byteLength,
    stderrBytes: 0,
    output: "complete",
    stdout: { offset: 0, data },
    stderr: nothing,
    ...change,
  };
}

export function aChange(runUid: string, firstSeq: number, lastSeq: number, change: Partial<RunChange> = {}): RunChange {
  return {
    runUid,
    controller: "main",
    firstSeq,
    lastSeq,
    dispatching: [],
    running: [],
    output: [],
    ended: [],
    runEnded: false,
    ...change,
  };
}

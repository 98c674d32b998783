import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Client, createClient } from "../../contract/http/client.ts";
import { isFinalRunState } from "../../contract/states.ts";
import { createApiToken } from "../../web/http/sign-in-links.ts";
import { type Running, startOmserver } from "../compose.ts";
import { readConfig } from "../config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omserver-resident-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("is there again after a restart, runs commands, and is gone for good once it is taken away", async () => {
  const first = await start();
  const userId = await administrator(first.running);
  const client = await clientOf(first.running, userId);
  const { hostsCsv } = await client.call("POST /demo-fleet", {});
  await client.call("POST /hosts/import", { body: { format: "csv", text: hostsCsv, preview: false } });
  await first.running.stop();

  const second = await start();
  const again = await clientOf(second.running, userId);
  expect(await again.call("GET /demo-fleet", {})).toEqual({ available: true, listening: 24 });
  expect(await answers(again)).toEqual({ ok: 24 });
  const [elsewhere] = (await again.call("GET /hosts", { query: { query: "web01" } })).rows;
  await again.call("PATCH /hosts/:id", { params: { id: elsewhere?.id ?? 0 }, body: { innerAddress: "192.0.2.1" } });
  expect(await again.call("DELETE /demo-fleet", {})).toEqual({ deleted: 23 });
  expect((await again.call("GET /hosts", { query: {} })).rows.map(({ name }) => name)).toEqual(["web01"]);
  expect((await again.call("GET /credentials", {})).credentials.map(({ name }) => name)).toEqual(["demo-fleet"]);
  await second.running.stop();
  expect(existsSync(join(folder, "demo-fleet"))).toBe(false);

  const third = await start();
  const last = await clientOf(third.running, userId);
  expect(await last.call("GET /demo-fleet", {})).toEqual({ available: true, listening: 0 });
  await third.running.stop();
}, 60_000);

it("starts once for two who ask at once, and gives both the same hosts", async () => {
  const { running } = await start();
  const client = await clientOf(running, await administrator(running));

  const asked = await Promise.all([client.call("POST /demo-fleet", {}), client.call("POST /demo-fleet", {})]);

  expect(asked[0]).toEqual(asked[1]);
  expect(asked[0].hostsCsv.split("\n")).toHaveLength(25);
  await running.stop();
}, 30_000);

async function start(): Promise<{ running: Running }> {
  const config = readConfig({}, undefined, { dataFolder: folder, listen: "127.0.0.1:0" });
  return { running: await startOmserver({ config, log: pino({ level: "silent" }) }) };
}

async function administrator({ store }: Running): Promise<number> {
  const scope = { everything: true, functionCategories: [], appCategories: [] };
  return (await store.users.create({ name: "ada", role: "administrator", scope, passwordHash: "" })).id;
}

async function clientOf({ url, store }: Running, userId: number): Promise<Client> {
  return createClient({ baseUrl: url, token: await createApiToken(store, userId, `test ${performance.now()}`) });
}

async function answers(client: Client): Promise<Readonly<Record<string, number>>> {
  let run = await client.call("POST /runs", { body: { command: ["uptime"], query: "all", confirmHostCount: 24 } });
  while (!isFinalRunState(run.state)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    run = await client.call("GET /runs/:id", { params: { id: run.id } });
  }
  return Object.fromEntries(Object.entries(run.counts).filter(([, count]) => count > 0));
}

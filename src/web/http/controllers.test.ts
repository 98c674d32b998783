import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newHost, startWeb, type TestWeb } from "../../../test/testkit/web.ts";

let web: TestWeb;
let token: string;

beforeAll(async () => {
  web = await startWeb();
  token = await web.apiToken(await web.user("root", "administrator"));
  await web.store.controllers.ensure("bj-1", "bj");
  await web.store.controllers.seen("bj-1", web.clock.now - 120_000);
  const functions = await web.store.inventory.createFunctionCategory("linux", "bj");
  const app = await web.store.inventory.createAppCategory(functions.id, "web");
  await web.store.inventory.createHost(newHost("web1", app.id));
  await web.store.inventory.createHost(newHost("web2", app.id, { zone: "nowhere" }));
  await web.store.inventory.createHost(newHost("web3", app.id, { zone: "default" }));
});

afterAll(() => web.close());

async function send<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  const response = await web.call(method, path, { token, ...(body === undefined ? {} : { body }) });
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  return (await response.json()) as Result;
}

const waiting = [
  { zone: "bj", controller: "bj-1", reason: "away", since: expect.any(Number) as number },
  { zone: "nowhere", reason: "none" },
];

describe("controllers", () => {
  it("are told with what they last said, and one by one", async () => {
    const { controllers } = await send<{ controllers: object[] }>("GET", "/controllers");

    expect(controllers).toMatchObject([
      { name: "bj-1", zone: "bj", state: "enabled", connected: false, lastSeenAt: web.clock.now - 120_000 },
      { name: "main", zone: "default" },
    ]);
    expect(await send("GET", "/controllers/bj-1")).toEqual(controllers[0]);
    expect((await web.call("GET", "/controllers/no-1", { token })).status).toBe(404);
    expect((await web.call("GET", "/controllers/zone:bj", { token })).status).toBe(400);
  });

  it("are drained, taken back and given a zone, each noted first", async () => {
    expect(await send("POST", "/controllers/bj-1/drain")).toMatchObject({ state: "draining" });
    expect(await send("POST", "/controllers/bj-1/undrain")).toMatchObject({ state: "enabled" });
    expect(await send("PATCH", "/controllers/bj-1", { zone: "sh" })).toMatchObject({ zone: "sh" });
    expect(await send("PATCH", "/controllers/bj-1", { zone: "bj" })).toMatchObject({ zone: "bj" });
    expect((await web.call("PATCH", "/controllers/bj-1", { token, body: { zone: "two words" } })).status).toBe(400);

    const { rows } = await web.store.audit.list({}, { limit: 4 });
    expect(rows.map(({ action, object }) => [action, object])).toEqual([
      ["controller.change", "controller bj-1"],
      ["controller.change", "controller bj-1"],
      ["controller.undrain", "controller bj-1"],
      ["controller.drain", "controller bj-1"],
    ]);
    expect(rows[0]?.detail).toEqual({ from: { zone: "sh" }, to: { zone: "bj" } });
  });

  it("are named before the start, in the list and at the run, where a run waits for them", async () => {
    const request = { command: ["uptime"], query: "*" };

    const preview = await send<{ waitsFor: object[] }>("POST", "/runs/preview", request);
    // The test server's own controller is not connected either.
    const main = expect.objectContaining({ controller: "main", reason: "away", hosts: 1 }) as object;
    expect(preview.waitsFor).toHaveLength(3);
    expect(preview.waitsFor).toEqual(expect.arrayContaining([main, ...waiting.map((each) => ({ ...each, hosts: 1 }))]));
    const { id } = await send<{ id: number }>("POST", "/runs", request);

    const run = await send<{ waitsFor: object[] }>("GET", `/runs/${id}`);
    expect(run.waitsFor).toEqual([expect.objectContaining({ controller: "main", reason: "away" }), ...waiting]);
    const { rows } = await send<{ rows: { id: number; waitsFor?: object[] }[] }>("GET", "/runs");
    expect(rows.find((row) => row.id === id)?.waitsFor).toEqual(run.waitsFor);
    await send("POST", `/runs/${id}/cancel`);
  });
});

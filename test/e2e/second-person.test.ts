import { expect, it } from "vitest";
import type { SignedOrder } from "../../src/contract/link/controller_pb.ts";
import type { WebEnd } from "../../src/contract/link/link.ts";
import { verifyOrder } from "../../src/controller/orders/verify-order.ts";
import { connectInProcess } from "../../src/link/in-process/in-process.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { joinSides, mockHost, openSpine, openWebSide, operator, plannedRun, type Spine } from "../testkit/spine.ts";
import { openFleet } from "../testkit/two-controllers.ts";
import { newHost } from "../testkit/web.ts";

const approver = { userId: 2, name: "li" };
const minute = 60_000;

function askedFor(spine: Spine, hosts: number, change = {}) {
  const planned = plannedRun(hosts, change);
  return spine.web.dispatcher.start({ planned, query: "*", actor: operator, approvalMilliseconds: minute });
}

it("carries both names in the order that the controller verifies, and runs only then", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  await using spine = await openSpine([engine]);
  await spine.link.cut();
  const { web, controller } = connectInProcess();
  const orders: SignedOrder[] = [];
  const watched: WebEnd = {
    ...web,
    frames: web.frames,
    async send(frame) {
      if (!("encoded" in frame) && frame.frame.case === "order") orders.push(frame.frame.value);
      await web.send(frame);
    },
  };
  const serving = Promise.all([spine.web.dispatcher.attach(watched), spine.controller.attach(controller)]);
  await expect.poll(async () => (await spine.web.dispatcher.controllers())[0]?.connected).toBe(true);

  const run = await askedFor(spine, 6, { waveSize: 2, maxFailures: 1 });
  const alone = await spine.start(1);
  await spine.finished(alone);
  expect([run.state, orders.length, engine.started.length]).toEqual(["awaiting_approval", 1, 1]);
  await spine.web.dispatcher.approve({ runId: run.id, actor: approver, comment: "" });
  const end = await spine.finished(run);

  expect(end).toMatchObject({ state: "succeeded", counts: { ok: 6 }, waveSize: 2, maxFailures: 1 });
  const { keyId, publicKey } = spine.signingKey;
  const verdicts = orders.map((order) => verifyOrder(order, [{ keyId, publicKey }], "main"));
  expect(verdicts.map((verdict) => verdict.genuine && verdict.verified.order)).toMatchObject([
    { runUid: alone.uid, actor: "wang", approvers: [] },
    { runUid: run.uid, actor: "wang", approvers: ["li"] },
  ]);
  await spine.web.dispatcher.close();
  await serving;
});

it("loses nothing with a web server that ends while runs wait, and starts each once", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  await using spine = await openSpine([engine]);
  const [approved, waiting] = [await askedFor(spine, 3), await askedFor(spine, 3)];
  await spine.link.cut();
  await spine.web.dispatcher.approve({ runId: approved.id, actor: approver, comment: "" });

  // The order is stored and has reached nobody.
  await spine.web.close();
  spine.web = await openWebSide({ folder: spine.folder, signingKey: spine.signingKey });
  spine.link = joinSides(spine.web, spine.controller);
  expect((await spine.finished(approved)).counts.ok).toBe(3);
  expect(await spine.web.store.runs.get(waiting.id, "all")).toMatchObject({ state: "awaiting_approval" });
  await spine.web.dispatcher.approve({ runId: waiting.id, actor: approver, comment: "" });

  expect((await spine.finished(waiting)).counts.ok).toBe(3);
  expect(engine.started).toHaveLength(6);
  const again = spine.web.dispatcher.approve({ runId: waiting.id, actor: approver, comment: "" });
  await expect(again).rejects.toMatchObject({ code: "run.not_waiting" });
});

it("expires a run whose time ran out while the web server was down", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  await using spine = await openSpine([engine]);
  const run = await askedFor(spine, 2);
  await spine.link.cut();
  await spine.web.close();

  const clock = () => Date.now() + 2 * minute;
  spine.web = await openWebSide({
    folder: spine.folder,
    signingKey: spine.signingKey,
    clock,
    overdueMilliseconds: 20,
  });
  spine.link = joinSides(spine.web, spine.controller);

  expect(await spine.finished(run)).toMatchObject({ state: "expired", counts: { not_started: 2 } });
  const [first] = await spine.executions(run);
  expect(first?.reason).toBe("Not started: no second person approved the run in time.");
  expect(engine.started).toEqual([]);
});

it("goes to the controllers of its hosts' zones as they are when it is approved, wave by wave", async () => {
  const began: number[] = [];
  const controllers = { "bj-1": "bj", "sh-1": "sh" };
  await using fleet = await openFleet({
    controllers,
    behave: () =>
      async function* (host) {
        began.push(host.position);
        return yield* answers(host);
      },
  });
  for (const name of Object.keys(controllers)) await fleet.connect(name);
  const { inventory, runs } = fleet.web.store;
  const { id: functionCategoryId } = await inventory.createFunctionCategory("Linux");
  const { id: app } = await inventory.createAppCategory(functionCategoryId, "www");
  const hosts = [];
  for (const [at, zone] of ["bj", "sh", "bj", "sh"].entries()) {
    const { id, name } = await inventory.createHost(newHost(`web${at}`, app, { zone: "bj", engines: ["mock"] }));
    hosts.push({ host: mockHost(at, { id, name, appCategoryId: app, zone: "bj" }), zone });
  }
  const planned = plannedRun(0, { hosts: hosts.map(({ host }) => host), waveSize: 2, maxFailures: 1 });
  const run = await fleet.web.dispatcher.start({ planned, query: "*", actor: operator, approvalMilliseconds: minute });

  for (const { host, zone } of hosts) await inventory.changeHosts([host.id], { zone });
  await fleet.web.dispatcher.approve({ runId: run.id, actor: approver, comment: "" });

  expect(await fleet.finished(run)).toMatchObject({ state: "succeeded", coordinated: true, counts: { ok: 4 } });
  expect(fleet.members.get("bj-1")?.engine.started).toEqual([0, 2]);
  expect(fleet.members.get("sh-1")?.engine.started).toEqual([1, 3]);
  expect(began.slice(0, 2).sort()).toEqual([0, 1]);
  expect(await runs.waitingPlan(run.id)).toBeUndefined();
});

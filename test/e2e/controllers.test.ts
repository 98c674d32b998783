import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type answers, answers as answersOf, type Behaviour } from "../testkit/scripted-engine.ts";
import { openControllerSide, operator, until } from "../testkit/spine.ts";
import { type Fleet, openFleet } from "../testkit/two-controllers.ts";

const two = { "bj-1": "bj", "sh-1": "sh" };
const both = ["bj", "sh"];

function zones(hosts: number, cycle: readonly string[] = both): string[] {
  return Array.from({ length: hosts }, (_, at) => cycle[at % cycle.length] ?? "");
}

interface Step {
  readonly what: "began" | "ended";
  readonly position: number;
}

/** Hosts that note when they begin and end, in one list for all controllers. */
function noting(log: Step[], milliseconds: () => number = () => 2): () => Behaviour {
  return () =>
    async function* (host): ReturnType<typeof answers> {
      log.push({ what: "began", position: host.position });
      const end = yield* answersOf(host);
      await sleep(milliseconds());
      log.push({ what: "ended", position: host.position });
      return end;
    };
}

/** Hosts that began though one of a lower wave had yet to begin or to end; a host that never ended counts to its begin. */
function outOfOrder(log: readonly Step[], waveOf: (position: number) => number): number[] {
  const wrong: number[] = [];
  for (const [at, { what, position }] of log.entries()) {
    if (what !== "began") continue;
    const later = log.slice(at + 1);
    if (later.some((step) => waveOf(step.position) < waveOf(position))) wrong.push(position);
  }
  return wrong;
}

function startedTwice(fleet: Fleet): number[] {
  const started = [...fleet.members.values()].flatMap(({ engine }) => engine.started);
  return started.filter((position, at) => started.indexOf(position) !== at);
}

it("spreads a run over several controllers and is final when all have ended it", async () => {
  await using fleet = await openFleet({ controllers: two, behave: () => (host) => answersOf(host) });
  await fleet.connect("bj-1");

  const run = await fleet.start(zones(30, ["sh", "bj", "bj"]));
  await until(fleet.web, run, (item) => item.kind === "run" && item.frame.run.counts.ok === 20);
  expect((await fleet.web.store.runs.get(run.id, "all"))?.state).toBe("running");
  await fleet.connect("sh-1");

  expect((await fleet.finished(run)).counts.ok).toBe(30);
  expect(fleet.members.get("sh-1")?.engine.started).toEqual(Array.from({ length: 10 }, (_, i) => 3 * i));
});

it("ends a wave everywhere before the next begins anywhere", async () => {
  const log: Step[] = [];
  await using fleet = await openFleet({ controllers: two, behave: noting(log, () => Math.random() * 20) });
  for (const name of Object.keys(two)) await fleet.connect(name);

  // The first wave is Shanghai's alone: Beijing has to wait from the start.
  const hosts = [...zones(4, ["sh"]), ...zones(16)];
  const run = await fleet.finished(await fleet.start(hosts, { waveSize: 4 }));

  expect(run.counts.ok).toBe(20);
  expect(outOfOrder(log, (position) => Math.floor(position / 4))).toEqual([]);
});

it("keeps the order of waves, starts nothing twice and ends every run, whatever goes and comes meanwhile", async () => {
  const happening = fc.record({
    after: fc.integer({ min: 0, max: 60 }),
    what: fc.constantFrom("cut", "stop", "web"),
    who: fc.constantFrom("bj-1", "sh-1"),
  });
  const plan = fc.record({
    hosts: fc.array(fc.constantFrom(...both), { minLength: 6, maxLength: 30 }),
    waveSize: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 8 }),
    happenings: fc.array(happening, { minLength: 2, maxLength: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ hosts, waveSize, width, happenings }) => {
      const log: Step[] = [];
      await using fleet = await openFleet({ controllers: two, behave: noting(log, () => 10) });
      for (const name of Object.keys(two)) await fleet.connect(name);
      const run = await fleet.start(hosts, { waveSize, width });

      for (const { after, what, who } of happenings) {
        await sleep(after);
        if (what === "web") await fleet.restartWeb();
        if (what === "cut") await fleet.cut(who);
        if (what === "stop") await fleet.stop(who);
        await fleet.connect(who);
      }
      const end = await fleet.finished(run);

      // A host that its controller left behind goes on by itself, and its run goes on without it.
      const executions = await fleet.web.store.runs.executions(run.id, { limit: 100 });
      const known = log.filter(({ what, position }) => what === "began" || executions[position]?.state === "ok");
      expect(outOfOrder(known, (position) => Math.floor(position / waveSize))).toEqual([]);
      expect(startedTwice(fleet)).toEqual([]);
      const { ok, unknown } = end.counts;
      expect(ok + unknown).toBe(hosts.length);
    }),
    { numRuns: Number(process.env.WAVE_RUNS ?? 12), endOnFailure: true },
  );
}, 300_000);

it("goes on with a wave that was released when it is started again without the web server", async () => {
  const log: Step[] = [];
  await using fleet = await openFleet({ controllers: two, behave: noting(log, () => 150) });
  for (const name of Object.keys(two)) await fleet.connect(name);
  const run = await fleet.start(["bj", "sh", "sh", "sh", "sh"], { waveSize: 2, width: 1 });
  const began = (position: number) => log.some((step) => step.what === "began" && step.position === position);
  await expect.poll(() => began(2), { timeout: 10_000 }).toBe(true);

  await fleet.stop("sh-1");
  const member = fleet.members.get("sh-1");
  if (member === undefined) throw new Error("no such controller");
  const { folder, signingKey } = fleet;
  member.controller = await openControllerSide({ folder, signingKey, engines: [member.engine], name: "sh-1" });
  await expect.poll(() => began(3), { timeout: 10_000 }).toBe(true);
  await sleep(300);

  expect(began(4)).toBe(false);
  await fleet.connect("sh-1");
  expect((await fleet.finished(run)).counts).toMatchObject({ ok: 4, unknown: 1 });
});

it("counts failures over all controllers, and starts no more hosts anywhere past the limit", async () => {
  await using fleet = await openFleet({
    controllers: two,
    behave: (name) =>
      async function* (host): ReturnType<typeof answers> {
        yield* answersOf(host);
        return name === "bj-1" ? { state: "failed", exitCode: 1 } : {};
      },
  });
  for (const name of Object.keys(two)) await fleet.connect(name);

  const run = await fleet.finished(await fleet.start(zones(40), { waveSize: 8, maxFailures: 5 }));

  // Two waves of four failures each are more than five: the third does not begin, in Shanghai neither.
  expect(run.counts).toMatchObject({ ok: 8, failed: 8, not_started: 24 });
  expect(fleet.members.get("sh-1")?.engine.started).toHaveLength(8);
  const executions = await fleet.web.store.runs.executions(run.id, { limit: 100 });
  expect(executions[39]?.reason).toBe("Not started: more than 5 hosts of this run had failed.");
});

it("ends a run that waits for the wave of another controller when it is cancelled", async () => {
  await using fleet = await openFleet({ controllers: two, behave: () => (host) => answersOf(host) });
  await fleet.connect("bj-1");
  const run = await fleet.start(["sh", "bj"], { waveSize: 1 });
  await sleep(100);
  expect(fleet.members.get("bj-1")?.engine.started).toEqual([]);

  await fleet.web.dispatcher.cancel(run.id, operator);

  expect((await fleet.finished(run)).counts).toMatchObject({ not_started: 2 });
});

it("needs no release where one controller has all the hosts", async () => {
  await using fleet = await openFleet({ controllers: { "bj-1": "bj" }, behave: () => (host) => answersOf(host) });
  await fleet.connect("bj-1");

  const run = await fleet.start(zones(6, ["bj"]), { waveSize: 2, maxFailures: 1 });

  expect(run.coordinated).toBe(false);
  expect((await fleet.finished(run)).counts.ok).toBe(6);
});

it("shares a zone out among its controllers, and leaves those alone that drain or are away", async () => {
  const three = { "bj-1": "bj", "bj-2": "bj", "bj-3": "bj" };
  let now = Date.now();
  await using fleet = await openFleet({
    controllers: three,
    behave: () => (host) => answersOf(host),
    web: { clock: () => now },
    controller: { clock: () => now },
  });
  for (const name of Object.keys(three)) await fleet.connect(name);
  await expect.poll(async () => (await fleet.web.dispatcher.controllers()).every((each) => each.connected)).toBe(true);
  const shares = () => [...fleet.members.values()].map(({ engine }) => engine.started.length);

  await fleet.finished(await fleet.start(zones(90, ["bj"])));
  const first = shares();
  expect(Math.min(...first)).toBeGreaterThan(10);
  await fleet.finished(await fleet.start(zones(90, ["bj"])));
  expect(shares()).toEqual(first.map((count) => 2 * count));

  expect(await fleet.web.dispatcher.setDraining("bj-1", true)).toMatchObject({ state: "draining", connected: true });
  await fleet.stop("bj-2");
  now += 61_000;
  const before = shares();
  await fleet.finished(await fleet.start(zones(90, ["bj"])));
  expect(shares()).toEqual([before[0], before[1], (before[2] ?? 0) + 90]);

  await fleet.restartWeb();
  expect((await fleet.web.dispatcher.controllers()).map(({ state }) => state)).toEqual([
    "draining",
    "enabled",
    "enabled",
  ]);
});

it("keeps a run of a zone whose controllers are away, says for whom it waits, and gives it to the first that is back", async () => {
  const pair = { "bj-1": "bj", "bj-2": "bj" };
  await using fleet = await openFleet({ controllers: pair, behave: () => (host) => answersOf(host) });
  const { dispatcher } = fleet.web;
  expect(await dispatcher.wouldWait([{ id: 1, appCategoryId: 1, zone: "bj" }])).toEqual([
    { zone: "bj", controller: "bj-1", reason: "away", hosts: 1 },
    { zone: "bj", controller: "bj-2", reason: "away", hosts: 1 },
  ]);
  expect(await dispatcher.wouldWait([{ id: 1, appCategoryId: 1, zone: "nowhere" }])).toEqual([
    { zone: "nowhere", reason: "none", hosts: 1 },
  ]);

  const run = await fleet.start(zones(5, ["bj"]));
  await dispatcher.setDraining("bj-1", true);
  await fleet.connect("bj-1");
  await expect
    .poll(async () => (await dispatcher.waiting([run.id])).get(run.id))
    .toMatchObject([
      { controller: "bj-1", reason: "draining", since: expect.any(Number) as number },
      { controller: "bj-2", reason: "away" },
    ]);
  await fleet.restartWeb();
  await fleet.connect("bj-2");

  expect((await fleet.finished(run)).counts.ok).toBe(5);
  expect(fleet.members.get("bj-2")?.engine.started).toHaveLength(5);
  expect(fleet.members.get("bj-1")?.engine.started).toEqual([]);
  expect(await fleet.web.dispatcher.waiting([run.id])).toEqual(new Map());
});

it("gives a controller what waited for it when it no longer drains, or serves another zone", async () => {
  await using fleet = await openFleet({ controllers: { "bj-1": "bj" }, behave: () => (host) => answersOf(host) });
  const { dispatcher } = fleet.web;
  await fleet.connect("bj-1");
  await dispatcher.setDraining("bj-1", true);
  const drained = await fleet.start(["bj"]);
  const elsewhere = await fleet.start(["sh"]);
  await sleep(150);
  expect(fleet.members.get("bj-1")?.engine.started).toEqual([]);

  await dispatcher.setDraining("bj-1", false);
  expect((await fleet.finished(drained)).counts.ok).toBe(1);
  await dispatcher.setZone("bj-1", "sh");
  expect((await fleet.finished(elsewhere)).counts.ok).toBe(1);
  await expect(dispatcher.setDraining("bj-9", true)).rejects.toMatchObject({ code: "request.not_found" });
});

it("cancels what waits in a zone without a controller, also after a restart", async () => {
  await using fleet = await openFleet({ controllers: { "bj-1": "bj" }, behave: () => (host) => answersOf(host) });
  const run = await fleet.start(zones(3, ["nowhere"]));
  await fleet.restartWeb();

  expect(await fleet.web.dispatcher.cancel(run.id, operator)).toMatchObject({
    state: "cancelled",
    counts: { not_started: 3 },
  });
});

it("finishes what it has while it drains", async () => {
  const gate = Promise.withResolvers<void>();
  await using fleet = await openFleet({
    controllers: { "bj-1": "bj" },
    behave: () =>
      async function* (host): ReturnType<typeof answers> {
        await gate.promise;
        return yield* answersOf(host);
      },
  });
  await fleet.connect("bj-1");
  const run = await fleet.start(zones(4, ["bj"]), { width: 1 });
  await until(fleet.web, run, (item) => item.kind === "run" && item.frame.run.counts.running === 1);

  await fleet.web.dispatcher.setDraining("bj-1", true);
  gate.resolve();

  expect((await fleet.finished(run)).counts.ok).toBe(4);
});

it("serves a revoked controller no more, and says of its hosts what is known", async () => {
  await using fleet = await openFleet({
    controllers: two,
    behave: () =>
      async function* (host, _job, signal): ReturnType<typeof answers> {
        await sleep(60_000, undefined, { signal }).catch(() => undefined);
        return yield* answersOf(host);
      },
  });
  await fleet.connect("bj-1");
  const running = await fleet.start(["bj"]);
  await until(fleet.web, running, (item) => item.kind === "run" && item.frame.run.counts.running === 1);
  await fleet.cut("bj-1");
  const unsent = await fleet.start(["bj"]);

  await fleet.web.store.controllers.setState("bj-1", "revoked");
  await fleet.web.dispatcher.revoked("bj-1");
  await fleet.connect("bj-1");

  expect((await fleet.finished(running)).counts).toMatchObject({ unknown: 1 });
  expect((await fleet.finished(unsent)).counts).toMatchObject({ not_started: 1 });
  expect((await fleet.web.dispatcher.controllers())[0]).toMatchObject({ state: "revoked", connected: false });
});

it("tells of each controller what it carries, what its disk holds and how its clock differs", async () => {
  const gate = Promise.withResolvers<void>();
  await using fleet = await openFleet({
    controllers: { "bj-1": "bj" },
    behave: () =>
      async function* (host): ReturnType<typeof answers> {
        await gate.promise;
        return yield* answersOf(host);
      },
    controller: { clock: () => Date.now() + 90_000 },
  });
  await fleet.connect("bj-1");
  const run = await fleet.start(zones(5, ["bj"]), { width: 3 });
  const status = async () => (await fleet.web.dispatcher.controllers())[0];

  await expect
    .poll(status)
    .toMatchObject({ version: "test", engines: [{ id: "mock", usable: true }], load: { runs: 1, hosts: 3 } });
  const now = await status();
  expect(Math.abs((now?.clockSkewMilliseconds ?? 0) - 90_000)).toBeLessThan(5000);
  expect(now?.diskFreeBytes).toBeGreaterThan(0);
  gate.resolve();
  await fleet.finished(run);
  await expect.poll(status).toMatchObject({ load: { runs: 0, hosts: 0 }, spool: { events: 0, bytes: 0 } });
});

it("puts a credential on the controllers of its zones that are there, and deletes it only when all holders are", async () => {
  await using fleet = await openFleet({
    controllers: { "bj-1": "bj", "bj-2": "bj", "sh-1": "sh" },
    behave: () => (host) => answersOf(host),
  });
  const { dispatcher } = fleet.web;
  const secret = { kind: "password", password: "s3cret" } as const;
  await expect(dispatcher.putCredential("deploy", secret, [], operator)).rejects.toMatchObject({
    code: "controller.unreachable",
  });
  await expect(dispatcher.putCredential("deploy", secret, ["nowhere"], operator)).rejects.toMatchObject({
    code: "controller.unreachable",
    message: "There is no controller for it. Enrol one, or name other zones.",
  });
  await fleet.connect("bj-1");
  await fleet.connect("sh-1");
  await expect
    .poll(async () => (await dispatcher.controllers()).map(({ connected }) => connected))
    .toEqual([true, false, true]);

  expect(await dispatcher.putCredential("deploy", secret, [], operator)).toEqual({ heldBy: ["bj-1", "sh-1"] });
  expect(await dispatcher.putCredential("deploy", secret, ["bj"], operator)).toEqual({ heldBy: ["bj-1"] });
  await expect(
    dispatcher.putCredential("deploy", { kind: "password", password: "" }, [], operator),
  ).rejects.toMatchObject({ code: "credential.unusable" });
  await fleet.cut("sh-1");
  await expect.poll(async () => (await dispatcher.controllers())[2]?.connected).toBe(false);
  await expect(dispatcher.deleteCredential("deploy", ["bj-1", "sh-1"], operator)).rejects.toThrow(
    "The controller “sh-1” holds the credential “deploy” and is not connected.",
  );
  await dispatcher.deleteCredential("deploy", ["bj-1"], operator);
});

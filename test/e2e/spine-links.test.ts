import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { WebEnd } from "../../src/contract/link/link.ts";
import { connectInProcess } from "../../src/link/in-process/in-process.ts";
import type { Store } from "../../src/web/store/store.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { joinSides, openControllerSide, openSpine, openWebSide, type Spine, until } from "../testkit/spine.ts";

function slowly(milliseconds = 4) {
  return createScriptedEngine(async function* (host): ReturnType<typeof answers> {
    const end = yield* answers(host, `first of ${host.name}\n`);
    await sleep(milliseconds);
    const second = yield* answers(host, `second of ${host.name}\n`);
    return { stdoutBytes: (end.stdoutBytes ?? 0) + (second.stdoutBytes ?? 0) };
  });
}

async function expectEveryAnswer(spine: Spine, run: Parameters<Spine["executions"]>[0], hosts: number): Promise<void> {
  const executions = await spine.executions(run);
  expect(executions.length).toBe(hosts);
  for (const { position, hostName, state, output } of executions) {
    expect({ state, output }).toEqual({ state: "ok", output: "complete" });
    expect(await spine.text(run, position)).toBe(`first of ${hostName}\nsecond of ${hostName}\n`);
  }
}

it("loses nothing and doubles nothing while the link is cut again and again", async () => {
  const engine = slowly();
  await using spine = await openSpine([engine]);
  const run = await spine.start(400, { width: 20 });

  for (let cut = 0; cut < 6; cut += 1) {
    await sleep(7 * cut);
    await spine.link.cut();
    spine.link = joinSides(spine.web, spine.controller);
  }
  const end = await spine.finished(run);

  expect(end.counts.ok).toBe(400);
  expect(engine.started.length).toBe(400);
  await expectEveryAnswer(spine, end, 400);
});

it("mends a gap by a new link on which the controller sends again", async () => {
  const engine = slowly();
  await using spine = await openSpine([engine]);
  await spine.link.cut();
  const { web, controller } = connectInProcess();
  let swallowed = 0;
  const lossy: WebEnd = {
    ...web,
    send: web.send,
    frames: (async function* () {
      for await (const frame of web.frames) {
        if (frame.frame.case === "events" && swallowed === 0) swallowed += 1;
        else yield frame;
      }
    })(),
  };
  const serving = Promise.all([spine.web.dispatcher.attach(lossy), spine.controller.attach(controller)]);
  const run = await spine.start(60, { width: 5 });

  await serving;
  spine.link = joinSides(spine.web, spine.controller);
  const end = await spine.finished(run);

  expect(swallowed).toBe(1);
  expect(end.counts.ok).toBe(60);
  await expectEveryAnswer(spine, end, 60);
});

it("goes on after the web server was restarted, and keeps a run that waits for its controller", async () => {
  const engine = slowly(30);
  await using spine = await openSpine([engine]);
  const running = await spine.start(100, { width: 10 });
  await until(spine.web, running, (item) => item.kind === "run" && item.frame.run.counts.ok > 10);
  await spine.link.cut();
  const waiting = await spine.start(5);

  await spine.web.close();
  spine.web = await openWebSide({ folder: spine.folder, signingKey: spine.signingKey });
  spine.link = joinSides(spine.web, spine.controller);

  await expectEveryAnswer(spine, await spine.finished(running), 100);
  await expectEveryAnswer(spine, await spine.finished(waiting), 5);
  expect(engine.started.length).toBe(105);
});

it("after a stop of the controller ends what ran as unknown, runs the hosts that had not begun, and repeats none", async () => {
  const first = createScriptedEngine(async function* (host, _job, signal): ReturnType<typeof answers> {
    if (host.position < 10) return yield* answers(host);
    yield { kind: "output", position: host.position, stream: "stdout", data: Buffer.from("half of ") };
    await sleep(60_000, undefined, { signal });
    return {};
  });
  await using spine = await openSpine([first]);
  const run = await spine.start(40, { width: 5 });
  const printing = async () =>
    (await spine.executions(run)).filter((one) => one.state === "running" && one.stdoutBytes > 0);
  await expect.poll(async () => (await printing()).length, { timeout: 20_000 }).toBe(5);
  await spine.controller.close();
  await spine.controller.close();
  await spine.link.cut();

  const second = createScriptedEngine((host) => answers(host));
  spine.controller = await openControllerSide({
    folder: spine.folder,
    engines: [second],
    signingKey: spine.signingKey,
  });
  spine.link = joinSides(spine.web, spine.controller);
  const end = await spine.finished(run);

  expect(end).toMatchObject({ state: "partial", needsAttention: true });
  expect(end.counts).toMatchObject({ ok: 35, unknown: 5 });
  expect((await spine.executions(end))[10]).toMatchObject({ state: "unknown", output: "partial", stdoutBytes: 8 });
  expect(await spine.text(end, 10)).toBe("half of ");
  expect(
    (await spine.executions(end)).filter((execution) => execution.state === "unknown").map(({ reason }) => reason),
  ).toEqual(
    Array.from({ length: 5 }, () => "The controller stopped while it ran. Look at the host before running it again."),
  );
  expect(new Set([...first.started, ...second.started]).size).toBe(first.started.length + second.started.length);
});

it("starts nothing more when the order expired while the controller was stopped", async () => {
  const first = createScriptedEngine(async function* (_host, _job, signal): ReturnType<typeof answers> {
    yield* [];
    await sleep(60_000, undefined, { signal });
    return {};
  });
  await using spine = await openSpine([first]);
  const run = await spine.start(4, { width: 1 });
  await until(spine.web, run, (item) => item.kind === "run" && item.frame.run.counts.running === 1);
  await spine.controller.close();
  await spine.link.cut();

  const second = createScriptedEngine((host) => answers(host));
  spine.controller = await openControllerSide({
    folder: spine.folder,
    engines: [second],
    signingKey: spine.signingKey,
    clock: () => Date.now() + 2 * 60 * 60_000,
  });
  spine.link = joinSides(spine.web, spine.controller);
  const end = await spine.finished(run);

  expect(end.counts).toMatchObject({ unknown: 1, not_started: 3 });
  expect(second.started).toEqual([]);
});

it("carries a cancel that was asked for while the controller was away", async () => {
  const first = createScriptedEngine(async function* (_host, _job, signal): ReturnType<typeof answers> {
    yield* [];
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
    return { state: "cancelled", reason: "Ended because the run was cancelled." };
  });
  await using spine = await openSpine([first]);
  const run = await spine.start(8, { width: 2 });
  await until(spine.web, run, (item) => item.kind === "run" && item.frame.run.counts.running === 2);
  await spine.link.cut();

  const cancelling = await spine.web.dispatcher.cancel(run.id, { userId: 2, name: "li" });
  expect(cancelling.state).toBe("cancelling");
  spine.link = joinSides(spine.web, spine.controller);

  const end = await spine.finished(run);
  expect(end.counts).toMatchObject({ cancelled: 2, not_started: 6 });
});

it("signs an order anew that waited for its controller longer than it is valid", async () => {
  const engine = slowly();
  let now = Date.now();
  await using spine = await openSpine([engine], { clock: () => now });
  await spine.link.cut();
  const run = await spine.start(3);

  now += 3 * 60 * 60_000;
  spine.link = joinSides(spine.web, spine.controller);

  await expectEveryAnswer(spine, await spine.finished(run), 3);
});

it("ends a run whose order the controller does not trust, with the reason at each host", async () => {
  const engine = slowly();
  await using spine = await openSpine([engine], { trustedKeys: [] });

  const end = await spine.finished(await spine.start(3));

  expect(end.state).toBe("failed");
  expect(end.reason).toBe("The order is signed with the key “test”, which the controller “main” does not trust.");
  expect((await spine.executions(end))[0]).toMatchObject({ state: "not_started", reason: end.reason });
  expect(engine.started).toEqual([]);
});

it("ends what a controller no longer knows as unknown when its folder was lost", async () => {
  const first = createScriptedEngine(async function* (_host, _job, signal): ReturnType<typeof answers> {
    yield* [];
    await sleep(60_000, undefined, { signal });
    return {};
  });
  await using spine = await openSpine([first]);
  const run = await spine.start(4, { width: 2 });
  await until(spine.web, run, (item) => item.kind === "run" && item.frame.run.counts.running === 2);
  await spine.controller.close();
  await spine.link.cut();
  await rm(join(spine.folder, "controller-main"), { recursive: true });

  const second = createScriptedEngine((host) => answers(host));
  spine.controller = await openControllerSide({
    folder: spine.folder,
    engines: [second],
    signingKey: spine.signingKey,
  });
  spine.link = joinSides(spine.web, spine.controller);

  const end = await spine.finished(run);
  expect(end).toMatchObject({ needsAttention: true });
  expect(end.counts.unknown).toBe(4);
  expect(second.started).toEqual([]);
});

it("slows a host that prints faster than its events can be put away, and still loses nothing", async () => {
  const total = 24 * 1024 * 1024;
  let printed = 0;
  const engine = createScriptedEngine(async function* ({ position }): ReturnType<typeof answers> {
    const data = Buffer.alloc(64 * 1024, "x");
    for (; printed < total; printed += data.byteLength) yield { kind: "output", position, stream: "stdout", data };
    return { stdoutBytes: total };
  });
  const spoolBytes = 2 * 1024 * 1024;
  const limits = { spoolBytes, memoryBytes: 512 * 1024, closeMilliseconds: 100 };
  await using spine = await openSpine([engine], { limits });
  await spine.link.cut();
  const ends = connectInProcess();
  const serving = Promise.all([spine.web.dispatcher.attach(ends.web), spine.controller.attach(ends.controller)]);
  const run = await spine.start(1, { outputLimitBytes: 2 * total });
  await until(spine.web, run, (item) => item.kind === "run" && item.frame.run.counts.running === 1);
  ends.web.close();
  await serving;
  await expect.poll(() => printed, { timeout: 10_000 }).toBeGreaterThan(spoolBytes / 2);
  const stalledAt = await stable(() => printed);

  expect(stalledAt).toBeLessThan(total / 2);
  spine.link = joinSides(spine.web, spine.controller);
  const end = await spine.finished(run);

  expect((await spine.executions(end))[0]).toMatchObject({ state: "ok", output: "complete", stdoutBytes: total });
});

it("holds events back while the store is slow, with bounded memory on the way", async () => {
  const engine = createScriptedEngine(async function* ({ position }): ReturnType<typeof answers> {
    for (let i = 0; i < 200; i += 1) {
      yield { kind: "output", position, stream: "stdout", data: Buffer.alloc(64 * 1024, `${i % 10}`) };
    }
    return { stdoutBytes: 200 * 64 * 1024 };
  });
  let underway = 0;
  let most = 0;
  const around = (store: Store): Store => ({
    ...store,
    runs: {
      ...store.runs,
      async apply(change) {
        const bytes = change.output.reduce((sum, { data }) => sum + data.byteLength, 0);
        underway += bytes;
        most = Math.max(most, underway);
        await sleep(5);
        return store.runs.apply(change).finally(() => {
          underway -= bytes;
        });
      },
    },
  });
  await using spine = await openSpine([engine], {
    around,
    limits: { memoryBytes: 1024 * 1024, closeMilliseconds: 100 },
  });

  const run = await spine.finished(await spine.start(2, { outputLimitBytes: 64 * 1024 * 1024 }));

  expect(run.counts.ok).toBe(2);
  for (const execution of await spine.executions(run)) expect(execution.output).toBe("complete");
  expect(most).toBeLessThan(16 * 1024 * 1024);
});

it("tries again when the store does not answer for a while", async () => {
  const engine = slowly();
  let failures = 2;
  const around = (store: Store): Store => ({
    ...store,
    runs: {
      ...store.runs,
      async apply(change) {
        failures -= 1;
        if (failures >= 0) throw new Error("the database is away");
        return store.runs.apply(change);
      },
    },
  });
  await using spine = await openSpine([engine], { around });

  await expectEveryAnswer(spine, await spine.finished(await spine.start(20)), 20);
});

it("takes an order as soon as it can be recorded again", async () => {
  const engine = slowly();
  let failures = 2;
  const observe = (point: string) => {
    if (point !== "accept.before" || failures === 0) return;
    failures -= 1;
    throw new Error("database or disk is full");
  };
  await using spine = await openSpine([engine], { observe });

  await expectEveryAnswer(spine, await spine.finished(await spine.start(5)), 5);
  expect(engine.started.length).toBe(5);
});

/** The value once it has not changed for 200 ms. */
async function stable(read: () => number): Promise<number> {
  for (let last = read(); ; last = read()) {
    await sleep(200);
    if (read() === last) return last;
  }
}

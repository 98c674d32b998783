import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { EngineEvent } from "../../src/contract/engine.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { finished, mockHost, moduleWith, openSpine, until } from "../testkit/spine.ts";

it("takes a run from its plan to every host's answer in the store", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  await using spine = await openSpine([engine]);

  const run = await spine.finished(await spine.start(200));

  expect(run).toMatchObject({ state: "succeeded", hostCount: 200, needsAttention: false });
  expect(run.counts.ok).toBe(200);
  const executions = await spine.executions(run);
  for (const execution of executions) expect(execution).toMatchObject({ state: "ok", exitCode: 0, output: "complete" });
  expect(await spine.text(run, 7)).toBe("hello from web00007\n");
  expect(engine.started.length).toBe(200);
  expect(engine.widest()).toBeLessThanOrEqual(50);
});

it("keeps exit code, signal, both streams and the reason of each way to end", async () => {
  const engine = createScriptedEngine(async function* ({ position }): ReturnType<typeof answers> {
    yield { kind: "output", position, stream: "stdout", data: Buffer.from("out") };
    yield { kind: "output", position, stream: "stderr", data: Buffer.from([0xff, 0x00, 0x0a]) };
    const bytes = { stdoutBytes: 3, stderrBytes: 3 };
    if (position === 0) return { ...bytes, state: "failed", exitCode: 3, reason: "Exit code 3." };
    if (position === 1) return { ...bytes, state: "failed", signal: "KILL", reason: "Killed by SIGKILL." };
    if (position === 2) return { ...bytes, state: "timed_out", reason: "Ended after 10 s." };
    return bytes;
  });
  await using spine = await openSpine([engine]);

  const run = await spine.finished(await spine.start(4));

  expect(run.state).toBe("partial");
  expect(await spine.executions(run)).toMatchObject([
    { state: "failed", exitCode: 3, reason: "Exit code 3." },
    { state: "failed", signal: "KILL", reason: "Killed by SIGKILL." },
    { state: "timed_out", reason: "Ended after 10 s." },
    { state: "ok", exitCode: 0, stdoutBytes: 3, stderrBytes: 3 },
  ]);
  expect(await spine.text(run, 0, "stdout")).toBe("out");
  const stderr = await spine.web.store.runs.output(run.id, 0, "stderr", { offset: 0, limit: 10 });
  expect([...(stderr ?? [])]).toEqual([0xff, 0x00, 0x0a]);
});

it("ends every host of a wave before the first of the next begins", async () => {
  const open = new Set<number>();
  const together: number[][] = [];
  const engine = createScriptedEngine(async function* (host): ReturnType<typeof answers> {
    open.add(Math.floor(host.position / 10));
    together.push([...open]);
    await sleep(host.position % 5);
    const end = yield* answers(host);
    if (host.position % 10 === 9) open.delete(Math.floor(host.position / 10));
    return end;
  });
  await using spine = await openSpine([engine]);

  const run = await spine.finished(await spine.start(30, { waveSize: 10, width: 1 }));

  expect(run.state).toBe("succeeded");
  expect(together.every((waves) => waves.length === 1)).toBe(true);
  expect(engine.started).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

it("starts no more hosts once more than the permitted number have failed, and says why", async () => {
  const engine = createScriptedEngine(async function* ({ position }): ReturnType<typeof answers> {
    yield { kind: "notice", position, message: "about to fail" };
    return { state: "failed", exitCode: 1, reason: "Exit code 1." };
  });
  await using spine = await openSpine([engine]);

  const run = await spine.finished(await spine.start(40, { width: 2, maxFailures: 3 }));

  expect(run.state).toBe("failed");
  expect(run.counts.failed).toBeGreaterThan(3);
  expect(run.counts.failed).toBeLessThanOrEqual(6);
  expect(run.counts.failed + run.counts.not_started).toBe(40);
  const last = (await spine.executions(run)).at(-1);
  expect(last).toMatchObject({
    state: "not_started",
    reason: "Not started: more than 3 hosts of this run had failed.",
  });
  expect(engine.started.length).toBe(run.counts.failed);
});

it("ends every host exactly once and truthfully, whenever a cancel comes", async () => {
  for (let after = 0; after < 24; after += 3) {
    const engine = createScriptedEngine(async function* (host, _job, signal): ReturnType<typeof answers> {
      await sleep(2, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return { state: "cancelled", reason: "Ended because the run was cancelled." };
      return yield* answers(host);
    });
    await using spine = await openSpine([engine]);
    const run = await spine.start(60, { width: 4 });
    await sleep(after);

    await spine.web.dispatcher.cancel(run.id, { userId: 2, name: "li" });
    const end = await spine.finished(run);

    expect(end.cancelRequestedBy).toBe("li");
    expect(end.counts.ok + end.counts.cancelled + end.counts.not_started).toBe(60);
    expect(end.state).toBe(end.counts.ok === 60 ? "succeeded" : "cancelled");
    expect(new Set(engine.started).size).toBe(engine.started.length);
    expect(end.counts.ok + end.counts.cancelled).toBe(engine.started.length);
  }
});

it("withdraws a run at once when its order has not left yet", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  await using spine = await openSpine([engine]);
  await spine.link.cut();
  const run = await spine.start(3);
  expect(await spine.web.dispatcher.controllers()).toMatchObject([{ name: "main", connected: false }]);

  await spine.web.dispatcher.cancel(run.id, { userId: 2, name: "li" });

  const end = await finished(spine.web, run);
  expect(end.state).toBe("cancelled");
  expect((await spine.executions(run))[0]).toMatchObject({
    state: "not_started",
    reason: "Cancelled by li before it started.",
  });
  expect(engine.started).toEqual([]);
});

it("turns every host without an end to unknown when the engine breaks, and starts no further wave", async () => {
  const engine = createScriptedEngine(async function* (host): ReturnType<typeof answers> {
    if (host.position === 5) throw new Error("out of sockets");
    return yield* answers(host);
  });
  await using spine = await openSpine([engine]);

  const run = await spine.finished(await spine.start(20, { width: 1, waveSize: 10 }));

  expect(run).toMatchObject({ state: "partial", needsAttention: true });
  expect(run.counts).toMatchObject({ ok: 5, unknown: 5, not_started: 10 });
  const executions = await spine.executions(run);
  expect(executions[6]?.reason).toBe("The mock engine broke: out of sockets");
  expect(executions[15]?.reason).toBe("Not started: The mock engine broke: out of sockets");
});

it("turns hosts to unknown that an engine forgets", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  const forgetful = {
    ...engine,
    async *run(...given: Parameters<typeof engine.run>): AsyncGenerator<EngineEvent> {
      for await (const event of engine.run(...given)) if (event.position !== 2 || event.kind !== "ended") yield event;
    },
  };
  await using spine = await openSpine([forgetful]);

  const run = await spine.finished(await spine.start(4));

  expect(run.counts).toMatchObject({ ok: 3, unknown: 1 });
  expect((await spine.executions(run))[2]).toMatchObject({ state: "unknown", output: "partial" });
});

it("gives up an engine that stays silent after a cancel", async () => {
  const engine = createScriptedEngine(async function* ({ position }): ReturnType<typeof answers> {
    yield { kind: "notice", position, message: "about to hang" };
    return await new Promise(() => undefined);
  });
  await using spine = await openSpine([engine], { limits: { engineMilliseconds: 200, closeMilliseconds: 100 } });
  const run = await spine.start(4, { width: 2 });
  await until(spine.web, run, (item) => item.kind === "run" && item.frame.run.counts.running === 2);

  await spine.web.dispatcher.cancel(run.id, { userId: 1, name: "wang" });

  const end = await spine.finished(run);
  expect(end.needsAttention).toBe(true);
  expect(end.counts.unknown).toBe(4);
});

it("says so when the controller lacks an engine, and when it is skipped from the start", async () => {
  await using spine = await openSpine([createScriptedEngine((host) => answers(host))]);
  const hosts = [mockHost(0), mockHost(1, { engines: ["local"] }), mockHost(2, { enabled: false })];

  const run = await spine.finished(await spine.start(0, { hosts }));

  expect(await spine.executions(run)).toMatchObject([
    { state: "ok" },
    { state: "not_started", reason: "The controller “main” has no local engine." },
    { state: "skipped" },
  ]);
});

it("shares the width between the engines of a wave", async () => {
  const hanging = async function* (host: Parameters<typeof answers>[0]): ReturnType<typeof answers> {
    await sleep(3);
    return yield* answers(host);
  };
  const mock = createScriptedEngine(hanging, "mock");
  const local = createScriptedEngine(hanging, "local");
  await using spine = await openSpine([mock, local]);
  const hosts = Array.from({ length: 40 }, (_, i) => mockHost(i, i % 4 === 0 ? { engines: ["local"] } : {}));

  const run = await spine.finished(await spine.start(0, { hosts, width: 8 }));

  expect(run.state).toBe("succeeded");
  expect(mock.widest() + local.widest()).toBeLessThanOrEqual(8);
  expect(mock.widest()).toBeGreaterThan(local.widest());
});

it("cuts output at the limit and says so", async () => {
  const engine = createScriptedEngine(async function* ({ position }): ReturnType<typeof answers> {
    for (let i = 0; i < 20; i += 1)
      yield { kind: "output", position, stream: "stdout", data: Buffer.alloc(1000, 65 + i) };
    return { stdoutBytes: 20_000 };
  });
  await using spine = await openSpine([engine]);

  const run = await spine.finished(await spine.start(1, { outputLimitBytes: 4096 }));

  const [execution] = await spine.executions(run);
  expect(execution).toMatchObject({ output: "truncated", stdoutBytes: 20_000 });
  expect((await spine.text(run, 0)).length).toBe(4096);
});

it("hides secret parameters in output, across the borders of chunks, and in reasons", async () => {
  const engine = createScriptedEngine(async function* ({ position }): ReturnType<typeof answers> {
    const text = "before hunter2hunter2 middle hunter2hunter2";
    for (const letter of text) yield { kind: "output", position, stream: "stdout", data: Buffer.from(letter) };
    return { state: "failed", exitCode: 1, reason: "It printed hunter2hunter2.", stdoutBytes: text.length };
  });
  await using spine = await openSpine([engine]);
  const manifest = moduleWith({ password: { type: "string", format: "password" } });

  const module = { id: 0, version: 1, manifest };
  const run = await spine.finished(await spine.start(1, { module, parameters: { password: "hunter2hunter2" } }));

  expect(await spine.text(run, 0)).toBe("before •••••• middle ••••••");
  expect((await spine.executions(run))[0]).toMatchObject({ output: "complete", reason: "It printed ••••••." });
});

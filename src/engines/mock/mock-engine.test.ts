import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EndedEvent, EngineEvent, EngineHost, EngineJob, Task } from "../../contract/engine.ts";
import { behaviourOf, runMillisecondsOf } from "./behaviour.ts";
import { readLedger } from "./ledger.ts";
import { createMockEngine, type MockOptions } from "./mock-engine.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "om-mock-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function command(...argv: string[]): Task {
  return { kind: "command", argv, environment: {}, secretNames: [] };
}

function hosts(...names: string[]): EngineHost[] {
  return names.map((name, position) => ({ position, name, address: "192.0.2.1", port: 22, jumps: [] }));
}

function numbered(count: number): EngineHost[] {
  return hosts(...Array.from({ length: count }, (_, index) => `web${index + 1}`));
}

function jobOf(job: Partial<EngineJob> = {}): EngineJob {
  return {
    runUid: "run",
    hosts: hosts("web1"),
    task: command("uptime"),
    danger: "read",
    check: false,
    width: 100,
    limits: { connectMilliseconds: 1000, runMilliseconds: 60_000, outputBytes: 1_000_000 },
    intend: async (positions) => positions,
    credential: () => Promise.reject(new Error("no credentials")),
    hostKeys: { check: async () => "trusted" },
    file: () => Promise.reject(new Error("no files")),
    ...job,
  };
}

interface Outcome {
  readonly events: EngineEvent[];
  readonly ended: EndedEvent[];
  stdout(position: number): string;
}

async function runAll(options: MockOptions, job: EngineJob, signal = new AbortController().signal): Promise<Outcome> {
  const events: EngineEvent[] = [];
  for await (const event of createMockEngine(options).run(job, signal)) events.push(event);
  return {
    events,
    ended: events.filter((event) => event.kind === "ended").sort((left, right) => left.position - right.position),
    stdout: (position) =>
      Buffer.concat(
        events.flatMap((event) =>
          event.kind === "output" && event.stream === "stdout" && event.position === position ? [event.data] : [],
        ),
      ).toString(),
  };
}

test("each host does as its name says, and the others as the task says", async () => {
  const named = {
    bad: ["exit=3", "stderr=no\n"],
    gone: ["unreachable"],
    killed: ["signal=KILL"],
    odd: ["lost", "stdout=half"],
  };
  const job = jobOf({ hosts: hosts("good", "bad", "gone", "killed", "odd"), task: command("mock", "stdout=hello\n") });

  const { ended, events, stdout } = await runAll({ hosts: named }, job);

  expect(ended.map(({ state, exitCode, signal, output }) => [state, exitCode ?? signal, output])).toEqual([
    ["ok", 0, "complete"],
    ["failed", 3, "complete"],
    ["unreachable", undefined, "complete"],
    ["failed", "KILL", "complete"],
    ["unknown", undefined, "partial"],
  ]);
  expect(stdout(0)).toBe("hello\n");
  expect(ended[4]).toMatchObject({ stdoutBytes: 4 });
  expect(events.filter((event) => event.kind === "started").map((event) => event.position)).not.toContain(2);
});

test("an intent comes before every start, many hosts at a time, and a host that is left out does not start", async () => {
  const asked: number[][] = [];
  const ledgerFile = join(folder, "intents");
  const job = jobOf({
    hosts: numbered(50),
    intend: async (positions) => {
      asked.push([...positions]);
      return positions.filter((position) => position !== 7);
    },
  });

  const { ended } = await runAll({ ledgerFile }, job);

  expect(asked.flat().sort((left, right) => left - right)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(asked.length).toBeLessThan(5);
  expect(ended[7]).toMatchObject({ state: "not_started" });
  expect(readLedger(ledgerFile).filter((entry) => entry.position === 7)).toEqual([]);
  expect(readLedger(ledgerFile).filter((entry) => entry.what === "ran")).toHaveLength(49);
});

test("a cancel ends every host exactly once: running ones confirmed, waiting ones not started, lost ones unknown", async () => {
  const abort = new AbortController();
  const engine = createMockEngine({ hosts: { web2: ["lost", "latency=600000"] } });
  const job = jobOf({ hosts: numbered(10), width: 4, task: command("mock", "hang") });
  const ended: EndedEvent[] = [];
  let started = 0;

  for await (const event of engine.run(job, abort.signal)) {
    if (event.kind === "started") {
      started += 1;
      if (started === 4) abort.abort();
    }
    if (event.kind === "ended") ended.push(event);
  }

  expect(ended.map((event) => event.position).sort((left, right) => left - right)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
  expect(Map.groupBy(ended, (event) => event.state).get("cancelled")).toHaveLength(3);
  expect(
    Map.groupBy(ended, (event) => event.state)
      .get("unknown")
      ?.map((event) => event.position),
  ).toEqual([1]);
  expect(Map.groupBy(ended, (event) => event.state).get("not_started")).toHaveLength(6);
});

test("a run that was cancelled before it began asks for no intent", async () => {
  let asked = 0;
  const job = jobOf({
    hosts: numbered(3),
    intend: async (positions) => {
      asked += 1;
      return positions;
    },
  });

  const { ended } = await runAll({}, job, AbortSignal.abort());

  expect(ended.map((event) => event.state)).toEqual(["not_started", "not_started", "not_started"]);
  expect(asked).toBe(0);
});

test("a host that hangs is timed out at the limit", async () => {
  const limits = { connectMilliseconds: 1000, runMilliseconds: 30, outputBytes: 1000 };

  const { ended } = await runAll({}, jobOf({ task: command("mock", "hang"), limits }));

  expect(ended[0]).toMatchObject({ state: "timed_out" });
});

test("output past the limit is counted and dropped", async () => {
  const limits = { connectMilliseconds: 1000, runMilliseconds: 1000, outputBytes: 50_000 };

  const { ended, stdout } = await runAll({}, jobOf({ task: command("mock", "bytes=10000000000"), limits }));

  expect(ended[0]).toMatchObject({ state: "ok", stdoutBytes: 10_000_000_000, output: "truncated" });
  expect(stdout(0).length).toBe(50_000);
});

test("at most as many hosts as the width run at once", async () => {
  let running = 0;
  let most = 0;
  const job = jobOf({ hosts: numbered(40), width: 8, task: command("mock", "latency=1..5") });

  for await (const event of createMockEngine().run(job, new AbortController().signal)) {
    if (event.kind === "started") running += 1;
    if (event.kind === "ended") running -= 1;
    most = Math.max(most, running);
  }

  expect(most).toBeLessThanOrEqual(8);
  expect(most).toBeGreaterThan(1);
});

test("whoever stops pulling leaves nothing running", async () => {
  const ledgerFile = join(folder, "stopped");
  const job = jobOf({ hosts: numbered(100), width: 2, task: command("mock", "latency=20") });

  for await (const event of createMockEngine({ ledgerFile }).run(job, new AbortController().signal)) {
    if (event.kind === "started") break;
  }

  expect(readLedger(ledgerFile).filter((entry) => entry.what === "ran").length).toBeLessThanOrEqual(4);
});

test("an engine that breaks throws behind the events that came before", async () => {
  const engine = createMockEngine({ hosts: { web3: ["break"] } });
  const events: EngineEvent[] = [];

  const run = (async () => {
    for await (const event of engine.run(jobOf({ hosts: numbered(5), width: 1 }), new AbortController().signal))
      events.push(event);
  })();

  await expect(run).rejects.toMatchObject({ code: "engine.broken" });
  expect(events.filter((event) => event.kind === "ended").map((event) => event.position)).toEqual([0, 1]);
});

test("a file is read to its end and checked", async () => {
  const sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const task: Task = { kind: "file", sha256, bytes: 5, destination: "/tmp/x", keepOld: true, afterAlways: false };
  async function* content(text: string) {
    yield Buffer.from(text);
  }

  const good = await runAll({}, jobOf({ task, file: async () => content("hello") }));
  const bad = await runAll({}, jobOf({ task, file: async () => content("hellO") }));

  expect(good.ended[0]).toMatchObject({ state: "ok" });
  expect(bad.ended[0]).toMatchObject({ state: "not_started", reason: expect.stringContaining("damaged") });
});

test("20,000 hosts cost a few microseconds each", async () => {
  const before = process.cpuUsage();

  const { ended } = await runAll(
    {},
    jobOf({ hosts: numbered(20_000), width: 10_000, task: command("mock", "stdout=x") }),
  );

  const { user, system } = process.cpuUsage(before);
  expect(ended).toHaveLength(20_000);
  // About 10 µs on the machine that this was written on; a per-host timer or file would cost ten times that.
  expect((user + system) / 20_000).toBeLessThan(200);
});

test("tells its steps and facts between start and end, and a dry run leaves no trace of a real one", async () => {
  const { events } = await runAll(
    { behaviour: () => ({ steps: [{ name: "a", status: "changed", diff: "-x" }], facts: { os: "Debian" } }) },
    jobOf({ check: true }),
  );

  expect(events).toMatchObject([
    { kind: "started" },
    { kind: "step", path: ["mock"], name: "a", status: "changed", diff: "-x" },
    { kind: "facts", facts: { os: "Debian" } },
    { kind: "ended", state: "ok" },
  ]);
});

test("words that mean nothing are refused", () => {
  for (const word of [
    "exit",
    "exit=x",
    "exit=256",
    "latency=-1",
    "nonsense",
    "__proto__=1",
    "latency=1..x",
    "step=done:x",
    "step=ok",
  ]) {
    expect(() => behaviourOf([word]), word).toThrow(/is no behaviour of a mock host/);
  }
});

test("a range of times is the same for a host at every run, and spreads the hosts", () => {
  const behaviour = behaviourOf(["latency=10..20"]);
  const times = Array.from({ length: 1000 }, (_, position) => runMillisecondsOf(behaviour, position));

  expect(times.every((time) => time >= 10 && time <= 20)).toBe(true);
  expect(new Set(times.map(Math.floor)).size).toBe(10);
  expect(runMillisecondsOf(behaviour, 5)).toBe(times[5]);
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, EngineContext, EngineHost, Task } from "../../src/contract/engine.ts";
import { capabilitiesOf } from "../../src/modules/engine-tasks.ts";
import { describePosixHosts } from "./engine-conformance-posix.ts";
import { command, type JobChanges, makeJob, type Outcome, runJob } from "./engine-run.ts";

/** What the suite needs to make a host do, in the engine's own terms. */
export interface Behaviours {
  /** Ends with this code. */
  exit(code: number): Task;
  /** Prints these texts, then ends with 0. */
  print(stdout: string, stderr: string): Task;
  /** Prints so many bytes on stdout, then ends with 0. */
  flood(bytes: number): Task;
  /** Runs until it is ended. */
  hang(): Task;
}

export interface EngineUnderTest {
  readonly engine: Engine;
  readonly context: Omit<EngineContext, "file">;
  /** So many hosts, positions from 0. */
  hosts(count: number): EngineHost[];
  /** A host that cannot be reached; undefined when the engine has no such thing. */
  readonly unreachable?: EngineHost;
  readonly behaviours: Behaviours;
  /** Executions that the hosts keep just now; for engines that survive the controller. */
  kept?(): readonly string[];
  /** Asks for `outputRoom`, so that a host can be held back alone. */
  readonly holdsBackAlone?: boolean;
  /** Hosts at once in the test of many where no task runs for real; default 300. Real hosts are 300 in any case. */
  readonly many?: number;
  /**
   * The hosts are this machine with a POSIX shell, and tasks run for real: the promises about parameters, process
   * groups, files … are tested as well.
   */
  readonly posix?: {
    /** A folder that tasks and test can both write. */
    readonly folder: string;
    /** An account that a task may become, for engines that can. */
    readonly becomeUser?: string;
    /**
     * The engine has a file's content as a whole, and has checked it, before anything of it goes to a host. So where the
     * content is cut or does not come, nothing has begun on the host.
     */
    readonly contentFirst?: boolean;
  };
  close(): Promise<void>;
}

export const posixBehaviours: Behaviours = {
  exit: (code) => command(["/bin/sh", "-c", `exit ${code}`]),
  print: (stdout, stderr) => command(["/bin/sh", "-c", 'printf %s "$1"; printf %s "$2" >&2', "sh", stdout, stderr]),
  flood: (bytes) => command(["head", "-c", String(bytes), "/dev/zero"]),
  hang: () => command(["sleep", "600"]),
};

/** The promises of {@link Engine}, tested on one engine. The same suite for every engine, mock included. */
export function describeEngine(
  name: string,
  setup: () => Promise<EngineUnderTest>,
  /** Milliseconds for each test, for engines whose every task costs the machine much; default vitest's. */
  options: { readonly timeout?: number } = {},
): void {
  describe(`the ${name} engine`, options, () => {
    let under: EngineUnderTest;
    beforeAll(async () => {
      under = await setup();
    });
    afterAll(() => under?.close());

    function run(
      hosts: readonly EngineHost[],
      task: Task,
      changes: JobChanges = {},
      signal?: AbortSignal,
    ): Promise<Outcome> {
      return runJob(under.engine, makeJob(under.context, hosts, task, changes), signal);
    }

    it("is usable here and says its version", async () => {
      const health = await under.engine.probe(new AbortController().signal);

      expect(health).toMatchObject({ usable: true, version: expect.any(String) });
    });

    it("can do what planning and the console believe of it", () => {
      const { id, capabilities } = under.engine.manifest;

      expect(capabilities).toEqual(capabilitiesOf(id));
    });

    it("ends every host exactly once, whatever becomes of it", async () => {
      const hosts = under.hosts(4);
      const odd = under.unreachable === undefined ? [] : [{ ...under.unreachable, position: 4 }];

      const good = await run([...hosts, ...odd], under.behaviours.exit(0));
      const bad = await run([...hosts, ...odd], under.behaviours.exit(3));

      for (const host of hosts) {
        expect(good.end(host.position)).toMatchObject({ state: "ok", exitCode: 0, output: "complete" });
        expect(bad.end(host.position)).toMatchObject({
          state: "failed",
          exitCode: 3,
          reason: expect.stringContaining("3"),
        });
      }
      if (odd.length > 0)
        expect(good.end(4)).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/\w/) });
      expect(good.ended.size).toBe(hosts.length + odd.length);
    });

    it("ends at once when there are no hosts", async () => {
      const outcome = await run([], under.behaviours.exit(0));

      expect(outcome.events).toEqual([]);
    });

    it("keeps stdout and stderr apart", async () => {
      const outcome = await run(under.hosts(1), under.behaviours.print("to out\n", "to err\n"));

      expect(outcome.stdout().toString()).toBe("to out\n");
      expect(outcome.stderr().toString()).toBe("to err\n");
      expect(outcome.end()).toMatchObject({ stdoutBytes: 7, stderrBytes: 7, output: "complete" });
    });

    it("tells `started` before any output and output before the end", async () => {
      const outcome = await run(under.hosts(2), under.behaviours.print("x", ""));

      for (const position of [0, 1]) {
        const kinds = outcome.events.filter((event) => event.position === position).map((event) => event.kind);
        expect(kinds).toEqual(["started", "output", "ended"]);
      }
    });

    it("starts no host before its intent is durable", async () => {
      const durable = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const seen: string[] = [];
      const job = makeJob(under.context, under.hosts(3), under.behaviours.print("x", ""), {
        intend: async (positions) => {
          asked.resolve();
          await durable.promise;
          return positions;
        },
      });

      const running = runJob(under.engine, job, undefined, (event) => {
        seen.push(event.kind);
      });
      await asked.promise;
      // Nothing to wait for: the proof is that nothing comes.
      await new Promise((resolve) => setTimeout(resolve, 150));
      const before = [...seen];
      durable.resolve();
      const outcome = await running;

      expect(before).toEqual([]);
      expect(outcome.ended.size).toBe(3);
      expect(outcome.end(2).state).toBe("ok");
    });

    it("ends the hosts that `intend` leaves out as not_started, and runs the others", async () => {
      const outcome = await run(under.hosts(6), under.behaviours.print("ran", ""), {
        intend: async (positions) => positions.filter((position) => position % 2 === 0),
      });

      for (let position = 0; position < 6; position++) {
        const state = position % 2 === 0 ? "ok" : "not_started";
        expect(outcome.end(position).state).toBe(state);
        expect(outcome.stdout(position).toString()).toBe(state === "ok" ? "ran" : "");
      }
      expect(outcome.end(1).reason).toMatch(/\w/);
    });

    it("intends every host once, and only hosts of the job", async () => {
      const intended: number[] = [];

      await run(under.hosts(20), under.behaviours.exit(0), {
        width: 7,
        intend: async (positions) => {
          intended.push(...positions);
          return positions;
        },
      });

      expect(intended.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    });

    it("runs at most `width` hosts at once", async () => {
      let now = 0;
      let most = 0;
      const job = makeJob(under.context, under.hosts(12), under.behaviours.print("x", ""), { width: 3 });

      await runJob(under.engine, job, undefined, (event) => {
        if (event.kind === "started") now += 1;
        if (event.kind === "ended") now -= 1;
        most = Math.max(most, now);
      });

      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(3);
    });

    it("ends what runs when aborted, and starts no more", async () => {
      const cancel = new AbortController();
      const job = makeJob(under.context, under.hosts(6), under.behaviours.hang(), { width: 3 });
      let started = 0;

      const outcome = await runJob(under.engine, job, cancel.signal, (event) => {
        if (event.kind === "started") started += 1;
        if (started === 3) cancel.abort();
      });

      const states = [...outcome.ended.values()].map((event) => event.state).sort();
      expect(states).toEqual(["cancelled", "cancelled", "cancelled", "not_started", "not_started", "not_started"]);
      for (const event of outcome.ended.values()) expect(event.reason).toMatch(/cancel/i);
    });

    it("starts nothing when it is aborted from the beginning", async () => {
      const intended: number[] = [];

      const outcome = await run(
        under.hosts(3),
        under.behaviours.exit(0),
        {
          intend: async (positions) => {
            intended.push(...positions);
            return positions;
          },
        },
        AbortSignal.abort(),
      );

      expect([...outcome.ended.values()].map((event) => event.state)).toEqual([
        "not_started",
        "not_started",
        "not_started",
      ]);
      expect(intended).toEqual([]);
    });

    it("ends a host that is aborted while its intent is written", async () => {
      const cancel = new AbortController();

      const outcome = await run(
        under.hosts(2),
        under.behaviours.exit(0),
        {
          intend: async (positions) => {
            cancel.abort();
            return positions;
          },
        },
        cancel.signal,
      );

      expect(outcome.ended.size).toBe(2);
      for (const event of outcome.ended.values()) expect(["not_started", "cancelled"]).toContain(event.state);
    });

    it("ends what runs when its events are no longer wanted", async () => {
      const job = makeJob(under.context, under.hosts(2), under.behaviours.hang());

      for await (const event of under.engine.run(job, new AbortController().signal))
        if (event.kind === "started") break;

      const after = await run(under.hosts(2), under.behaviours.exit(0));
      expect(after.ended.size).toBe(2);
    });

    it("ends a host that runs too long as timed_out", async () => {
      const outcome = await run(under.hosts(2), under.behaviours.hang(), {
        limits: { connectMilliseconds: 30_000, runMilliseconds: 400, outputBytes: 1000 },
      });

      for (const event of outcome.ended.values())
        expect(event).toMatchObject({ state: "timed_out", reason: expect.stringContaining("0.4 s") });
    });

    it("cuts output at the limit, counts what it drops, and says truncated", async () => {
      const limits = { connectMilliseconds: 30_000, runMilliseconds: 30_000, outputBytes: 10_000 };

      const over = await run(under.hosts(1), under.behaviours.flood(3_000_000), { limits });
      const exact = await run(under.hosts(1), under.behaviours.flood(10_000), { limits });

      expect(over.stdout().length).toBe(10_000);
      expect(over.end()).toMatchObject({ state: "ok", stdoutBytes: 3_000_000, output: "truncated" });
      expect(exact.stdout().length).toBe(10_000);
      expect(exact.end()).toMatchObject({ state: "ok", stdoutBytes: 10_000, output: "complete" });
    });

    it("brings 10 MB whole", async () => {
      const outcome = await run(under.hosts(1), under.behaviours.flood(10_000_000));

      expect(outcome.stdout().length).toBe(10_000_000);
      expect(outcome.end()).toMatchObject({ state: "ok", stdoutBytes: 10_000_000, output: "complete" });
    });

    it("holds hosts back when its consumer is slow, and still brings everything", async () => {
      const bytes = 24_000_000;
      const job = makeJob(under.context, under.hosts(4), under.behaviours.flood(bytes));
      let received = 0;
      let begun: number | undefined;
      let grown = 0;

      const outcome = await runJob(under.engine, job, undefined, async (event) => {
        if (event.kind !== "output") return;
        received += event.data.length;
        if (begun === undefined) {
          begun = process.memoryUsage().rss;
          await new Promise((resolve) => setTimeout(resolve, 700));
          grown = process.memoryUsage().rss - begun;
        }
      });

      expect(received).toBe(4 * bytes);
      expect([...outcome.ended.values()].every((event) => event.output === "complete")).toBe(true);
      expect(grown).toBeLessThan(60_000_000);
    });

    it("holds one host back alone, and the others are told of meanwhile", async () => {
      if (under.holdsBackAlone !== true) return;
      const bytes = 4_000_000;
      const room = Promise.withResolvers<void>();
      const outputRoom = (position: number) => (position === 0 ? room.promise : undefined);
      const job = makeJob(under.context, under.hosts(4), under.behaviours.flood(bytes), { outputRoom });
      let toldOfFirst = 0;
      let toldWhileHeld = 0;
      let ended = 0;

      const outcome = await runJob(under.engine, job, undefined, (event) => {
        if (event.kind === "output" && event.position === 0) toldOfFirst += event.data.length;
        if (event.kind === "ended") ended += 1;
        if (event.kind !== "ended" || ended !== 3) return;
        toldWhileHeld = toldOfFirst;
        room.resolve();
      });

      expect(toldWhileHeld).toBeLessThan(1024 * 1024);
      expect(toldOfFirst).toBe(bytes);
      expect([...outcome.ended.values()].every((event) => event.output === "complete")).toBe(true);
      expect(outcome.ended.size).toBe(4);
    });

    it("runs many hosts at once", async (context) => {
      // Real ones are tried with every exit code as well; see describePosixHosts.
      if (under.posix !== undefined) context.skip();
      const count = under.many ?? 300;

      const outcome = await run(under.hosts(count), under.behaviours.print("hello\n", ""), { width: count });

      expect(outcome.ended.size).toBe(count);
      const states = new Set([...outcome.ended.values()].map((event) => event.state));
      expect([...states]).toEqual(["ok"]);
    }, 120_000);

    it("refuses a kind of task that it does not carry, host by host", async () => {
      if (under.engine.manifest.capabilities.tasks.includes("native")) return;

      const outcome = await run(under.hosts(2), { kind: "native", name: "service.restart", arguments: {} });

      for (const event of outcome.ended.values())
        expect(event).toMatchObject({ state: "not_started", reason: expect.stringMatching(/\w/) });
    });

    it("tests a connection without running anything", async () => {
      if (under.engine.testConnection === undefined) return;
      const [host] = under.hosts(1);
      if (host === undefined) throw new Error("no host");
      const context = makeJob(under.context, [], under.behaviours.exit(0));

      const good = await under.engine.testConnection(host, context, new AbortController().signal);

      expect(good).toMatchObject({ ok: true, message: expect.stringMatching(/\w/) });
      if (under.unreachable === undefined) return;
      const bad = await under.engine.testConnection(under.unreachable, context, new AbortController().signal);
      expect(bad).toMatchObject({ ok: false, message: expect.stringMatching(/\w/) });
    });

    describePosixHosts(() => under);
  });
}

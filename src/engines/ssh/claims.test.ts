import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { collect, command, makeJob, type Outcome, runJob, until } from "../../../test/testkit/engine-run.ts";
import { type Sshd, startSshd } from "../../../test/testkit/sshd.ts";
import { startTcpProxy, type TcpProxy } from "../../../test/testkit/tcp-proxy.ts";
import type { BegunHost, Engine, EngineEvent, EngineHost, EngineJob } from "../../contract/engine.ts";
import { createSshEngine } from "./ssh-engine.ts";

let sshd: Sshd;
let proxy: TcpProxy;
let folder: string;
/** Each is a life of the controller. */
let engines: Engine[];

beforeAll(async () => {
  sshd = await startSshd();
});

afterAll(async () => {
  await sshd?.stop();
});

beforeEach(async () => {
  engines = [];
  folder = mkdtempSync(join(tmpdir(), "omserver-claims-"));
  proxy = await startTcpProxy({ host: sshd.address(0), port: sshd.port });
});

afterEach(async () => {
  for (const engine of engines) await engine.close();
  await proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

function newLife(): Engine {
  const engine = createSshEngine({ threads: 1, reconnectMilliseconds: 20_000 });
  engines.push(engine);
  return engine;
}

function host(): EngineHost {
  return { position: 0, name: "web01", address: "127.0.0.1", port: proxy.port, credential: "c", jumps: [] };
}

function jobOf(text: string, changes: Partial<EngineJob> = {}): EngineJob {
  const context = {
    credential: async () => ({ kind: "key", privateKey: sshd.privateKey }) as const,
    hostKeys: { check: async () => "trusted" as const },
  };
  return makeJob(context, [host()], command(["/bin/sh", "-c", text, "sh", folder]), changes);
}

/** Writes down each of its starts, counts on both streams for about a second, and ends with 3. */
const counting =
  'echo start >>"$1/starts"; i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo "line $i"; echo "error $i" >&2; sleep 0.02; done; exit 3';
const lines = (word: string) => Array.from({ length: 50 }, (_, index) => `${word} ${index + 1}\n`).join("");

function starts(): number {
  const file = join(folder, "starts");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

/** Runs the job until so many bytes came, then dies as a killed controller does: all at once, telling no host. */
async function lifeThatDies(job: EngineJob, bytes: number): Promise<EngineEvent[]> {
  const engine = newLife();
  const seen: EngineEvent[] = [];
  let got = 0;
  for await (const event of engine.run(job, new AbortController().signal)) {
    // What comes behind the death, no journal has.
    if (got >= bytes) continue;
    seen.push(event);
    if (event.kind === "output") got += event.data.byteLength;
    if (got < bytes) continue;
    proxy.accept(false);
    proxy.cut();
    void engine.close();
  }
  proxy.accept(true);
  return seen;
}

function begunAfter(events: readonly EngineEvent[], changes: Partial<BegunHost> = {}): BegunHost {
  const bytes = (stream: "stdout" | "stderr") =>
    events.reduce((sum, event) => {
      return event.kind === "output" && event.stream === stream ? sum + event.data.byteLength : sum;
    }, 0);
  return { position: 0, stdoutBytes: bytes("stdout"), stderrBytes: bytes("stderr"), milliseconds: 0, ...changes };
}

function textOf(events: readonly EngineEvent[], stream: "stdout" | "stderr"): string {
  const chunks = events.flatMap((event) => {
    return event.kind === "output" && event.stream === stream ? [event.data] : [];
  });
  return Buffer.concat(chunks).toString();
}

function recover(job: EngineJob, begun: BegunHost, signal = new AbortController().signal): Promise<Outcome> {
  const { recovery } = newLife();
  if (recovery === undefined) throw new Error("the engine does not recover");
  return collect(recovery.recover(job, [begun], signal));
}

function settle(job: EngineJob): void {
  for (const engine of engines) void engine.recovery?.settled(job.runUid, [0]);
}

function keptOf(job: EngineJob): string[] {
  return sshd.kept().filter((name) => name.startsWith(job.runUid));
}

it("leaves a command that kills what watches over it unknown, never not started", async () => {
  const outcome = await runJob(newLife(), jobOf('echo start >>"$1/starts"; echo up; kill -KILL $PPID; sleep 0.2'));

  expect(starts()).toBe(1);
  expect(outcome.end()).toMatchObject({ state: "unknown" });
  expect(outcome.stdout().toString()).toBe("up\n");
});

it("waits for a command that killed what watches over it, however long that is silent", async () => {
  const text = 'echo up; kill -KILL $PPID; sleep 6; echo still here; : >"$1/went-on"';

  const outcome = await runJob(newLife(), jobOf(text));

  expect(outcome.end()).toMatchObject({ state: "unknown" });
  expect(outcome.stdout().toString()).toBe("up\nstill here\n");
  expect(existsSync(join(folder, "went-on"))).toBe(true);
});

it("ends the whole of a command that killed what watches over it when its time is over", async () => {
  const limits = { connectMilliseconds: 20_000, runMilliseconds: 1000, outputBytes: 1000 };
  const text =
    'kill -KILL $PPID; (sh -c \'sleep 6; : >"$0/left-alone"\' "$1" &); sleep 0.2; sh -c \'sleep 6; : >"$0/went-on"\' "$1"; :';

  const outcome = await runJob(newLife(), jobOf(text, { limits }));
  await setTimeout(6500);

  expect(outcome.end()).toMatchObject({ state: "timed_out" });
  expect([existsSync(join(folder, "went-on")), existsSync(join(folder, "left-alone"))]).toEqual([false, false]);
});

it("lets a cancelled command tidy up at TERM, though it waits for a program that began after the signal", async () => {
  const cancel = new AbortController();
  const text = `trap 'sleep 20; : >"$1/tidied"; exit 1' TERM; echo up; sleep 20`;

  const outcome = await runJob(newLife(), jobOf(text), cancel.signal, (event) => {
    if (event.kind === "output") cancel.abort();
  });

  expect(outcome.end().state).toBe("cancelled");
  expect(existsSync(join(folder, "tidied"))).toBe(true);
});

describe("a connection that is lost while the command runs", () => {
  it("costs neither the command nor a byte of it, however often", async () => {
    const job = jobOf(counting);
    let cuts = 0;

    const outcome = await runJob(newLife(), job, undefined, (event) => {
      if (event.kind !== "output" || cuts === 3) return;
      cuts += 1;
      proxy.cut();
    });

    expect(cuts).toBe(3);
    expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 3, output: "complete" });
    expect(outcome.stdout().toString()).toBe(lines("line"));
    expect(outcome.stderr().toString()).toBe(lines("error"));
    expect(outcome.events.filter((event) => event.kind === "started")).toHaveLength(1);
    expect(starts()).toBe(1);
  });

  it("does not hide a signal", async () => {
    const outcome = await runJob(newLife(), jobOf("echo up; sleep 1; kill -KILL $$"), undefined, (event) => {
      if (event.kind === "output") proxy.cut();
    });

    expect(outcome.end()).toMatchObject({ state: "failed", signal: "KILL" });
    expect(outcome.stdout().toString()).toBe("up\n");
  });

  it("does not let a cancelled command go on", async () => {
    const abort = new AbortController();

    const outcome = await runJob(newLife(), jobOf('echo up; sleep 20; : >"$1/went-on"'), abort.signal, (event) => {
      if (event.kind !== "output") return;
      proxy.cut();
      abort.abort();
    });

    expect(outcome.end().state).toBe("cancelled");
    expect(existsSync(join(folder, "went-on"))).toBe(false);
  });
});

describe("after the controller's death", () => {
  it("a command that still runs is followed to its end, from the byte that is wanted on", async () => {
    const job = jobOf(counting);
    const first = await lifeThatDies(job, 40);

    const outcome = await recover(job, begunAfter(first));

    expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 3 });
    expect(textOf(first, "stdout") + outcome.stdout().toString()).toBe(lines("line"));
    expect(textOf(first, "stderr") + outcome.stderr().toString()).toBe(lines("error"));
    expect(starts()).toBe(1);
  });

  it("a command that ended meanwhile has its own end, though nobody was there, and as often as it is asked for", async () => {
    const job = jobOf(`${counting.replace("exit 3", ':>"$1/over"; exit 4')}`);
    const first = await lifeThatDies(job, 1);
    await until("the command ended", () => existsSync(join(folder, "over")));

    const outcomes = [await recover(job, begunAfter(first)), await recover(job, begunAfter(first))];

    for (const outcome of outcomes) {
      expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 4 });
      expect(textOf(first, "stdout") + outcome.stdout().toString()).toBe(lines("line"));
    }
    expect(starts()).toBe(1);
  });

  it("a command that never began begins once, when it still may", async () => {
    const job = jobOf(counting);

    const outcomes = [await recover(job, begunAfter([])), await recover(job, begunAfter([]))];

    for (const outcome of outcomes) expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 3 });
    expect(starts()).toBe(1);
  });

  it("a command that never began and may not any more is barred: a start that comes late does nothing", async () => {
    const job = jobOf(counting, { intend: async () => [] });

    const barred = await recover(job, begunAfter([]));
    const late = await collect(newLife().run({ ...job, intend: async (all) => all }, new AbortController().signal));

    expect(barred.end().state).toBe("not_started");
    expect(late.end().state).toBe("not_started");
    expect(starts()).toBe(0);
  });

  it("a host that was restarted since is unknown where it knows of nothing", async () => {
    const job = jobOf(counting);

    const outcome = await recover(job, begunAfter([], { milliseconds: 100 * 365 * 86_400_000 }));

    expect(outcome.end()).toMatchObject({ state: "unknown", reason: expect.stringMatching(/restarted/) });
    expect(starts()).toBe(0);
  });

  it("a cancel ends what still runs", async () => {
    const job = jobOf('echo up; sleep 20; : >"$1/went-on"');
    const first = await lifeThatDies(job, 1);

    const outcome = await recover(job, begunAfter(first), AbortSignal.abort());

    expect(outcome.end().state).toBe("cancelled");
    expect(existsSync(join(folder, "went-on"))).toBe(false);
  });
});

describe("what a host keeps", () => {
  it("is the output and the end, until these are durable; then nothing", async () => {
    const job = jobOf("echo out; echo err >&2");

    const outcome = await collect(newLife().run(job, new AbortController().signal));
    const before = keptOf(job)
      .map((name) => name.replace(/.*\./, ""))
      .sort();
    settle(job);

    expect(outcome.end().state).toBe("ok");
    expect(before).toEqual(["b", "e", "o"]);
    await until("nothing is left", () => keptOf(job).length === 0);
  });

  it("goes after a recovery, too", async () => {
    const job = jobOf(counting);
    const first = await lifeThatDies(job, 40);

    await recover(job, begunAfter(first));
    settle(job);

    await until("nothing is left", () => keptOf(job).length === 0);
  });

  it("goes after a cut connection and after a cancel", async () => {
    const abort = new AbortController();
    const job = jobOf("echo up; sleep 5");

    await runJob(newLife(), job, abort.signal, (event) => {
      if (event.kind !== "output") return;
      proxy.cut();
      abort.abort();
    });

    await until("nothing is left", () => keptOf(job).length === 0);
  });
});

describe("what a host keeps until it is settled", () => {
  it("goes on another connection when its own is lost by then", async () => {
    const engine = newLife();
    const job = jobOf("echo out");

    await collect(engine.run(job, new AbortController().signal));
    expect(keptOf(job)).not.toEqual([]);
    proxy.cut();
    await setTimeout(1000);
    await engine.recovery?.settled(job.runUid, [0]);

    expect(keptOf(job)).toEqual([]);
  });

  it("is not cut off by a cancel of what the same connection was about to start", async () => {
    const engine = newLife();
    const connection = "echo $SSH_CONNECTION";
    const first = jobOf(connection);
    const cancel = new AbortController();
    const asked = async (positions: readonly number[]) => {
      // The host hears that a session is wanted, and its answer stays away.
      proxy.hold("toClient", true);
      void setTimeout(100).then(() => cancel.abort());
      return positions;
    };

    const outcome = await collect(engine.run(first, new AbortController().signal));
    const second = await collect(engine.run(jobOf(connection, { intend: asked }), cancel.signal));
    proxy.hold("toClient", false);
    await engine.recovery?.settled(first.runUid, [0]);
    await until("nothing is left", () => keptOf(first).length === 0);
    await setTimeout(500);
    const third = await runJob(engine, jobOf(connection));

    expect(second.end()).toMatchObject({ state: "not_started", reason: expect.stringMatching(/cancelled/) });
    expect(third.stdout().toString()).toBe(outcome.stdout().toString());
  });
});

describe("the shell of a settled execution", () => {
  const session = "ps -o sid= -p $$";

  const pidIn = (mark: string) => Number(readFileSync(join(folder, `${mark}.pid`), "utf8"));
  /** A zombie is dead. */
  function isAlive(pid: number): boolean {
    const stat = `/proc/${pid}/stat`;
    return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, "utf8"));
  }

  async function run(engine: Engine, text: string, cancelAt?: string): Promise<string> {
    const job = jobOf(text);
    const cancel = new AbortController();
    const outcome = await runJob(engine, job, cancel.signal, (event) => {
      if (event.kind !== "output") return;
      if (cancelAt !== undefined && Buffer.from(event.data).includes(cancelAt)) cancel.abort();
    });
    await engine.recovery?.settled(job.runUid, [0]);
    await until("nothing is left", () => keptOf(job).length === 0);
    await setTimeout(500);
    return textOf(outcome.events, "stdout").trim();
  }

  it("runs the next one, as a new one would", async () => {
    const engine = newLife();

    const [first, second, third] = [
      await run(engine, `${session}; pwd; umask; exit 3`),
      await run(engine, `${session}; pwd; umask; exit 3`),
      await run(newLife(), `${session}; pwd; umask; exit 3`),
    ];

    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(third?.split("\n").slice(1)).toEqual(first?.split("\n").slice(1));
  });

  it("is missed by nobody when it dies between two", async () => {
    const engine = newLife();
    const first = await run(engine, session);
    process.kill(Number(first), "SIGKILL");

    const second = await run(engine, session);

    expect(second).toMatch(/^\d+$/);
    expect(second).not.toBe(first);
  });

  it("keeps what an earlier one left in the background from a later one's cancel", async () => {
    const engine = newLife();
    const background = (mark: string) => `(sh -c 'echo $$ >"$0.pid"; exec sleep 30' "$1/${mark}" >/dev/null 2>&1 &)`;
    const first = await run(engine, `${background("early")}; ${session}`);

    const second = await run(engine, `${background("late")}; ${session}; sleep 0.3; echo now; sleep 30`, "now");

    expect(second.split("\n")[0]).toBe(first);
    const early = pidIn("early");
    expect([isAlive(early), isAlive(pidIn("late"))]).toEqual([true, false]);
    process.kill(early, "SIGKILL");
  });
});

describe.runIf(process.getuid?.() === 0)("a host that can keep nothing", () => {
  let bare: Sshd;
  let link: string;

  beforeAll(async () => {
    const account = basename(mkdtempSync(join(tmpdir(), "omserver-bare-")));
    link = `/var/tmp/omserver-${account}`;
    symlinkSync(tmpdir(), link);
    bare = await startSshd({ config: [`SetEnv SHLVL=2 HOME=/proc LOGNAME=${account}`] });
  });

  afterAll(async () => {
    await bare?.stop();
    rmSync(link, { force: true });
    rmSync(join(tmpdir(), basename(link).slice("omserver-".length)), { recursive: true, force: true });
  });

  function bareJob(forgoClaim: EngineJob["forgoClaim"]): EngineJob {
    const job = jobOf('echo start >>"$1/starts"; echo out', {
      credential: async () => ({ kind: "key", privateKey: bare.privateKey }),
      ...(forgoClaim === undefined ? {} : { forgoClaim }),
    });
    return { ...job, hosts: [{ ...host(), address: bare.address(0), port: bare.port }] };
  }

  it("runs it all the same, as soon as it is durable that it does so without a claim", async () => {
    const forgone: number[] = [];
    const job = bareJob(async (positions) => {
      expect(starts()).toBe(0);
      forgone.push(...positions);
    });

    const outcome = await runJob(newLife(), job);

    expect(outcome.end().state).toBe("ok");
    expect(outcome.stdout().toString()).toBe("out\n");
    expect(forgone).toEqual([0]);
    expect(starts()).toBe(1);
  });

  it("does not run it when that cannot be written down", async () => {
    const outcome = await runJob(
      newLife(),
      bareJob(() => Promise.reject(new Error("the disk is full"))),
    );

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringMatching(/disk is full/) });
    expect(starts()).toBe(0);
  });
});

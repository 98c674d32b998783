import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { builtInModule } from "../../../test/testkit/built-in-modules.ts";
import { makeJob, type Outcome, runJob } from "../../../test/testkit/engine-run.ts";
import {
  type OldController,
  type OldControllerOptions,
  startOldController,
} from "../../../test/testkit/omserver-v1.ts";
import type { Engine, EngineHost, Task } from "../../contract/engine.ts";
import { taskKindsOf } from "../../modules/engine-tasks.ts";
import { validateParameters } from "../../modules/parameters.ts";
import { renderTask } from "../../modules/render.ts";
import { readHtmlAnswer } from "./html-answer.ts";
import { createOmserverV1Engine } from "./omserver-v1-engine.ts";
import { omserverV1Settings } from "./settings.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
});

async function start(
  version: 3 | 6,
  options: OldControllerOptions = {},
): Promise<{ old: OldController; engine: Engine }> {
  const old = await startOldController(version, options);
  const engine = createOmserverV1Engine(old.settings());
  closers.push(
    () => old.stop(),
    () => engine.close(),
  );
  return { old, engine };
}

function hosts(...names: string[]): EngineHost[] {
  return names.map((name, position) => ({
    position,
    name,
    address: `192.168.1.${position + 11}`,
    port: 22,
    jumps: [],
  }));
}

function module(number: number, ...values: string[]): Task {
  const names = values.map((_, index) => `sys_param_${index + 1}`);
  return {
    kind: "native",
    name: `Mid_${number}`,
    arguments: Object.fromEntries(names.map((name, index) => [name, values[index]])),
    positional: names,
  };
}

function run(
  engine: Engine,
  on: EngineHost[],
  task: Task,
  runMilliseconds = 20_000,
  width = 10,
  outputBytes = 1_000_000,
): Promise<Outcome> {
  const context = {
    credential: async () => {
      throw new Error("the old controller has its own keys");
    },
    hostKeys: { check: async () => "unknown" as const },
  };
  const limits = { connectMilliseconds: 5000, runMilliseconds, outputBytes };
  return runJob(engine, makeJob(context, on, task, { limits, width }));
}

describe.each([3, 6] as const)("an old controller on rpyc %i", (version) => {
  it("runs a module on several hosts and its one answer becomes theirs", async () => {
    const { old, engine } = await start(version, {
      answers: {
        web2: { fails: true, html: "a &lt;b&gt; &amp;&#39;c&#39;<br>line 2<br>&nbsp;中文" },
        web3: { silent: true },
      },
    });

    const outcome = await run(engine, hosts("web1", "web2", "web3"), module(1001, "30"));

    await expect
      .poll(() => old.requests)
      .toEqual(["1001@@192.168.1.11*web1,192.168.1.12*web2,192.168.1.13*web3@@30@@"]);
    expect(outcome.end(0)).toMatchObject({ state: "ok", exitCode: 0, output: "complete" });
    expect(outcome.stdout(0).toString()).toBe("1001 on 192.168.1.11 with ['30']\n");
    expect(outcome.end(1)).toMatchObject({ state: "failed", reason: expect.stringContaining("失败") });
    expect(outcome.stdout(1).toString()).toBe("a <b> &'c'\nline 2\n 中文\n");
    expect(outcome.end(2)).toMatchObject({ state: "unknown", reason: expect.stringContaining("does not tell") });
  });

  it("gets large answers, compressed where rpyc does so, and batches by the run's width", async () => {
    const { old, engine } = await start(version, { answers: { web2: { bytes: 900_000 } } });

    const outcome = await run(engine, hosts("web1", "web2", "web3"), module(1003), 20_000, 2);

    await expect
      .poll(() => old.requests)
      .toEqual(["1003@@192.168.1.11*web1,192.168.1.12*web2@@", "1003@@192.168.1.13*web3@@"]);
    expect(outcome.end(1)).toMatchObject({ state: "ok", stdoutBytes: 900_001 });
  });

  it("answers for 300 hosts at once, one of which prints 10 MB", async () => {
    const names = Array.from({ length: 300 }, (_, number) => `web${number}`);
    const { old, engine } = await start(version, { answers: { web7: { bytes: 10_000_000 } } });

    const outcome = await run(engine, hosts(...names), module(1001, "30"), 60_000, 300, 20_000_000);

    await expect.poll(() => old.requests.length).toBe(1);
    for (const [position] of names.entries()) {
      expect(outcome.end(position)).toMatchObject({ state: "ok", output: "complete" });
      if (position !== 7) expect(outcome.stdout(position).toString()).toContain("1001 on 192.168.1.");
    }
    expect(outcome.stdout(7).length).toBe(10_000_001);
  }, 60_000);

  it("that does not accept the sign-in, or has no such module, has run nothing", async () => {
    const { old, engine } = await start(version);
    const stranger = createOmserverV1Engine(old.settings({ user: "somebody" }));
    closers.push(() => stranger.close());

    const refused = await run(stranger, hosts("web1"), module(1001, "30"));
    const missing = await run(engine, hosts("web1"), module(4711));

    expect(refused.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("sign-in") });
    expect(missing.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("Mid_4711") });
  });

  it("that takes too long leaves its hosts unknown", async () => {
    const { engine } = await start(version, { slowSeconds: 8 });

    const outcome = await run(engine, hosts("web1"), module(1003), 2000);

    expect(outcome.end()).toMatchObject({ state: "unknown", output: "partial" });
  });
});

it.each(["a@@b", "@a", "a@", "a*b", "a,b", "$(touch x)", "a;b", "`x`", "a\nb", "'", '"', "-rf", "{{7*7}}<"])(
  "the value %j is refused before anything is sent",
  async (value) => {
    const server = createServer(() => {
      throw new Error("something was sent");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(async () => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const files = { passwordFile: "/dev/null", keyFile: "/dev/null" };
    const engine = createOmserverV1Engine(
      omserverV1Settings.parse({ enabled: "yes, over a broken cipher", controller: "127.0.0.1", port, ...files }),
    );

    const outcome = await run(engine, hosts("web1"), module(1006, value));

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("sys_param_1") });
  },
);

it("a host whose output forges another's result is not believed", async () => {
  const forged = "<br></p><p>主机：web2 运行状态：<font>成功</font><br>all is well";
  const { engine } = await start(6, { answers: { web1: { html: forged } } });

  const outcome = await run(engine, hosts("web1", "web2"), module(1003));

  expect(outcome.end(1)).toMatchObject({ state: "unknown", reason: expect.stringContaining("twice") });
});

it.each(["主机<", "主机", "主机 &nbsp;", "主机<b>", "<br ", "&#", "主机：运行状态"])(
  "output full of %s is taken apart in no time",
  (part) => {
    const html = `<p>主机：<b>web1</b> 运行状态：<font>成功</font><br>${part.repeat(300_000)}</p>`;
    const begun = performance.now();

    const answers = readHtmlAnswer(html, hosts("web1"));

    expect(answers.has(0)).toBe(true);
    expect(performance.now() - begun).toBeLessThan(10_000);
  },
);

it("with another key the answer cannot be opened", async () => {
  const { old } = await start(6);
  const engine = createOmserverV1Engine(old.settings({ keyFile: old.settings().passwordFile }));
  closers.push(() => engine.close());

  const outcome = await run(engine, hosts("web1"), module(1003));

  expect(["unknown", "not_started"]).toContain(outcome.end().state);
  expect(outcome.stdout().length).toBe(0);
});

it("a hostile controller is bounded: frames too large, brine that is none, nothing at all", async () => {
  for (const bytes of [
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0]),
    Buffer.concat([Buffer.from([0, 0, 0, 3, 0, 0x15, 0xff, 0xff]), Buffer.from("\n")]),
    Buffer.concat([Buffer.from([0, 0, 0, 200, 0]), Buffer.alloc(200, 0x10), Buffer.from("\n")]),
    Buffer.alloc(0),
  ]) {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(async () => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const files = { passwordFile: "/dev/null", keyFile: "/dev/null" };
    const engine = createOmserverV1Engine(
      omserverV1Settings.parse({ enabled: "yes, over a broken cipher", controller: "127.0.0.1", port, ...files }),
    );

    expect((await run(engine, hosts("web1"), module(1003))).end().state).toBe("unreachable");
  }
});

describe("the engine", () => {
  it("is there only when that was said word for word, and warns as long as it is", async () => {
    const files = { passwordFile: "/dev/null", keyFile: "/dev/null" };
    const engine = createOmserverV1Engine(
      omserverV1Settings.parse({ enabled: "yes, over a broken cipher", controller: "10.0.0.1", ...files }),
    );

    expect(await engine.probe(new AbortController().signal)).toMatchObject({
      usable: true,
      warning: expect.stringContaining("RC4"),
    });
    for (const enabled of [true, "yes", ""]) {
      expect(omserverV1Settings.safeParse({ enabled, controller: "10.0.0.1", ...files }).success).toBe(false);
    }
  });

  it("runs the seven built-in modules under their old numbers", async () => {
    const { old, engine } = await start(6);
    const values: Readonly<Record<number, Record<string, string | number | boolean>>> = {
      1001: { lines: 7 },
      1002: { lines: 7 },
      1003: {},
      1004: {},
      1005: { application: "nginx", file: "ab".repeat(32) },
      1006: { application: "nginx" },
      1007: { service: "nginx" },
    };
    for (const [number, given] of Object.entries(values)) {
      const manifest = builtInModule(Number(number));
      const engineOf = { id: "omserver-v1" as const, tasks: taskKindsOf("omserver-v1") };
      const task = renderTask(manifest, validateParameters(manifest, given), engineOf, () => ({ bytes: 1 }));
      if (task === undefined) throw new Error(`Module ${number} has nothing for the old controllers.`);
      expect((await run(engine, hosts("web1"), task)).end().state).toBe("ok");
    }

    await expect
      .poll(() => old.requests.map((request) => request.replace("192.168.1.11*web1@@", "")))
      .toEqual(["1001@@7@@", "1002@@7@@", "1003@@", "1004@@", "1005@@nginx@@", "1006@@nginx@@", "1007@@nginx@@"]);
  });
});

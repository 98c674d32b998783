import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { command, makeJob, runJob, until } from "../../../test/testkit/engine-run.ts";
import { type FuncMinion, type MinionOptions, startMinion } from "../../../test/testkit/func.ts";
import type { Engine, EngineHost, Task } from "../../contract/engine.ts";
import { createFuncEngine } from "./func-engine.ts";
import { type FuncSettings, funcSettings } from "./settings.ts";

const context = {
  credential: async () => {
    throw new Error("Func signs in by certificate");
  },
  hostKeys: { check: async () => "unknown" as const },
};
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
});

async function start(
  options: MinionOptions = {},
  settings: Partial<FuncSettings> = {},
): Promise<{ minion: FuncMinion; engine: Engine; host: EngineHost }> {
  const minion = await startMinion(options);
  closers.push(() => minion.stop());
  return { minion, ...engineFor(minion, settings) };
}

function engineFor(minion: FuncMinion, settings: Partial<FuncSettings> = {}): { engine: Engine; host: EngineHost } {
  const engine = createFuncEngine(minion.settings(settings));
  closers.push(() => engine.close());
  return { engine, host: { position: 0, name: minion.name, address: minion.address(7), port: 22, jumps: [] } };
}

function native(name: string, values: Record<string, unknown> = {}, positional?: readonly string[]): Task {
  return { kind: "native", name, arguments: values, ...(positional === undefined ? {} : { positional }) };
}

function run(engine: Engine, host: EngineHost, task: Task, runMilliseconds = 60_000) {
  const limits = { connectMilliseconds: 10_000, runMilliseconds, outputBytes: 1_000_000 };
  return runJob(engine, makeJob(context, [host], task, { limits }));
}

describe("native methods", () => {
  it("take their arguments in the order that the module gives", async () => {
    const { engine, host } = await start();

    const sum = await run(engine, host, native("test.add", { other: "b", one: "a" }, ["one", "other"]));
    const unordered = await run(engine, host, native("test.add", { one: "a", other: "b" }));
    const gap = await run(engine, host, native("test.add", { other: "b" }, ["one", "other"]));

    expect(sum.stdout().toString()).toBe("ab\n");
    expect(sum.end()).toMatchObject({ state: "ok", exitCode: 0, output: "complete" });
    expect(unordered.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("positional") });
    expect(gap.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("“one”") });
  });

  it("get hostile values as data, and refuse what XML cannot carry before anything is sent", async () => {
    const { engine, host } = await start();

    for (const text of ["$(touch canary)", 'it\'s "x"\n<b>&{{7*7}}</b>]]>', "中文 ", "\t-x\n"]) {
      const outcome = await run(engine, host, native("test.echo", { value: text }));
      expect(outcome.stdout().toString()).toBe(text.endsWith("\n") ? text : `${text}\n`);
    }
    const control = await run(engine, host, native("test.echo", { value: "a\u0001" }));
    expect(control.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("control character") });
  });

  it("restart a service by its own means, and fail with its exit code", async () => {
    const { engine, host, minion } = await start();
    for (const [name, code] of Object.entries({ good: 0, bad: 6 })) {
      const file = join(minion.services, name);
      writeFileSync(file, `#!/bin/sh\necho "$1" >>"$0.log"\nexit ${code}\n`);
      chmodSync(file, 0o755);
    }

    const good = await run(engine, host, native("service.restart", { service_name: "good" }));
    const bad = await run(engine, host, native("service.restart", { service_name: "bad" }));

    expect(good.end()).toMatchObject({ state: "ok", exitCode: 0 });
    expect(readFileSync(join(minion.services, "good.log"), "utf8")).toBe("restart\n");
    expect(bad.end()).toMatchObject({
      state: "failed",
      exitCode: 6,
      reason: "service.restart ended with exit code 6.",
    });
  });

  it("fail with the minion's own words when they raise", async () => {
    const { engine, host } = await start();

    const outcome = await run(engine, host, native("test.raise_error", { message: "no space left" }));

    expect(outcome.end()).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("ValueError: no space left"),
    });
    expect(outcome.stderr().toString()).toContain("Traceback");
  });

  it("bring base64 and Latin-1", async () => {
    const { engine, host } = await start();

    const binary = await run(engine, host, native("test.bytes", { data: Buffer.from("中 x").toString("base64") }));
    const latin = await run(engine, host, native("test.latin"));

    expect(binary.stdout().toString()).toBe("中 x\n");
    expect(latin.stdout().toString()).toMatch(/^caf\u00e9/);
  });

  it("cannot be ended from here, and say so", async () => {
    const { engine, host } = await start();

    const outcome = await run(engine, host, native("test.sleep", { seconds: 2 }), 300);

    expect(outcome.end()).toMatchObject({ state: "unknown", reason: expect.stringContaining("goes on") });
  });

  it("that the minion does not have were not started", async () => {
    const { engine, host } = await start();

    const outcome = await run(engine, host, native("hardware.info"));

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("InvalidMethod") });
  });
});

describe("a minion that refuses", () => {
  it.each(["fault", "array"] as const)("a method by its access list, as a %s, starts nothing there", async (denies) => {
    const { engine, host, minion } = await start({ denied: ["command.run", "service.restart"], denies });

    const task = await run(engine, host, command(["touch", join(minion.folder, "canary")]));
    const method = await run(engine, host, native("service.restart", { name: "x" }));

    for (const outcome of [task, method]) {
      expect(outcome.end()).toMatchObject({
        state: "not_started",
        reason: expect.stringContaining("AccessToMethodDenied"),
      });
    }
    expect(existsSync(join(minion.folder, "canary"))).toBe(false);
  });

  it("copyfile leaves the host as it was and says which method", async () => {
    const { engine, host, minion } = await start({ denied: ["copyfile.append"], denies: "array" });
    const secret = command(["env"], { environment: { OM_PASSWORD: "x" }, secretNames: ["OM_PASSWORD"] });

    const outcome = await run(engine, host, secret);

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("copyfile.append") });
    expect(readdirSync(join(minion.folder, ".omserver-func"))).toEqual([]);
  });

  it("to remember its jobs leaves a host unknown, never failed", async () => {
    const { engine, host } = await start({ losesJobs: true });

    const outcome = await run(engine, host, command(["true"]));

    expect(outcome.end()).toMatchObject({
      state: "unknown",
      output: "partial",
      reason: expect.stringContaining("lost"),
    });
  });
});

describe("an original minion", () => {
  it("of HTTP/1.0, which closes each connection, and slow, is waited for", async () => {
    const { engine, host } = await start({ protocol: "HTTP/1.0", slowSeconds: 0.3 });

    const outcome = await run(engine, host, command(["echo", "中文"]));

    expect(outcome.end()).toMatchObject({ state: "ok", output: "complete" });
    expect(outcome.stdout().toString()).toBe("中文\n");
  });

  it.each([
    ["HTTP/1.0 and TLS 1.2", {}, {}],
    ["HTTP/1.0 and TLS 1.0", { old: true }, { legacyTls: { allow: true, minimum: "TLSv1", securityLevel: 0 } }],
  ] as const)(
    "of %s that turns away who resumes its sessions answers to every run",
    async (_what, options, settings) => {
      const { engine, host } = await start({ protocol: "HTTP/1.0", pyOpenSSL: true, ...options }, settings);

      for (let round = 1; round <= 3; round++) {
        const outcome = await run(
          engine,
          host,
          command(["sh", "-c", `echo out ${round}; echo err ${round} >&2; exit 3`]),
        );

        expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 3, output: "complete" });
        expect(outcome.stdout().toString()).toBe(`out ${round}\n`);
        expect(outcome.stderr().toString()).toBe(`err ${round}\n`);
      }
    },
  );

  it("that closes idle connections is connected to anew", async () => {
    const { engine, host } = await start({ idleSeconds: 0.2 });

    for (const pause of [0, 180, 200, 220, 500]) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const outcome = await run(engine, host, command(["echo", "here"]));
      expect(outcome.stdout().toString()).toBe("here\n");
    }
  });

  it("of TLS 1.0 with 1,024 bits and SHA-1 is refused with the mend, unless that was allowed, with a warning", async () => {
    const { engine, minion } = await start({ old: true });
    const strict = await engine.probe(new AbortController().signal);

    const allowed = engineFor(minion, { legacyTls: { allow: true, minimum: "TLSv1", securityLevel: 0 } });
    const health = await allowed.engine.probe(new AbortController().signal);
    const outcome = await run(allowed.engine, allowed.host, command(["echo", "old"]));

    expect(strict).toMatchObject({ usable: false, mend: expect.stringContaining("legacyTls") });
    expect(health).toMatchObject({ usable: true, warning: expect.stringContaining("Old TLS is allowed") });
    expect(outcome.stdout().toString()).toBe("old\n");
  });

  it("that is old is refused by an overlord with a strong certificate as well, and the reason says how to go on", async () => {
    const { minion } = await start({ old: true });
    const strong = await startMinion();
    closers.push(() => strong.stop());
    const engine = createFuncEngine({ ...strong.settings(), port: minion.port });
    closers.push(() => engine.close());
    const host = { position: 0, name: minion.name, address: minion.address(1), port: 22, jumps: [] };

    const outcome = await run(engine, host, command(["true"]));

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringContaining("TLS 1.0 at most") });
    expect(outcome.end().reason).toContain("legacyTls");
  });

  it("that speaks SSL 3.0 only is told so, and how to upgrade it", async () => {
    const { engine, host } = await start();
    const old = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (hello: Buffer) => {
        // What OpenSSL 0.9.8 does: a greeting of SSL 3.0 is answered, a newer one alone refused.
        const serverHello = Buffer.concat([Buffer.from([22, 3, 0, 0, 42, 2, 0, 0, 38, 3, 0]), Buffer.alloc(36)]);
        const alert = Buffer.from([21, 3, 0, 0, 2, 2, 40]);
        socket.end(hello[2] === 0 ? serverHello : alert);
      });
    });
    await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
    closers.push(async () => void old.close());
    const address = old.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { minion } = await start();
    const other = createFuncEngine(minion.settings({ port }));
    closers.push(() => other.close());

    const outcome = await run(other, { ...host, address: "127.0.0.1" }, command(["true"]));

    expect(engine.manifest.id).toBe("func");
    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringContaining("SSL 3.0 only") });
    expect(outcome.end().reason).toContain("Upgrade it");
  });
});

describe("the port of a minion", () => {
  it("is its host's own, unless that is SSH's 22 or the settings say that hosts' ports are of SSH", async () => {
    const { minion, engine, host } = await start();
    const elsewhere = engineFor(minion, { port: 1 }).engine;
    const ofSsh = engineFor(minion, { port: 1, hostPorts: false }).engine;
    const own = { ...host, port: minion.port };

    const outcomes = [
      await run(engine, host, command(["true"])),
      await run(elsewhere, own, command(["true"])),
      await run(elsewhere, host, command(["true"])),
      await run(ofSsh, own, command(["true"])),
    ];
    const tested = await elsewhere.testConnection?.(
      own,
      makeJob(context, [], command([])),
      new AbortController().signal,
    );

    expect(outcomes.map((outcome) => outcome.end().state)).toEqual(["ok", "ok", "unreachable", "unreachable"]);
    expect(tested).toMatchObject({ ok: true });
  });
});

describe("a minion that is somebody else", () => {
  it("is not spoken to: its certificate carries another name", async () => {
    const { engine, host, minion } = await start();

    const outcome = await run(
      engine,
      { ...host, name: "other.test" },
      command(["touch", join(minion.folder, "canary")]),
    );

    expect(outcome.end()).toMatchObject({
      state: "unreachable",
      reason: expect.stringContaining("“minion.test”, not “other.test”"),
    });
    expect(existsSync(join(minion.folder, "canary"))).toBe(false);
  });

  it("or of another certmaster is not spoken to either", async () => {
    const { minion } = await start();
    const other = await startMinion();
    closers.push(() => other.stop());
    const engine = createFuncEngine({ ...minion.settings(), authority: other.settings().authority });
    closers.push(() => engine.close());
    const host = { position: 0, name: minion.name, address: minion.address(1), port: 22, jumps: [] };

    const outcome = await run(engine, host, command(["true"]));

    expect(outcome.end()).toMatchObject({
      state: "unreachable",
      reason: expect.stringContaining("not signed by this certmaster"),
    });
  });
});

it.each(["TLS 1.3", "TLS 1.2"])("a minion that does not take our certificate (%s) has run nothing", async (version) => {
  const { minion } = await start(version === "TLS 1.2" ? { pyOpenSSL: true } : {});
  const other = await startMinion();
  closers.push(() => other.stop());
  const { certificate, key } = other.settings();
  const { engine, host } = engineFor(minion, { certificate, key });

  const outcome = await run(engine, host, command(["touch", join(minion.folder, "canary")]));

  expect(outcome.end()).toMatchObject({
    state: "unreachable",
    reason: expect.stringContaining("does not accept this controller's certificate"),
  });
  expect(existsSync(join(minion.folder, "canary"))).toBe(false);
});

describe("a hostile minion", () => {
  it.each([
    ["an endless answer", { raw: Buffer.alloc(65_536, "a"), rawRepeat: true }, /longer than 16 MiB/],
    ["an entity bomb", { raw: '<!DOCTYPE a [<!ENTITY b "bb">]><methodResponse>&b;</methodResponse>' }, /document type/],
    ["deep nesting", { raw: `<methodResponse><params><param>${"<value><array><data>".repeat(4000)}` }, /nested deeper/],
    ["a page", { raw: "<html></html>", rawStatus: 404 }, /HTTP status 404/],
    [
      "a job that is no name",
      { raw: "<methodResponse><params><param><value><int>1</int></value></param></params></methodResponse>" },
      /no job number/,
    ],
  ])("with %s ends as unknown, in bounded time and memory", async (_what, options, reason) => {
    const { engine, host } = await start(options);

    const outcome = await run(engine, host, command(["true"]));

    expect(outcome.end()).toMatchObject({ state: "unknown", reason: expect.stringMatching(reason) });
  });
});

it("keeps the input of a secret and everything else out of the host's folders afterwards", async () => {
  const { engine, host, minion } = await start();
  const environment = { OM_PASSWORD: "canary-7f0b" };

  const outcome = await run(
    engine,
    host,
    command(["/bin/sh", "-c", 'printf %s "$OM_PASSWORD"; head -c 900000 /dev/zero'], {
      environment,
      secretNames: ["OM_PASSWORD"],
    }),
  );

  expect(outcome.end()).toMatchObject({ state: "ok", stdoutBytes: 900_011, output: "complete" });
  expect(readdirSync(join(minion.folder, ".omserver-func"))).toEqual([]);
});

it("refuses a private folder that belongs to somebody else or is a link", async () => {
  const { engine, host, minion } = await start();
  mkdirSync(join(minion.folder, "elsewhere"));
  symlinkSync(join(minion.folder, "elsewhere"), join(minion.folder, ".omserver-func"));

  const outcome = await run(engine, host, command(["true"]));

  expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("no private folder") });
  expect(readdirSync(join(minion.folder, "elsewhere"))).toEqual([]);
});

it("clears up after short commands", async () => {
  const { engine, host, minion } = await start();

  await run(engine, host, command(["true"]));

  const [claim = ""] = readdirSync(join(minion.folder, ".omserver-func"));
  await until(
    "only the claim is left",
    () => readdirSync(join(minion.folder, ".omserver-func", claim)).join() === "run",
  );
});

describe("without its certificates", () => {
  it("the engine is there and says what is missing", async () => {
    const engine = createFuncEngine(funcSettings.parse({ certificate: "/nowhere/x.crt" }));

    const health = await engine.probe(new AbortController().signal);

    expect(health).toEqual({
      usable: false,
      reason: "Func's certificate /nowhere/x.crt cannot be read (ENOENT).",
      mend: "Put certmaster's file there, or name another in engines.func.certificate.",
    });
  });
});

describe("the hosts of certmaster", () => {
  it("are the names of its signed certificates", async () => {
    const { minion } = await start();
    const folder = join(minion.folder, "certs");
    mkdirSync(folder);
    for (const name of ["web-2.example.com.cert", "web-1.example.com.cert", "web-3.csr", ".cert"]) {
      writeFileSync(join(folder, name), "");
    }

    const engine = createFuncEngine(minion.settings({ certificatesFolder: folder }));
    const found = await engine.hostSource?.discover(new AbortController().signal);

    expect(found).toEqual([
      { name: "web-1.example.com", address: "web-1.example.com", groups: [] },
      { name: "web-2.example.com", address: "web-2.example.com", groups: [] },
    ]);
  });

  it("cannot be read without their folder, and the reason names it", async () => {
    const engine = createFuncEngine(funcSettings.parse({ certificatesFolder: "/nowhere/certs" }));

    await expect(engine.hostSource?.discover(new AbortController().signal)).rejects.toMatchObject({
      code: "engine.unusable",
      message: expect.stringContaining("/nowhere/certs"),
    });
  });
});

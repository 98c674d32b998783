// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text that must not be a template
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostileTexts } from "../../../test/testkit/engine-conformance-posix.ts";
import { type JobChanges, makeJob, type Outcome, runJob } from "../../../test/testkit/engine-run.ts";
import { type Salt, startSalt } from "../../../test/testkit/salt.ts";
import type { Engine, StepEvent, Task } from "../../contract/engine.ts";
import { createSaltEngine } from "./salt-engine.ts";
import { saltSettings } from "./settings.ts";

/** Salt's own functions and states, on a real master and real minions. */

const minions = ["web-1", "web-2", "web-3"];
const context = {
  credential: async () => {
    throw new Error("no credential is needed here");
  },
  hostKeys: { check: async () => "unknown" as const },
};
const large = 64 * 1024 * 1024;
let salt: Salt;
let engine: Engine;
let folder: string;

beforeAll(async () => {
  salt = await startSalt({ minions, minion: { max_event_size: large }, master: { max_event_size: large } });
  folder = mkdtempSync(join(tmpdir(), "omserver-salt-"));
  engine = createSaltEngine(
    saltSettings.parse({
      url: salt.url,
      caFile: salt.caFile,
      eauth: "file",
      user: salt.user,
      passwordFile: salt.passwordFile,
      answerMilliseconds: 60_000,
    }),
  );
});
afterAll(async () => {
  await engine?.close();
  await salt?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function native(name: string, values: Readonly<Record<string, unknown>> = {}): Task {
  return { kind: "native", name, arguments: values };
}

function run(task: Task, changes: JobChanges = {}, count = 1, signal?: AbortSignal): Promise<Outcome> {
  const hosts = minions
    .slice(0, count)
    .map((name, position) => ({ position, name, address: "127.0.0.1", port: 22, jumps: [] }));
  return runJob(engine, makeJob(context, hosts, task, { danger: "change", ...changes }), signal);
}

function steps(outcome: Outcome, position = 0): StepEvent[] {
  return outcome.events.filter((event) => event.kind === "step" && event.position === position) as StepEvent[];
}

describe("a function of Salt", { timeout: 120_000 }, () => {
  test("runs on every minion, text is its output and the rest readable JSON", async () => {
    const text = await run(native("test.echo", { text: "中文" }), {}, 3);
    const versions = await run(native("test.versions_information"));

    expect([...text.ended.values()].map((event) => event.state)).toEqual(["ok", "ok", "ok"]);
    expect(text.stdout(2).toString()).toBe("中文\n");
    expect(JSON.parse(versions.stdout().toString())["Salt Version"].Salt).toMatch(/^3/);
  });

  test("gets every argument literally, whatever YAML, Jinja or a shell would make of it", async () => {
    const texts = [
      ...hostileTexts,
      "yes",
      "1.50",
      "[1, 2]",
      "{a: b}",
      "a=b",
      "null",
      "0x10",
      "!!python/object:x",
      "|jinja",
    ];
    const values = Object.fromEntries(texts.map((text, index) => [`value_${index}`, text]));

    const outcome = await run(native("test.kwarg", values));

    const found = Object.entries(JSON.parse(outcome.stdout().toString())).filter(
      ([name]) => !name.startsWith("__pub_"),
    );
    expect(Object.fromEntries(found)).toEqual(values);
    expect(existsSync("/root/canary")).toBe(false);
  });

  test("that is not there, or is no name, ran nothing", async () => {
    const missing = await run(native("nosuch.function"));
    const strange = await run(native("os.system('x')"));
    const reserved = await run(native("test.ping", { __kwarg__: true }));

    expect(missing.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("not available") });
    expect(strange.end().state).toBe("not_started");
    expect(reserved.end().state).toBe("not_started");
  });

  test("that answers false failed where something was to change, and answered where it was read", async () => {
    const changed = await run(native("test.false"));
    const read = await run(native("test.false"), { danger: "read" });

    expect(changed.end()).toMatchObject({ state: "failed", exitCode: 1 });
    expect(read.end()).toMatchObject({ state: "ok" });
    expect(read.stdout().toString()).toBe("false\n");
  });

  test("that raises an error failed, and says so on stderr", async () => {
    const outcome = await run(native("test.exception", { message: "boom" }));

    expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 1 });
    expect(outcome.stderr().toString()).toContain("boom");
  });

  test("may return 10 MB, where minion and master let that through", async () => {
    const outcome = await run(native("cmd.run", { cmd: ["seq", "1", "1400000"], python_shell: false }));

    expect(outcome.end()).toMatchObject({ state: "ok", output: "complete" });
    expect(outcome.stdout().length).toBeGreaterThan(10_000_000);
    expect(outcome.stdout().toString()).toMatch(/\n1400000\n$/);
  });

  test("like cmd.run_all keeps its streams and its exit code apart", async () => {
    const cmd = ["/bin/sh", "-c", "echo out; echo err >&2; exit 7"];

    const outcome = await run(native("cmd.run_all", { cmd, python_shell: false }));

    expect(outcome.stdout().toString()).toBe("out");
    expect(outcome.stderr().toString()).toBe("err");
    expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 7 });
  });

  test("that takes too long, or is cancelled, is ended and that is confirmed", async () => {
    const limits = { connectMilliseconds: 30_000, runMilliseconds: 1500, outputBytes: 1000 };
    const cancel = new AbortController();

    const late = await run(native("test.sleep", { length: 600 }), { limits });
    const running = runJob(
      engine,
      makeJob(
        context,
        [{ position: 0, name: "web-2", address: "127.0.0.1", port: 22, jumps: [] }],
        native("test.sleep", { length: 600 }),
      ),
      cancel.signal,
      (event) => {
        if (event.kind === "started") cancel.abort();
      },
    );
    const cancelled = await running;

    expect(late.end()).toMatchObject({ state: "timed_out", reason: expect.stringContaining("1.5 s") });
    expect(cancelled.end()).toMatchObject({ state: "cancelled", reason: expect.stringMatching(/cancel/) });
    expect(
      salt.salt("salt", "-L", minions.join(","), "-t", "30", "--out=json", "--static", "saltutil.running"),
    ).not.toContain("test.sleep");
  });

  test("gives facts where it is grains.items", async () => {
    const outcome = await run(native("grains.items"), { danger: "read" });

    const facts = outcome.events.find((event) => event.kind === "facts");
    expect(facts).toMatchObject({ facts: { id: "web-1", roles: ["web", "only-web-1"] } });
  });

  test("with a secret argument, or as another account, is not run", async () => {
    const secret = await run({ kind: "native", name: "test.echo", arguments: { text: "x" }, secretNames: ["text"] });
    const other = await run(native("test.ping"), { become: { user: "nobody" } });

    expect(secret.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("job cache") });
    expect(other.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("nobody") });
  });
});

describe("states", { timeout: 120_000 }, () => {
  test("tell each step, what it changed, and in a dry run what it would change", async () => {
    const path = join(folder, "managed");
    writeFileSync(path, "old {{7*7}}\n");
    const task = native("state.single", { fun: "file.managed", name: path, contents: "new {{7*7}} $(touch canary)" });

    const dry = await run(task, { check: true });
    const untouched = readFileSync(path, "utf8");
    const real = await run(task);
    const again = await run(task);

    expect(untouched).toBe("old {{7*7}}\n");
    expect(steps(dry)).toMatchObject([{ action: "file.managed", name: path, status: "changed" }]);
    expect(steps(dry)[0]?.diff).toContain("+new {{7*7}}");
    expect(dry.end()).toMatchObject({ state: "ok", exitCode: 0 });
    expect(steps(real)).toMatchObject([{ status: "changed", diff: expect.stringContaining("-old {{7*7}}") }]);
    expect(real.stdout().toString()).toBe("Succeeded: 1 (changed=1)\nFailed:    0\nTotal states run: 1\n");
    expect(readFileSync(path, "utf8").trimEnd()).toBe("new {{7*7}} $(touch canary)");
    expect(steps(again)).toMatchObject([{ status: "ok" }]);
  });

  test("of the highstate come in their order; a failed one fails the host, what needs it is skipped", async () => {
    writeFileSync(join(salt.fileRoot, "top.sls"), "base:\n  'web-*':\n    - site\n");
    writeFileSync(
      join(salt.fileRoot, "site.sls"),
      JSON.stringify({
        first: { "test.succeed_with_changes": [{ name: "one" }] },
        second: { "test.fail_without_changes": [{ name: "two" }] },
        third: { "test.succeed_without_changes": [{ name: "three" }, { require: [{ test: "second" }] }] },
      }),
    );

    const outcome = await run(native("state.apply"), {}, 2);

    for (const position of [0, 1]) {
      expect(steps(outcome, position).map(({ path, name, status }) => [path, name, status])).toEqual([
        [["site"], "first", "changed"],
        [["site"], "second", "failed"],
        [["site"], "third", "skipped"],
      ]);
      expect(outcome.end(position)).toMatchObject({ state: "failed", reason: "1 of 3 states failed." });
    }
  });

  test("that cannot be rendered fail with what Salt says", async () => {
    writeFileSync(join(salt.fileRoot, "broken.sls"), "a: {{ nothing.at_all() }}\n");

    const outcome = await run(native("state.apply", { mods: "broken" }));

    expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 1 });
    expect(outcome.stderr().toString()).toMatch(/Rendering|undefined/i);
  });

  test("only have a dry run, and files", async () => {
    const command: Task = {
      kind: "command",
      argv: ["touch", join(folder, "canary")],
      environment: {},
      secretNames: [],
    };

    const native_ = await run(native("service.restart", { name: "x" }), { check: true });
    const program = await run(command, { check: true });

    expect(native_.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("dry run") });
    expect(program.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("dry run") });
    expect(existsSync(join(folder, "canary"))).toBe(false);
  });
});

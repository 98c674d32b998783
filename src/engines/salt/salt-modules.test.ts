// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text that must not be a template
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtInModule, builtInModules } from "../../../test/testkit/built-in-modules.ts";
import { makeJob, type Outcome, runJob } from "../../../test/testkit/engine-run.ts";
import { type Salt, startSalt } from "../../../test/testkit/salt.ts";
import type { Engine, Task } from "../../contract/engine.ts";
import type { ParameterValues } from "../../contract/module.ts";
import { taskKindsOf } from "../../modules/engine-tasks.ts";
import { validateParameters } from "../../modules/parameters.ts";
import { renderTask } from "../../modules/render.ts";
import { createLocalEngine } from "../local/local-engine.ts";
import { createSaltEngine } from "./salt-engine.ts";
import { saltSettings } from "./settings.ts";

/** The seven built-in modules by Salt, with the values that people give and with those that an attacker would. */

const context = {
  credential: async () => {
    throw new Error("no credential is needed here");
  },
  hostKeys: { check: async () => "unknown" as const },
};
const content = Buffer.from("{{ 7 * 7 }} $(touch canary)\n中文\n");
const sha256 = createHash("sha256").update(content).digest("hex");
const local = createLocalEngine();
let salt: Salt;
let engine: Engine;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-salt-"));
  salt = await startSalt({ minions: ["web-1"] });
  engine = createSaltEngine(
    saltSettings.parse({
      url: salt.url,
      caFile: salt.caFile,
      eauth: "file",
      user: salt.user,
      passwordFile: salt.passwordFile,
      fileRoot: salt.fileRoot,
      answerMilliseconds: 60_000,
    }),
  );
});
afterAll(async () => {
  await engine?.close();
  await local.close();
  await salt?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function taskOf(id: number, values: ParameterValues, unchecked = false): Task {
  const manifest = builtInModule(id);
  const checked = unchecked ? values : validateParameters(manifest, values);
  const task = renderTask(manifest, checked, { id: "salt", tasks: taskKindsOf("salt") }, () => ({
    bytes: content.length,
  }));
  if (task === undefined) throw new Error(`module ${id} has nothing for Salt`);
  return task;
}

function run(task: Task, on: Engine = engine): Promise<Outcome> {
  const hosts = [{ position: 0, name: "web-1", address: "127.0.0.1", port: 22, jumps: [] }];
  const file = async () =>
    (async function* () {
      yield content;
    })();
  return runJob(on, makeJob(context, hosts, task, { danger: "change", file }));
}

describe("the built-in modules", { timeout: 240_000 }, () => {
  test.each<{ id: number; values: ParameterValues; changes: boolean }>([
    // What a log says, or which modules are loaded, may change from one look to the next.
    { id: 1001, values: { lines: 3 }, changes: true },
    { id: 1002, values: { lines: 3 }, changes: true },
    { id: 1003, values: {}, changes: false },
    { id: 1004, values: {}, changes: true },
    { id: 1006, values: { application: "hosts", comments: true }, changes: false },
  ])("$id answers as it does on the machine itself", async ({ id, values, changes }) => {
    const task = taskOf(id, values);

    const there = await run(task);
    const here = await run(task, local);

    expect(there.end().state).toBe(here.end().state);
    expect(there.end().exitCode).toBe(here.end().exitCode);
    if (!changes) expect(there.stdout().toString()).toBe(here.stdout().toString());
  });

  test("1005 puts a file in its place by the file server and runs what follows", async () => {
    const path = join(folder, "it's $(touch canary) {{7*7}}");

    const outcome = await run(taskOf(1005, { file: sha256, application: "other", path, mode: "0600" }));

    expect(outcome.stderr().toString()).toBe("");
    expect(outcome.end()).toMatchObject({ state: "ok" });
    expect(outcome.stdout().toString()).toContain(`written: ${path}`);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  test("1007 goes by Salt's own service.restart", async () => {
    const task = taskOf(1007, { service: "no-such-service-of-omserver" });

    const outcome = await run(task);

    expect(task).toMatchObject({ kind: "native", name: "service.restart" });
    expect(["failed", "not_started"]).toContain(outcome.end().state);
  });

  test("run nothing that stands in a value", async () => {
    const canary = join(folder, "canary");
    const tricks = [
      `$(touch ${canary})`,
      `'; touch ${canary}; '`,
      `"\n touch ${canary}\n\`touch ${canary}\``,
      `{{ salt['cmd.run']('touch ${canary}') }}{{7*7}}`,
      `-x --file=${canary} |& touch ${canary}`,
    ];
    mkdirSync(join(folder, "place"));

    for (const manifest of builtInModules) {
      for (const trick of tricks) {
        const values = Object.fromEntries(
          Object.entries(manifest.parameters.properties).map(([name, property]) => {
            if (property.format === "file") return [name, sha256];
            return [name, name === "path" ? join(folder, "place", trick.replaceAll("/", "_")) : trick];
          }),
        );
        const outcome = await run(taskOf(manifest.id, values, true));
        expect(outcome.ended.size).toBe(1);
        expect(existsSync(canary), `module ${manifest.id}, ${trick}`).toBe(false);
      }
    }
  });
});

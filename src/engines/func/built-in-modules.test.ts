import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInModule, builtInModules } from "../../../test/testkit/built-in-modules.ts";
import { hostileTexts } from "../../../test/testkit/engine-conformance-posix.ts";
import { makeJob, type Outcome, runJob } from "../../../test/testkit/engine-run.ts";
import { type FuncMinion, startMinion } from "../../../test/testkit/func.ts";
import type { Engine, EngineContext } from "../../contract/engine.ts";
import type { ParameterValues } from "../../contract/module.ts";
import { taskKindsOf } from "../../modules/engine-tasks.ts";
import { validateParameters } from "../../modules/parameters.ts";
import { renderTask } from "../../modules/render.ts";
import { createFuncEngine } from "./func-engine.ts";

/** The catalogue's own modules through a minion of this machine, with harmless and with hostile values. */

let minion: FuncMinion;
let engine: Engine;
const content = Buffer.from("worker_processes 4;\n中文\n");
const sha256 = createHash("sha256").update(content).digest("hex");

beforeAll(async () => {
  minion = await startMinion();
  engine = createFuncEngine(minion.settings());
  const script = join(minion.services, "nginx");
  writeFileSync(script, '#!/bin/sh\necho "$1" >>"$0.log"\n');
  chmodSync(script, 0o755);
});

afterAll(async () => {
  await engine.close();
  await minion.stop();
});

/** `unchecked`: as if the form's rules had been got round. */
function run(id: number, values: ParameterValues, unchecked = false): Promise<Outcome> {
  const manifest = builtInModule(id);
  const checked = unchecked ? values : validateParameters(manifest, values);
  const task = renderTask(manifest, checked, { id: "func", tasks: taskKindsOf("func") }, () => ({
    bytes: content.length,
  }));
  if (task === undefined) throw new Error(`Module ${id} has nothing for Func.`);
  const context: EngineContext = {
    credential: async () => {
      throw new Error("Func signs in by certificate");
    },
    hostKeys: { check: async () => "unknown" },
    file: async () =>
      (async function* () {
        yield content;
      })(),
  };
  const host = { position: 0, name: minion.name, address: minion.address(1), port: 22, jumps: [] };
  return runJob(engine, makeJob(context, [host], task, context));
}

describe("the built-in modules by Func", () => {
  it("show the kernel's modules and the system's version", async () => {
    for (const id of [1003, 1004]) {
      const outcome = await run(id, {});
      expect(["ok", "failed"]).toContain(outcome.end().state);
      expect(outcome.stdout().length + outcome.stderr().length).toBeGreaterThan(0);
    }
  });

  it("show logs and configurations, or say on stderr why there are none", async () => {
    for (const [id, values] of [
      [1001, { lines: 3 }],
      [1002, { lines: 3 }],
      [1006, { application: "hosts" }],
    ] as const) {
      const outcome = await run(id, values);
      expect(outcome.end().exitCode).toBe(outcome.stdout().length > 0 ? 0 : 1);
    }
    expect((await run(1006, { application: "hosts" })).stdout().toString()).toContain("localhost");
  });

  it("put a library file in its place", async () => {
    const path = join(minion.folder, "synced.conf");

    const first = await run(1005, { file: sha256, path, follow_up: "none" });
    const second = await run(1005, { file: sha256, path, follow_up: "none" });

    expect(first.end()).toMatchObject({ state: "ok" });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(second.stdout().toString()).toContain(`unchanged: ${path}`);
  });

  it("restart a service by Func's own service module", async () => {
    const outcome = await run(1007, { service: "nginx" });

    expect(outcome.end()).toMatchObject({ state: "ok", exitCode: 0 });
    expect(readFileSync(join(minion.services, "nginx.log"), "utf8")).toBe("restart\n");
  });

  it("never take a value for anything but data", async () => {
    const hostile = hostileTexts.filter((text) => /canary|\$|`|;/.test(text) && text.length < 1000);
    for (const { id, parameters } of builtInModules) {
      const names = Object.entries(parameters.properties).filter(([, property]) => property.type === "string");
      for (const [name] of names) {
        await Promise.all(
          hostile.map(async (text) => {
            const good: ParameterValues = {
              lines: 1,
              application: "hosts",
              service: "nginx",
              file: sha256,
              path: join(minion.folder, "fuzz"),
              follow_up: "none",
            };
            const known = Object.fromEntries(Object.entries(good).filter(([key]) => key in parameters.properties));
            await run(id, { ...known, [name]: text }, true).catch((error: unknown) => {
              // A value that names no library file or place is refused before there is a task.
              expect(error).toMatchObject({ code: "module.parameters" });
            });
          }),
        );
      }
    }
    for (const folder of [minion.folder, minion.services, process.cwd(), "/", "/root", "/tmp"]) {
      expect(existsSync(join(folder, "canary")), folder).toBe(false);
    }
    expect(readdirSync(minion.services).sort()).toEqual(["nginx", "nginx.log"]);
  }, 300_000);
});

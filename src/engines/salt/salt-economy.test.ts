import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, makeJob, type Outcome, runJob, until } from "../../../test/testkit/engine-run.ts";
import { type Salt, startSalt } from "../../../test/testkit/salt.ts";
import type { Engine, EngineEvent, EngineHost, Task } from "../../contract/engine.ts";
import { createSaltEngine } from "./salt-engine.ts";
import { saltSettings } from "./settings.ts";

/** What a run costs its minions: each job is a process on each of them. */

let salt: Salt;
let folder: string;
let engine: Engine;
const hosts = ["web-1", "web-2"].map(
  (name, position): EngineHost => ({ position, name, address: "127.0.0.1", port: 22, jumps: [] }),
);
/** Prints the execution's folder on the host. */
const where = command(["/bin/sh", "-c", 'printf "/var/tmp/.omserver-%s/%s" "$(id -u)" "$OMSERVER_EXECUTION"']);

function engineWith(answerMilliseconds: number): Engine {
  const { url, caFile, user, passwordFile, fileRoot } = salt;
  return createSaltEngine(
    saltSettings.parse({ url, caFile, eauth: "file", user, passwordFile, fileRoot, answerMilliseconds }),
  );
}

function run(task: Task, on: Engine = engine, each?: (event: EngineEvent) => void): Promise<Outcome> {
  const context = {
    credential: async () => {
      throw new Error("no credential is needed here");
    },
    hostKeys: { check: async () => "unknown" as const },
  };
  return runJob(on, makeJob(context, hosts, task, { danger: "change" }), undefined, each);
}

/** Functions of the jobs that the master has published, in no order. */
function published(): string[] {
  const cache = join(salt.folder, "m/cache/jobs");
  return readdirSync(cache, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("/.load.p"))
    .map((path) => readFileSync(join(cache, path), "latin1"))
    .map((load) => /test\.ping|cmd\.run_all/.exec(load)?.[0] ?? "another");
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-salt-"));
  salt = await startSalt({ minions: hosts.map((host) => host.name) });
  engine = engineWith(60_000);
});
afterAll(async () => {
  await engine?.close();
  await salt?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a run on Salt minions", { timeout: 180_000 }, () => {
  test("is one job where the minions were heard of just now, and removes what the run before it left", async () => {
    let [first, second, jobs] = await twice();
    // Where the machine is busy, the answers come so late that they are asked after.
    for (let tries = 0; jobs > 1 && tries < 5; tries += 1) [first, second, jobs] = await twice();

    const folders = [first, second].map((outcome) => [0, 1].map((position) => outcome.stdout(position).toString()));
    expect(jobs).toBe(1);
    expect(folders.flat().every((path) => /^\/var\/tmp\/\.omserver-\d+\/[0-9a-f]{24}-\d+$/.test(path))).toBe(true);
    expect(folders[0]?.map((path) => existsSync(path))).toEqual([false, false]);
    expect(folders[1]?.map((path) => existsSync(path))).toEqual([true, true]);

    async function twice(): Promise<[Outcome, Outcome, number]> {
      const one = await run(where);
      const before = published().length;
      return [one, await run(where), published().length - before];
    }
  });

  test("leaves an execution alone that is under way on another minion of its job", async () => {
    const door = join(folder, "door");
    const oneWaits = command([
      ...["/bin/sh", "-c"],
      'mkdir "$1" 2>/dev/null || { echo short; exit; }; while [ -d "$1" ]; do sleep 0.1; done; echo long',
      ...["sh", door],
    ]);
    let ended = 0;
    const job = run(oneWaits, engine, (event) => {
      if (event.kind === "ended") ended += 1;
    });
    await until("one of them has ended", () => ended === 1);
    const others = await run(where);
    const stillRunning = ended === 1;
    rmSync(door, { recursive: true });

    const outcome = await job;

    expect(stillRunning).toBe(true);
    expect([others.end(0).state, others.end(1).state]).toEqual(["ok", "ok"]);
    expect([outcome.stdout(0).toString(), outcome.stdout(1).toString()].sort()).toEqual(["long\n", "short\n"]);
    expect([outcome.end(0), outcome.end(1)]).toMatchObject([{ state: "ok" }, { state: "ok" }]);
  });

  test("leaves nothing on its hosts when the engine is closed", async () => {
    const other = engineWith(60_000);
    const outcome = await run(where, other);
    const folders = [0, 1].map((position) => outcome.stdout(position).toString());
    const before = folders.map((path) => existsSync(path));

    await other.close();

    expect(before).toEqual([true, true]);
    await until("both folders are gone", () => !folders.some((path) => existsSync(path)));
  });

  test("ends as unknown, and not at its time limit, on a minion that fell silent before it was sent", async () => {
    const quick = engineWith(10_000);
    const path = join(folder, "silent");
    const heard = await run(command(["true"]), quick);
    salt.minions.get("web-2")?.signal("SIGSTOP");
    const begun = performance.now();

    const outcome = await run(command(["touch", path]), quick);

    const seconds = (performance.now() - begun) / 1000;
    salt.minions.get("web-2")?.signal("SIGCONT");
    await quick.close();
    expect([heard.end(0).state, heard.end(1).state]).toEqual(["ok", "ok"]);
    expect(outcome.end(0).state).toBe("ok");
    expect(outcome.end(1)).toMatchObject({ state: "unknown", reason: expect.stringContaining("has answered nothing") });
    expect(seconds).toBeLessThan(59);
  });
});

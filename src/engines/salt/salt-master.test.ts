import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command, makeJob, type Outcome, runJob, until } from "../../../test/testkit/engine-run.ts";
import { type Salt, startSalt } from "../../../test/testkit/salt.ts";
import type { Engine, EngineHealth, EngineHost, Task } from "../../contract/engine.ts";
import { createSaltEngine } from "./salt-engine.ts";
import { saltSettings } from "./settings.ts";

/** What stands between the engine and its minions: the master, its keys, its permissions and its outages. */

const signal = new AbortController().signal;
const context = {
  credential: async () => {
    throw new Error("no credential is needed here");
  },
  hostKeys: { check: async () => "unknown" as const },
};
let salt: Salt;
let folder: string;
let engine: Engine;

function engineWith(changes: Readonly<Record<string, unknown>> = {}): Engine {
  return createSaltEngine(
    saltSettings.parse({
      url: salt.url,
      caFile: salt.caFile,
      eauth: "file",
      user: salt.user,
      passwordFile: salt.passwordFile,
      answerMilliseconds: 20_000,
      ...changes,
    }),
  );
}

function host(name: string, position = 0): EngineHost {
  return { position, name, address: "127.0.0.1", port: 22, jumps: [] };
}

function run(task: Task, hosts: readonly EngineHost[], on: Engine = engine): Promise<Outcome> {
  return runJob(on, makeJob(context, hosts, task, { danger: "change" }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-salt-"));
  salt = await startSalt({ minions: [], autoAccept: false });
  engine = engineWith({ fileRoot: salt.fileRoot });
});
afterAll(async () => {
  await engine?.close();
  await salt?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a Salt master", { timeout: 120_000 }, () => {
  test("shows the keys of minions, and takes in, refuses and forgets them by their exact names", async () => {
    const keyring = engine.keyring;
    if (keyring === undefined) throw new Error("no keyring");
    for (const name of ["web-1", "web-2", "guest"]) await salt.startMinion(name);

    const asking = await keyring.list(signal);
    await expect(keyring.change("web-*", "accept", signal)).rejects.toMatchObject({ code: "engine.unusable" });
    await keyring.change("web-1", "accept", signal);
    await keyring.change("web-2", "accept", signal);
    await keyring.change("guest", "reject", signal);
    const decided = await keyring.list(signal);
    salt.minions.get("guest")?.signal("SIGKILL");
    await keyring.change("guest", "delete", signal);
    const left = await keyring.list(signal);

    expect(new Set(asking.map(({ name, state }) => `${name} ${state}`))).toEqual(
      new Set(["web-1 pending", "web-2 pending", "guest pending"]),
    );
    expect(new Set(decided.map(({ name, state }) => `${name} ${state}`))).toEqual(
      new Set(["web-1 accepted", "web-2 accepted", "guest rejected"]),
    );
    expect(left.map((key) => key.name).sort()).toEqual(["web-1", "web-2"]);
  });

  test("knows hosts with their grains, once they have signed in", async () => {
    await until("both minions answer", async () => {
      const outcome = await run(command(["true"]), [host("web-1"), host("web-2", 1)]);
      return outcome.end(0).state === "ok" && outcome.end(1).state === "ok";
    });

    const hosts = await engine.hostSource?.discover(signal);

    expect(hosts?.map((each) => each.name).sort()).toEqual(["web-1", "web-2"]);
    expect(hosts?.find((each) => each.name === "web-1")).toMatchObject({
      os: expect.stringMatching(/\w/),
      groups: ["web", "only-web-1"],
      facts: { id: "web-1", kernel: "Linux" },
    });
  });

  test("that restarts its salt-api while a command runs loses no result", async () => {
    const path = join(folder, "restart");
    const running = run(command(["/bin/sh", "-c", 'echo begun; touch "$1"; sleep 6; echo done', "sh", path]), [
      host("web-1"),
      host("web-2", 1),
    ]);
    await until("the command runs", () => readdirSync(folder).includes("restart"));
    await salt.restartApi();

    const outcome = await running;

    for (const position of [0, 1]) {
      expect(outcome.end(position)).toMatchObject({ state: "ok", output: "complete" });
      expect(outcome.stdout(position).toString()).toBe("begun\ndone\n");
    }
  });

  test("that keeps a day's jobs keeps no secret of theirs, nor does the host", async () => {
    const secret = "canary-7d20c6";
    const task = command(["/bin/sh", "-c", 'printf "%s" "$OM_SECRET" | sha256sum'], {
      environment: { OM_SECRET: secret, OM_PLAIN: "to be seen 51ab" },
      secretNames: ["OM_SECRET"],
    });

    const outcome = await run(task, [host("web-1"), host("web-2", 1)]);

    const hash = createHash("sha256").update(secret).digest("hex");
    expect(outcome.stdout(1).toString()).toContain(hash);
    const found = execFileSync("sh", [
      "-c",
      'grep -rlaF -e "$1" "$2" /var/tmp/.omserver-* || true',
      "sh",
      secret,
      salt.folder,
    ]);
    expect(found.toString()).toBe("");
    expect(readdirSync(join(salt.fileRoot, "omserver"))).toEqual([]);
  });

  test("without a file server of ours carries no secret, and files up to 16 MiB", async () => {
    const without = engineWith();
    const content = Buffer.alloc(700_000, "content 中文\n");
    const sha256 = createHash("sha256").update(content).digest("hex");
    const place = join(folder, "pieces");
    mkdirSync(place);
    const file: Task = {
      kind: "file",
      sha256,
      bytes: content.length,
      destination: join(place, "f"),
      keepOld: true,
      afterAlways: false,
    };
    const hosts = [host("web-1")];
    const changes = {
      file: async () =>
        (async function* () {
          yield content;
        })(),
    };

    const secret = await run(command(["true"], { environment: { A: "b" }, secretNames: ["A"] }), hosts, without);
    const small = await runJob(without, makeJob(context, hosts, file, changes));
    const large = await runJob(
      without,
      makeJob(context, hosts, { ...file, sha256: "0".repeat(64), bytes: 17 * 1024 * 1024 }, changes),
    );
    await without.close();

    expect(secret.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("fileRoot") });
    expect(small.end()).toMatchObject({ state: "ok" });
    expect(readFileSync(join(place, "f")).equals(content)).toBe(true);
    expect(large.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("fileRoot") });
  });

  test("says in a dry run what a file task would do, and does nothing", async () => {
    const path = join(folder, "dry");
    writeFileSync(path, "old");
    const file: Task = {
      kind: "file",
      sha256: "a".repeat(64),
      bytes: 5,
      destination: path,
      mode: "0600",
      keepOld: true,
      after: ["touch", join(folder, "after")],
      afterAlways: true,
    };

    const outcome = await runJob(engine, makeJob(context, [host("web-1")], file, { check: true }));

    expect(outcome.stdout().toString()).toBe(`would be replaced: ${path} (5 bytes, SHA-256 aaaaaaaaaaaa…)\n`);
    expect(outcome.end()).toMatchObject({ state: "ok" });
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).not.toContain("after");
  });

  test("reports a minion that does not answer as unreachable, and what it cannot know as unknown", async () => {
    const quick = engineWith({ answerMilliseconds: 10_000 });
    const frozen = salt.minions.get("web-2");
    const path = join(folder, "frozen");
    frozen?.signal("SIGSTOP");
    const gone = await run(command(["touch", path]), [host("web-1"), host("web-2", 1)], quick);
    frozen?.signal("SIGCONT");

    expect(gone.end(0).state).toBe("ok");
    expect(gone.end(1)).toMatchObject({ state: "unreachable", reason: expect.stringContaining("web-2") });
    await quick.close();
  });

  test("that has no connection of a minion makes it unreachable soon, unless it answers all the same", async () => {
    // The master knows a connected minion by its addresses. One behind NAT does not know the address that it comes from.
    const home = await salt.startMinion("home", { source_ip: "127.0.0.2", grains: { ipv4: ["127.0.0.2"] } });
    const behindNat = await salt.startMinion("behind-nat", { grains: { ipv4: ["198.51.100.7"] } });
    for (const name of ["home", "behind-nat"]) await engine.keyring?.change(name, "accept", signal);
    const hosts = [host("home"), host("behind-nat", 1)];
    await until("both answer", async () => {
      const outcome = await run(command(["true"]), hosts);
      return outcome.end(0).state === "ok" && outcome.end(1).state === "ok";
    });
    behindNat.signal("SIGKILL");
    const other = engineWith();

    const begun = performance.now();
    const gone = await run(command(["true"]), [host("behind-nat", 1)], other);
    const seconds = (performance.now() - begun) / 1000;

    expect(home.name).toBe("home");
    expect(gone.end(1)).toMatchObject({
      state: "unreachable",
      reason: expect.stringContaining("is not connected to its master, and did not answer a ping within 3 s"),
    });
    expect(seconds).toBeLessThan(20);
    await other.close();
  });
});

describe("a probe", { timeout: 60_000 }, () => {
  async function probed(changes: Readonly<Record<string, unknown>>): Promise<EngineHealth> {
    const other = engineWith(changes);
    const health = await other.probe(signal);
    await other.close();
    return health;
  }

  test("says what is wrong and how it is mended", async () => {
    const wrong = join(folder, "wrong-password");
    writeFileSync(wrong, "nonsense\n");

    const closed = await probed({ url: "https://127.0.0.1:1" });
    const untrusted = await probed({ caFile: undefined });
    const password = await probed({ passwordFile: wrong });
    const unreadable = await probed({ passwordFile: join(folder, "nowhere") });
    const noSalt = await probed({ url: `${salt.url}/nowhere` });

    expect(closed).toMatchObject({ usable: false, reason: expect.stringContaining("cannot be reached") });
    expect(untrusted).toMatchObject({
      usable: false,
      reason: expect.stringContaining("not trusted"),
      mend: expect.stringContaining("caFile"),
    });
    expect(password).toMatchObject({
      usable: false,
      reason: expect.stringContaining("refused the sign-in"),
      mend: expect.stringContaining("external_auth"),
    });
    expect(unreadable).toMatchObject({ usable: false, reason: expect.stringContaining("nowhere") });
    expect(noSalt).toMatchObject({ usable: false, reason: expect.stringContaining("404") });
  });
});

describe("an account with few permissions", { timeout: 120_000 }, () => {
  let poor: Salt;
  beforeAll(async () => {
    poor = await startSalt({ minions: [], permissions: ["test.ping"] });
  });
  afterAll(() => poor?.stop());

  test("is told which one is missing and where to give it", async () => {
    const other = engineWith({ url: poor.url, caFile: poor.caFile, passwordFile: poor.passwordFile });

    const health = await other.probe(signal);
    const keys = await other.keyring?.list(signal).catch((error: Error) => error);
    const hosts = await other.hostSource?.discover(signal).catch((error: Error) => error);
    await other.close();

    expect(health).toMatchObject({
      usable: false,
      reason: expect.stringContaining("cmd.run_all"),
      mend: expect.stringContaining("external_auth"),
    });
    expect(keys).toMatchObject({ code: "engine.unusable", message: expect.stringContaining("@wheel") });
    expect(hosts).toMatchObject({ code: "engine.unusable", message: expect.stringContaining("@runner") });
  });
});

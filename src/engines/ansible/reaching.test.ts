import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnsibleWorld, ansibleOfToday, startAnsibleWorld } from "../../../test/testkit/ansible.ts";
import { command, makeJob, type Outcome, runJob } from "../../../test/testkit/engine-run.ts";
import { account, makeKey } from "../../../test/testkit/sshd.ts";
import type { Credential } from "../../contract/credential.ts";
import type { EngineContext, EngineHost, HostKeys } from "../../contract/engine.ts";

const never = new AbortController().signal;
type Verdict = Awaited<ReturnType<HostKeys["check"]>>;

describe("reaching hosts by Ansible", { timeout: 240_000 }, () => {
  let world: AnsibleWorld;
  let credentials: Record<string, Credential>;
  beforeAll(async () => {
    world = await startAnsibleWorld({
      programs: ansibleOfToday(),
      sshd: { account: true, config: ["PasswordAuthentication yes"] },
    });
    const { sshd, folder } = world;
    const keys = { rsa: ["-t", "rsa", "-b", "2048"], ecdsa: ["-t", "ecdsa", "-b", "384"], locked: ["-t", "ed25519"] };
    for (const [name, options] of Object.entries(keys)) {
      makeKey(join(folder, name), [...options, "-N", name === "locked" ? "pass phrase" : ""]);
      execFileSync("sh", [
        "-c",
        'cat "$1" >> "$2"',
        "sh",
        join(folder, `${name}.pub`),
        join(sshd.folder, "authorized_keys"),
      ]);
    }
    const key = (name: string) => readFileSync(join(folder, name), "utf8");
    credentials = {
      key: { kind: "key", privateKey: sshd.privateKey },
      rsa: { kind: "key", privateKey: key("rsa") },
      ecdsa: { kind: "key", privateKey: key("ecdsa") },
      locked: { kind: "key_file", path: join(folder, "locked"), passphrase: "pass phrase" },
      wrong: { kind: "key_file", path: join(folder, "locked"), passphrase: "another" },
      password: { kind: "password", user: account.name, password: account.password },
      badPassword: { kind: "password", user: account.name, password: "not it" },
    };
  });
  afterAll(() => world?.close());

  function context(verdict: Verdict = "trusted", seen: unknown[] = []): Omit<EngineContext, "file"> {
    return {
      credential: async (name) => {
        const found = credentials[name];
        if (found === undefined) throw new Error(`there is no credential “${name}”`);
        return found;
      },
      hostKeys: {
        check: async (address, port, key) => {
          seen.push([address, port, Buffer.from(key).equals(world.sshd.hostKey)]);
          return verdict;
        },
      },
    };
  }
  function run(
    hosts: readonly EngineHost[],
    verdict?: Verdict,
    seen?: unknown[],
    argv = ["id", "-un"],
  ): Promise<Outcome> {
    return runJob(world.engine, makeJob(context(verdict, seen), hosts, command(argv)));
  }

  it("signs in with keys of every kind, encrypted ones too, and with passwords", async () => {
    const names = ["key", "rsa", "ecdsa", "locked", "password", "wrong", "missing", "badPassword"];

    const outcome = await run(names.map((credential, position) => world.host(position, { credential })));

    for (const position of [0, 1, 2, 3]) expect(outcome.stdout(position).toString()).toBe(`${world.sshd.user}\n`);
    expect(outcome.stdout(4).toString()).toBe(`${account.name}\n`);
    expect(outcome.end(5)).toMatchObject({ state: "not_started", reason: expect.stringMatching(/cannot be used/) });
    expect(outcome.end(6)).toMatchObject({
      state: "not_started",
      reason: expect.stringMatching(/no credential “missing”/),
    });
    expect(outcome.end(7)).toMatchObject({
      state: "unreachable",
      reason: expect.stringMatching(/refused the sign-in/),
    });
  });

  it("becomes another user with the password of the credential, which no process list and no file shows", async () => {
    const look =
      'id -un; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep -c "$1" || :';
    const found: string[] = [];

    const outcome = await runJob(
      world.engine,
      makeJob(
        context(),
        [world.host(0, { credential: "password" })],
        command(["sh", "-c", look, "sh", "account 5f1[c]"]),
        {
          become: { user: "root" },
        },
      ),
      undefined,
      () => {
        for (const folder of readdirSync("/dev/shm").filter((name) => name.startsWith("om-"))) {
          const path = join("/dev/shm", folder, "inventory.json");
          // Another test's is removed at any moment.
          for (const each of [join("/dev/shm", folder), path]) {
            const mode = existsSync(path) ? statSync(each, { throwIfNoEntry: false })?.mode : undefined;
            if (mode !== undefined) found.push((mode & 0o777).toString(8));
          }
        }
      },
    );

    expect(outcome.stdout().toString()).toBe("root\n0\n");
    expect(new Set(found)).toEqual(new Set(["700", "600"]));
    expect(readdirSync(join(world.folder, "engine")).filter((name) => name.startsWith("om-"))).toEqual([]);
  });

  it("goes through jump hosts, each with its own credential and a checked key", async () => {
    const { address, port } = world.sshd;
    const seen: unknown[] = [];
    const jumps = [
      { address: address(30_001), port, credential: "rsa" },
      { address: address(30_002), port, credential: "key" },
    ];

    const outcome = await run([world.host(0, { jumps }), world.host(1, { jumps })], "trusted", seen, [
      "sh",
      "-c",
      "echo $SSH_CONNECTION",
    ]);

    for (const position of [0, 1]) expect(outcome.stdout(position).toString()).toContain(address(position));
    for (const place of [30_001, 30_002, 0, 1]) expect(seen).toContainEqual([address(place), port, true]);
  });

  it("asks the controller about every host key, and runs nothing where the answer is no", async () => {
    const place = join(world.folder, "canary");
    for (const verdict of ["unknown", "changed"] as const) {
      const seen: unknown[] = [];

      const outcome = await run([world.host(100)], verdict, seen, ["touch", place]);

      expect(seen).toEqual([[world.sshd.address(100), world.sshd.port, true]]);
      expect(outcome.end(100)).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/host key|known/) });
      expect(existsSync(place)).toBe(false);
    }
  });

  it("tells when a key was trusted on first use, and asks anew at every job", async () => {
    const first = await run([world.host(101)], "trusted_first_use");
    const warm: unknown[] = [];
    const again = await run([world.host(101)], "trusted", warm);
    const forgotten = await run([world.host(101)], "unknown");

    expect(first.events).toContainEqual({ kind: "notice", position: 101, message: expect.stringMatching(/first use/) });
    expect(first.end(101).state).toBe("ok");
    expect(again.end(101).state).toBe("ok");
    expect(warm).toEqual([[world.sshd.address(101), world.sshd.port, true]]);
    expect(forgotten.end(101).state).toBe("unreachable");
  });

  it("takes no name, address or account for an option, a pattern or a line of a file", async () => {
    const canary = join(world.folder, "canary");
    const odd: Partial<EngineHost>[] = [
      { address: `-oProxyCommand=touch ${canary}` },
      { address: `x\n  ProxyCommand touch ${canary}` },
      { user: `root" -oProxyCommand="touch ${canary}` },
      { user: "{{ lookup('pipe', 'touch canary') }}" },
      { name: "all" },
      { name: "host[1:3]" },
      { name: "{{7*7}}" },
      { name: "a,b" },
      { jumps: [{ address: `%h;touch ${canary}`, port: 22 }] },
    ];

    const outcome = await run(odd.map((changes, position) => world.host(position, changes)));

    for (let position = 0; position < odd.length; position++) {
      expect(outcome.end(position)).toMatchObject({ state: "not_started", reason: expect.stringMatching(/\w/) });
    }
    expect(existsSync(canary)).toBe(false);
  });

  it("tests a connection and says what is wrong with it", async () => {
    const { engine, host, sshd } = world;
    function test(changes: Partial<EngineHost>, verdict?: Verdict) {
      const whole = { ...context(verdict), file: async () => Promise.reject(new Error("no file")) };
      return engine.testConnection?.(host(0, changes), whole, never);
    }

    expect(await test({})).toMatchObject({ ok: true, message: expect.stringContaining("Signed in") });
    expect(await test({ credential: "password" })).toMatchObject({ ok: true });
    expect(await test({ port: 1 })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/refused the connection/),
    });
    expect(await test({ credential: "badPassword" })).toMatchObject({
      ok: false,
      message: expect.stringMatching(/sign-in/),
    });
    expect(await test({ address: sshd.address(200) }, "unknown")).toMatchObject({
      ok: false,
      message: expect.stringMatching(/not known/),
    });
  });
});

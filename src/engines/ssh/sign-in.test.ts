import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command, type JobChanges, makeJob, type Outcome, runJob, until } from "../../../test/testkit/engine-run.ts";
import { account, makeKey, type Sshd, startSshd } from "../../../test/testkit/sshd.ts";
import type { Credential } from "../../contract/credential.ts";
import type { Engine, EngineHost, Task } from "../../contract/engine.ts";
import { createSshEngine } from "./ssh-engine.ts";

const asRoot = process.getuid?.() === 0;
let folder: string;
let engine: Engine;
let sshd: Sshd;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-sign-in-"));
  chmodSync(folder, 0o755);
  for (const type of ["ed25519", "rsa", "ecdsa"]) makeKey(join(folder, type), ["-t", type, "-N", ""]);
  makeKey(join(folder, "encrypted"), ["-t", "ed25519", "-N", "pass phrase", "-a", "4"]);
  makeKey(join(folder, "ca"));
  makeKey(join(folder, "certified"));
  makeKey(join(folder, "certified_rsa"), ["-t", "rsa", "-N", ""]);
  makeKey(join(folder, "certified_ecdsa"), ["-t", "ecdsa", "-N", ""]);
  sshd = await startSshd({
    account: asRoot,
    config: [
      `TrustedUserCAKeys ${folder}/ca.pub`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      "PasswordAuthentication yes",
      ...(asRoot ? ["UsePAM yes", "KbdInteractiveAuthentication yes"] : []),
    ],
  });
  const allowed = ["ed25519", "rsa", "ecdsa", "encrypted"].map((name) =>
    readFileSync(join(folder, `${name}.pub`), "utf8"),
  );
  writeFileSync(join(folder, "authorized_keys"), allowed.join(""));
  engine = createSshEngine({ threads: 1 });
});

afterAll(async () => {
  await engine?.close();
  await sshd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function text(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

function sign(key: string, options: readonly string[] = ["-n", sshd.user, "-V", "-5m:+5m"]): string {
  execFileSync("ssh-keygen", ["-q", "-s", join(folder, "ca"), "-I", "test", ...options, join(folder, `${key}.pub`)], {
    stdio: "ignore",
  });
  return text(`${key}-cert.pub`);
}

function signIn(
  credential: Credential,
  task: Task = command(["echo", "in"]),
  changes: JobChanges = {},
  host: Partial<EngineHost> = {},
): Promise<Outcome> {
  const context = {
    credential: async () => credential,
    hostKeys: { check: async () => "trusted" as const },
  };
  const hosts = [
    { position: 0, name: "web01", address: sshd.address(0), port: sshd.port, credential: "c", jumps: [], ...host },
  ];
  return runJob(engine, makeJob(context, hosts, task, changes));
}

describe("signing in by key", () => {
  it.each(["ed25519", "rsa", "ecdsa"])("takes an %s key", async (type) => {
    const outcome = await signIn({ kind: "key", privateKey: text(type) });

    expect(outcome.end()).toMatchObject({ state: "ok" });
    expect(outcome.stdout().toString()).toBe("in\n");
  });

  it("takes an RSA key in PEM", async () => {
    makeKey(join(folder, "pem"), ["-t", "rsa", "-m", "PEM", "-N", ""]);
    writeFileSync(join(folder, "authorized_keys"), text("authorized_keys") + text("pem.pub"));

    expect((await signIn({ kind: "key", privateKey: text("pem") })).end().state).toBe("ok");
  });

  it("takes an encrypted key with its passphrase, from text or file", async () => {
    const fromText = await signIn({ kind: "key", privateKey: text("encrypted"), passphrase: "pass phrase" });
    const fromFile = await signIn({ kind: "key_file", path: join(folder, "encrypted"), passphrase: "pass phrase" });

    expect([fromText.end().state, fromFile.end().state]).toEqual(["ok", "ok"]);
  });

  it.each([
    ["a wrong passphrase", { passphrase: "wrong" }, /passphrase is wrong/],
    ["no passphrase", {}, /no passphrase is set/],
  ])("tries nothing with %s and says so", async (_, passphrase, reason) => {
    const outcome = await signIn({ kind: "key", privateKey: text("encrypted"), ...passphrase });

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringMatching(reason) });
  });

  it.each([
    ["no key at all", "hello", /cannot be read/],
    ["a public key", undefined, /public key/],
  ])("tries nothing with %s and says so", async (_, privateKey, reason) => {
    const outcome = await signIn({ kind: "key", privateKey: privateKey ?? text("ed25519.pub") });

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringMatching(reason) });
  });

  it("says which file is missing", async () => {
    const outcome = await signIn({ kind: "key_file", path: join(folder, "missing") });

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("missing") });
  });

  it("calls a host unreachable that refuses the key, and names what to check", async () => {
    const outcome = await signIn({ kind: "key", privateKey: text("certified") });

    expect(outcome.end()).toMatchObject({
      state: "unreachable",
      reason: expect.stringMatching(/web01 .*refused the sign-in/),
    });
  });
});

describe("signing in by certificate", () => {
  it.each(["certified", "certified_rsa", "certified_ecdsa"])("takes a user certificate (%s)", async (key) => {
    const certificate = sign(key);

    const outcome = await signIn({ kind: "key", privateKey: text(key), certificate });

    expect(outcome.end()).toMatchObject({ state: "ok" });
    expect(outcome.stdout().toString()).toBe("in\n");
  });

  it("keeps every other promise: exit code, signal, streams, connection kept", async () => {
    sign("certified");
    const credential: Credential = {
      kind: "key_file",
      path: join(folder, "certified"),
      certificatePath: join(folder, "certified-cert.pub"),
    };

    const signal = await signIn(credential, command(["/bin/sh", "-c", "echo out; echo err >&2; kill -USR2 $$"]));
    const code = await signIn(credential, command(["/bin/sh", "-c", "exit 255"]));

    expect(signal.end()).toMatchObject({ state: "failed", signal: "USR2" });
    expect(signal.stderr().toString()).toBe("err\n");
    expect(code.end()).toMatchObject({ state: "failed", exitCode: 255 });
  });

  it.each([
    ["expired", () => sign("certified", ["-n", "root", "-V", "-2h:-1h"]), /expired at/],
    ["not valid yet", () => sign("certified", ["-n", "root", "-V", "+1h:+2h"]), /not valid yet/],
    ["one for hosts", () => sign("certified", ["-h", "-n", "web01"]), /host certificate/],
    ["one of another key's type", () => sign("certified_rsa"), /do not belong together/],
    ["cut", () => sign("certified").slice(0, 200), /cut or damaged/],
    ["no certificate", () => text("certified.pub"), /not an OpenSSH certificate/],
  ])("tries nothing with a certificate that is %s, and says so", async (_, make, reason) => {
    const outcome = await signIn({ kind: "key", privateKey: text("certified"), certificate: make() });

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringMatching(reason) });
  });

  it("is refused where the certificate names other accounts", async () => {
    const certificate = sign("certified", ["-n", "somebody-else", "-V", "-5m:+5m"]);

    const outcome = await signIn({ kind: "key", privateKey: text("certified"), certificate });

    expect(outcome.end().state).toBe("unreachable");
  });
});

describe("signing in by agent", () => {
  it("uses the agent's keys and certificates, and none of ours", async () => {
    const socket = join(folder, "agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    try {
      await until("the agent answers", () => {
        try {
          execFileSync("ssh-add", ["-q", join(folder, "rsa")], { env, stdio: "ignore" });
          return true;
        } catch {
          return false;
        }
      });
      const key = await signIn({ kind: "agent", socket });
      execFileSync("ssh-add", ["-q", "-D"], { env, stdio: "ignore" });
      const none = await signIn({ kind: "agent", socket }, command(["true"]), {}, { address: sshd.address(1) });
      for (const name of ["certified", "certified_rsa", "certified_ecdsa"]) {
        sign(name);
        execFileSync("ssh-add", ["-q", "-D"], { env, stdio: "ignore" });
        execFileSync("ssh-add", ["-q", join(folder, name)], { env, stdio: "ignore" });
        const certificate = await signIn({ kind: "agent", socket }, command(["true"]), {}, { port: sshd.port, name });
        expect([name, certificate.end().state]).toEqual([name, "ok"]);
      }

      expect(key.end().state).toBe("ok");
      expect(none.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/refused the sign-in/) });
    } finally {
      agent.kill();
    }
  });

  it("says that the agent is not there", async () => {
    const outcome = await signIn(
      { kind: "agent", socket: join(folder, "no.sock") },
      undefined,
      {},
      { address: sshd.address(2) },
    );

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/agent/) });
  });
});

describe.runIf(asRoot)("signing in by password, and sudo", () => {
  const credential: Credential = { kind: "password", user: account.name, password: account.password };

  it("takes the password", async () => {
    const outcome = await signIn(credential, command(["id", "-un"]));

    expect(outcome.end().state).toBe("ok");
    expect(outcome.stdout().toString()).toBe(`${account.name}\n`);
  });

  it("is refused with a wrong password", async () => {
    const outcome = await signIn({ ...credential, password: "wrong" });

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/refused the sign-in/) });
  });

  it("answers a keyboard-interactive question where only that is offered", async () => {
    const interactive = await startSshd({
      account: true,
      config: ["UsePAM yes", "KbdInteractiveAuthentication yes", "AuthenticationMethods keyboard-interactive"],
    });
    try {
      const outcome = await signIn(credential, command(["id", "-un"]), {}, { port: interactive.port });

      expect(outcome.stdout().toString()).toBe(`${account.name}\n`);
    } finally {
      await interactive.stop();
    }
  });

  it("becomes root by sudo with the account's password, which nobody on the host can see", async () => {
    const look =
      "id -un; ps -eww -o args; cat /proc/[0-9]*/cmdline /proc/$$/environ /proc/$PPID/environ 2>/dev/null | tr '\\0' '\\n'";

    const outcome = await signIn(credential, command(["/bin/sh", "-c", look]), { become: { user: "root" } });

    expect(outcome.end().state).toBe("ok");
    expect(outcome.stdout().toString()).toMatch(/^root\n/);
    expect(outcome.stdout().toString()).not.toContain(account.password);
    expect(outcome.stderr().toString()).not.toContain("password");
  });

  it("gives the command its own input behind sudo", async () => {
    const stdin = Buffer.from("first line\nsecond\n");

    const outcome = await signIn(credential, command(["cat"], { stdin }), { become: { user: "root" } });

    expect(outcome.stdout().equals(stdin)).toBe(true);
  });

  it("starts nothing when sudo does not take the password, and says so", async () => {
    const outcome = await signIn(
      { ...credential, becomePassword: "wrong" },
      command(["touch", join(folder, "canary")]),
      {
        become: { user: "root" },
      },
    );

    expect(outcome.end()).toMatchObject({
      state: "not_started",
      reason: expect.stringMatching(/did not accept the password/),
    });
    expect(outcome.events.some((event) => event.kind === "started")).toBe(false);
  });

  it("starts nothing when sudo wants a password and there is none, and says what to do", async () => {
    const outcome = await signIn(
      { kind: "key", user: account.name, privateKey: text("ed25519") },
      command(["touch", join(folder, "canary")]),
      { become: { user: "root" } },
    );

    expect(outcome.end()).toMatchObject({
      state: "not_started",
      reason: expect.stringMatching(/wants a password.*NOPASSWD/),
    });
  });

  it("ends root's processes when the task runs too long, again by sudo with the password", async () => {
    const outcome = await signIn(credential, command(["/bin/sh", "-c", "sleep 991 & sleep 992"]), {
      become: { user: "root" },
      limits: { connectMilliseconds: 20_000, runMilliseconds: 3000, outputBytes: 1000 },
    });

    expect(outcome.end()).toMatchObject({
      state: "timed_out",
      reason: expect.stringMatching(/processes on web01 were ended/),
    });
  });
});

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { ServerChannel } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command, type JobChanges, makeJob, type Outcome, runJob, until } from "../../../test/testkit/engine-run.ts";
import { makeKey, type Sshd, startSshd } from "../../../test/testkit/sshd.ts";
import type { Engine, EngineContext, EngineHost, HostKeys, Task } from "../../contract/engine.ts";
import { createSshEngine } from "./ssh-engine.ts";

let engine: Engine;
let sshd: Sshd;
let folder: string;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-reaching-"));
  sshd = await startSshd();
  engine = createSshEngine({ threads: 1 });
});

afterAll(async () => {
  await engine?.close();
  await sshd?.stop();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

function context(check: HostKeys["check"] = async () => "trusted"): Omit<EngineContext, "file"> {
  return { credential: async () => ({ kind: "key", privateKey: sshd.privateKey }), hostKeys: { check } };
}

function host(changes: Partial<EngineHost> = {}): EngineHost {
  return {
    position: 0,
    name: "web01",
    address: sshd.address(0),
    port: sshd.port,
    credential: "c",
    jumps: [],
    ...changes,
  };
}

function run(
  changes: Partial<EngineHost> = {},
  task: Task = command(["echo", "in"]),
  job: JobChanges = {},
  check?: HostKeys["check"],
): Promise<Outcome> {
  return runJob(engine, makeJob(context(check), [host(changes)], task, job));
}

/** A listener on loopback that does `greet` with each connection. */
async function listen(greet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    greet(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("a host that cannot be reached", () => {
  const short = { limits: { connectMilliseconds: 300, runMilliseconds: 5000, outputBytes: 1000 } };

  it("is named, with what to check, when it refuses the connection", async () => {
    const outcome = await run({ port: 1 });

    expect(outcome.end()).toMatchObject({
      state: "unreachable",
      reason: expect.stringMatching(/^web01 \(127\.1\.0\.1:1\) refused the connection\. Check that sshd/),
    });
  });

  it("is given up after the connect timeout when it is silent", async () => {
    const port = await listen(() => undefined);

    const outcome = await run({ address: "127.0.0.1", port }, undefined, short);

    expect(outcome.end()).toMatchObject({
      state: "unreachable",
      reason: expect.stringMatching(/did not .* within 0\.3 s/),
    });
  });

  it.each([
    ["speaks HTTP", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["hangs up", (socket: Socket) => void socket.end()],
    ["resets", (socket: Socket) => void socket.resetAndDestroy()],
    ["sends an endless line", (socket: Socket) => void socket.write("x".repeat(2_000_000))],
    [
      "sends rubbish behind its greeting",
      (socket: Socket) => void socket.write("SSH-2.0-x\r\n\xff\xff\xff\xff\x00\x00"),
    ],
  ])("is unreachable when it %s", async (_, greet) => {
    const port = await listen(greet);

    const outcome = await run({ address: "127.0.0.1", port }, undefined, short);

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/^web01 \(/) });
  });

  it("is unreachable when its name does not exist", async () => {
    const outcome = await run({ address: "no-such-host.invalid" }, undefined, {
      limits: { connectMilliseconds: 8000, runMilliseconds: 5000, outputBytes: 1000 },
    });

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/name|DNS/) });
  });

  it("is not started when its credential is missing", async () => {
    const job = makeJob(
      { ...context(), credential: async () => Promise.reject(new Error("there is no credential “prod”.")) },
      [host()],
      command(["true"]),
    );

    const outcome = await runJob(engine, job);

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("prod") });
  });

  it("is not started when the intent cannot be written", async () => {
    const outcome = await run({}, command(["touch", join(folder, "canary")]), {
      intend: async () => Promise.reject(new Error("the disk is full")),
    });

    expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("the disk is full") });
    expect(existsSync(join(folder, "canary"))).toBe(false);
  });

  it("runs nothing where the account has no shell for it", async () => {
    const closed = await startSshd({ config: ["ForceCommand echo no entry >&2; exit 1"] });
    try {
      const job = makeJob(
        { ...context(), credential: async () => ({ kind: "key", privateKey: closed.privateKey }) },
        [host({ port: closed.port })],
        command(["touch", join(folder, "canary")]),
      );

      const outcome = await runJob(engine, job);

      expect(outcome.end()).toMatchObject({ state: "not_started", reason: expect.stringContaining("no entry") });
    } finally {
      await closed.stop();
    }
  });
});

it.each([15_000, 16_384, 40_000, 3_000_000])(
  "hands an input of %d bytes to the first command of a connection whole",
  async (bytes) => {
    const input = Buffer.alloc(bytes, "0123456789abcdef\n");
    const address = sshd.address(300 + (bytes % 97));

    const outcome = await run({ address }, command(["sha256sum"], { stdin: input }));

    expect(outcome.stdout().toString()).toBe(`${createHash("sha256").update(input).digest("hex")}  -\n`);
  },
);

it("runs nothing where OpenSSH gives nobody a session, and says so", async () => {
  const closed = await startSshd({ config: ["MaxSessions 0"] });
  try {
    const job = makeJob(
      { ...context(), credential: async () => ({ kind: "key", privateKey: closed.privateKey }) },
      [host({ port: closed.port })],
      command(["touch", join(folder, "session")]),
    );

    const outcome = await runJob(engine, job);

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringContaining("refused") });
    expect(existsSync(join(folder, "session"))).toBe(false);
  } finally {
    await closed.stop();
  }
});

describe("an SSH server that is not OpenSSH", () => {
  /** ssh2's own server, which drops input that comes before it has accepted the request. */
  async function serve(
    onExec: (accept: () => ServerChannel, reject: () => void, command: string) => void,
    { ident = "ssh2js", firstChannel = 0 } = {},
  ) {
    const { Server: SshServer } = await import("ssh2");
    if (!existsSync(join(folder, "other"))) makeKey(join(folder, "other"));
    const server = new SshServer({ hostKeys: [readFileSync(join(folder, "other"))], ident }, (client) => {
      client.on("error", () => undefined);
      client.on("authentication", (attempt) => attempt.accept());
      const { _chanMgr: channels } = client as unknown as { _chanMgr: { _cur: number } };
      channels._cur = firstChannel - 1;
      client.on("session", (accept) => {
        accept().on("exec", (acceptExec, reject, info) => onExec(acceptExec, reject, info.command));
      });
    });
    servers.push(server as unknown as Server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  it("is unreachable at once when it runs no commands, and nothing ran", async () => {
    const port = await serve((_accept, reject) => reject());

    const outcome = await run({ address: "127.0.0.1", port });

    expect(outcome.end()).toMatchObject({
      state: "unreachable",
      reason: expect.stringMatching(/web01 refused to run a command/),
    });
  });

  function runShell(channel: ServerChannel, text: string): void {
    const child = spawn("/bin/sh", ["-c", text]);
    channel.pipe(child.stdin);
    child.stdout.on("data", (data) => channel.write(data));
    child.stderr.on("data", (data) => channel.stderr.write(data));
    child.on("close", (code) => {
      channel.exit(code ?? 1);
      channel.end();
    });
  }

  it("runs a task when it takes its time to accept it", async () => {
    const port = await serve((accept, _reject, text) => {
      setTimeout(() => runShell(accept(), text), 30);
    });

    const outcome = await run(
      { address: "127.0.0.1", port },
      command(["/bin/sh", "-c", "cat; exit 6"], { stdin: Buffer.from("in") }),
    );

    expect(outcome.stdout().toString()).toBe("in");
    expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 6 });
  });

  it("runs a task once though it says that it is OpenSSH and numbers its channels otherwise", async () => {
    const asked: string[] = [];
    const port = await serve(
      (accept, _reject, text) => {
        asked.push(text);
        runShell(accept(), text);
      },
      { ident: "OpenSSH_0.1", firstChannel: 3 },
    );
    const other = createSshEngine({ threads: 1 });

    const outcome = await runJob(
      other,
      makeJob(
        context(),
        [host({ address: "127.0.0.1", port })],
        command(["/bin/sh", "-c", 'echo x >>"$0"', join(folder, "otherwise")]),
      ),
    );
    await other.close();

    expect(outcome.end()).toMatchObject({ state: "ok" });
    expect(readFileSync(join(folder, "otherwise"), "utf8")).toBe("x\n");
    expect(asked.length).toBeGreaterThan(0);
  });
});

/** As the host's administrator sees it. */
function hostKeyFingerprint(): string {
  const shown = execFileSync("ssh-keygen", ["-lf", join(sshd.folder, "host_key.pub")], { encoding: "utf8" });
  return shown.split(" ")[1] ?? "";
}

describe("host keys", () => {
  it("are checked with the address, the port and the key that the host proved to own", async () => {
    const asked: unknown[] = [];

    await run({ address: sshd.address(10) }, undefined, {}, async (...question) => {
      asked.push(question);
      return "trusted";
    });

    expect(asked).toEqual([[sshd.address(10), sshd.port, new Uint8Array(sshd.hostKey)]]);
  });

  it.each([
    ["unknown", /not known/],
    ["changed", /DIFFERENT host key/],
  ] as const)("stop the connection before any sign-in when %s", async (verdict, reason) => {
    const before = sshd.log().length;

    const outcome = await run({ address: sshd.address(11) }, undefined, {}, async () => verdict);

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(reason) });
    expect(outcome.events).toContainEqual({
      kind: "notice",
      position: 0,
      message: `The key shown by ${sshd.address(11)}:${sshd.port}: ssh-ed25519 ${hostKeyFingerprint()}.`,
    });
    expect(sshd.log().slice(before)).not.toMatch(/publickey|Accepted/);
  });

  it("that are trusted on first use are told to the operator", async () => {
    const outcome = await run({ address: sshd.address(12) }, undefined, {}, async () => "trusted_first_use");

    expect(outcome.end().state).toBe("ok");
    expect(outcome.events).toContainEqual({
      kind: "notice",
      position: 0,
      message: expect.stringMatching(/trusted on first use/),
    });
  });

  it("that cannot be checked are not trusted", async () => {
    const outcome = await run({ address: sshd.address(13) }, undefined, {}, async () => {
      throw new Error("the key store is locked");
    });

    expect(outcome.end()).toMatchObject({
      state: "unreachable",
      reason: expect.stringContaining("the key store is locked"),
    });
  });

  it("of an imposter that cannot prove its key are never asked about", async () => {
    // It relays the greeting and key exchange of the real host but has to sign with its own secret: it cannot.
    const { Server: SshServer, utils } = await import("ssh2");
    makeKey(join(folder, "imposter"));
    const key = utils.parseKey(readFileSync(join(folder, "imposter")));
    if (key instanceof Error || Array.isArray(key)) throw new Error("no key");
    key.getPublicSSH = () => sshd.hostKey;
    const imposter = new SshServer({ hostKeys: [{ key: key as never, passphrase: "" }] }, (client) =>
      client.on("error", () => undefined),
    );
    await new Promise<void>((resolve) => imposter.listen(0, "127.0.0.1", resolve));
    const { port } = imposter.address() as AddressInfo;
    let asked = 0;

    const outcome = await run({ address: "127.0.0.1", port }, undefined, {}, async () => {
      asked += 1;
      return "trusted_first_use";
    });
    await new Promise<void>((resolve) => imposter.close(() => resolve()));

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(/verification/) });
    expect(asked).toBe(0);
  });
});

describe("old hosts", () => {
  it("are reached with group14, ctr ciphers and an RSA host key", async () => {
    makeKey(join(folder, "old_rsa"), ["-t", "rsa", "-b", "2048", "-N", ""]);
    const old = await startSshd({
      config: [
        `HostKey ${folder}/old_rsa`,
        "HostKeyAlgorithms rsa-sha2-256",
        "KexAlgorithms diffie-hellman-group14-sha256",
        "Ciphers aes256-ctr",
        "MACs hmac-sha2-256",
      ],
    });
    try {
      const job = makeJob(
        { ...context(), credential: async () => ({ kind: "key", privateKey: old.privateKey }) },
        [host({ port: old.port })],
        command(["echo", "in"]),
      );

      expect((await runJob(engine, job)).stdout().toString()).toBe("in\n");
    } finally {
      await old.stop();
    }
  });

  it("that offer only what is broken are refused with what is missing", async () => {
    const old = await startSshd({ config: ["KexAlgorithms diffie-hellman-group1-sha1", "Ciphers aes128-cbc"] });
    try {
      const outcome = await run({ port: old.port });

      expect(outcome.end()).toMatchObject({
        state: "unreachable",
        reason: expect.stringMatching(/no algorithm|no matching/),
      });
    } finally {
      await old.stop();
    }
  });
});

describe("jump hosts", () => {
  it("are passed one after the other, each with its own port and key check", async () => {
    const first = await startSshd();
    const second = await startSshd();
    try {
      const asked: string[] = [];
      const keys = new Map([
        ["first", first.privateKey],
        ["second", second.privateKey],
        ["last", sshd.privateKey],
      ]);
      const jumps = [
        { address: "127.3.0.1", port: first.port, credential: "first" },
        { address: "127.3.0.2", port: second.port, credential: "second" },
      ];
      const hosts = Array.from({ length: 8 }, (_, position) =>
        host({ position, address: sshd.address(40 + position), credential: "last", jumps }),
      );
      const job = makeJob(
        {
          credential: async (name) => ({ kind: "key", privateKey: keys.get(name) ?? "" }),
          hostKeys: {
            check: async (address) => {
              asked.push(address);
              return "trusted";
            },
          },
        },
        hosts,
        command(["echo", "through"]),
      );

      const outcome = await runJob(engine, job);

      expect([...outcome.ended.values()].map((event) => event.reason ?? event.state)).toEqual(hosts.map(() => "ok"));
      // One connection to each jump host serves all hosts behind it.
      expect(asked.filter((address) => address.startsWith("127.3"))).toEqual(["127.3.0.1", "127.3.0.2"]);
      expect(asked.length).toBe(10);
      expect(first.log().match(/Accepted publickey/g)?.length).toBe(1);
    } finally {
      await first.stop();
      await second.stop();
    }
  });

  it.each([
    ["the jump host refuses the connection", { jump: { port: 1 }, host: {} }, /jump host 127\.4\.0\.1:1 refused/],
    [
      "the host behind it refuses",
      { jump: {}, host: { port: 1 } },
      /web01 \(127\.1\.0\.1:1\) cannot be reached from the jump host/,
    ],
  ])("say which step failed when %s", async (_, change, reason) => {
    const outcome = await run({
      ...change.host,
      jumps: [{ address: "127.4.0.1", port: sshd.port, credential: "c", ...change.jump }],
    });

    expect(outcome.end()).toMatchObject({ state: "unreachable", reason: expect.stringMatching(reason) });
  });

  it("with an unknown key stop everything behind them, and each host hears of the key, not of another host", async () => {
    const jumps = [{ address: "127.4.0.2", port: sshd.port, credential: "c" }];
    const hosts = ["web01", "web02"].map((name, position) => host({ position, name, jumps }));
    const check: HostKeys["check"] = async (address) => (address === "127.4.0.2" ? "unknown" : "trusted");

    const outcome = await runJob(engine, makeJob(context(check), hosts, command(["echo", "in"])));

    const message = `The key shown by 127.4.0.2:${sshd.port}: ssh-ed25519 ${hostKeyFingerprint()}.`;
    for (const { position } of hosts) {
      const { state, reason = "" } = outcome.end(position);
      expect(state).toBe("unreachable");
      expect(reason).toMatch(/^The jump host 127\.4\.0\.2:\d+ showed a host key that is not known/);
      expect(outcome.events).toContainEqual({ kind: "notice", position, message });
    }
  });
});

describe("connections", () => {
  it("are kept and used again for the same host and credential only", async () => {
    const address = sshd.address(60);
    const count = () => sshd.log().split(`on ${address} port`).length - 1;

    await run({ address });
    await run({ address });
    const same = count();
    const job = makeJob(
      { ...context(), credential: async () => ({ kind: "key_file", path: sshd.keyFile, passphrase: "unused" }) },
      [host({ address })],
      command(["true"]),
    );
    await runJob(engine, job);

    expect(same).toBe(1);
    expect(count()).toBe(2);
  });

  it("that died while they were kept cost nothing: the host is connected anew", async () => {
    const address = sshd.address(61);
    await run({ address });
    killSessions(address);

    const outcome = await run({ address });

    expect(outcome.end().state).toBe("ok");
  });

  it("are closed after the idle time", async () => {
    const brief = createSshEngine({ threads: 1, idleMilliseconds: 100 });
    const address = sshd.address(62);
    await runJob(brief, makeJob(context(), [host({ address })], command(["true"])));

    await until("the connection is closed", () => sessions(address).length === 0);
    await brief.close();
  });

  it("are kept up to the limit, the longest idle going first", async () => {
    const few = createSshEngine({ threads: 1, keptConnections: 2 });
    const addresses = [63, 64, 65, 66].map((number) => sshd.address(number));
    const hosts = addresses.map((address, position) => host({ address, position }));
    await runJob(few, makeJob(context(), hosts, command(["true"]), { width: 1 }));

    await until("two are left", () => addresses.filter((address) => sessions(address).length > 0).length === 2);
    expect(addresses.map((address) => sessions(address).length)).toEqual([0, 0, 1, 1]);
    await few.close();
    await until("none is left", () => addresses.every((address) => sessions(address).length === 0));
  });

  it("serve the next task though the last one was held back up to its end", async () => {
    const hosts = Array.from({ length: 40 }, (_, position) =>
      host({ address: sshd.address(100 + position), position }),
    );
    const bytes = 400_000;
    const states: string[][] = [];

    for (let times = 0; times < 3; times += 1) {
      const outcome = await runJob(
        engine,
        makeJob(context(), hosts, command(["head", "-c", String(bytes), "/dev/zero"]), {
          width: hosts.length,
          limits: { connectMilliseconds: 20_000, runMilliseconds: 20_000, outputBytes: bytes },
        }),
      );
      states.push([...new Set([...outcome.ended.values()].map(({ state, stdoutBytes }) => `${state} ${stdoutBytes}`))]);
    }

    expect(states).toEqual([[`ok ${bytes}`], [`ok ${bytes}`], [`ok ${bytes}`]]);
  }, 120_000);

  it("are made for each task where none is kept, once for each, and the host is told on it that it may forget", async () => {
    const none = createSshEngine({ threads: 1, keptConnections: 0 });
    const address = sshd.address(67);
    const before = sshd.log().split(`on ${address} port`).length;

    const outcomes = [];
    for (let times = 0; times < 3; times += 1) {
      outcomes.push(await runJob(none, makeJob(context(), [host({ address })], command(["true"]))));
    }
    await until("the host keeps nothing of it", () => sshd.kept().length === 0);
    await none.close();

    expect(outcomes.map((outcome) => outcome.end().state)).toEqual(["ok", "ok", "ok"]);
    expect(sshd.log().split(`on ${address} port`).length - before).toBe(3);
    await until("no connection is left", () => sessions(address).length === 0);
  });

  it("that break while the task runs are made anew, and nothing of its output is lost or doubled", async () => {
    const address = sshd.address(74);
    let cuts = 0;

    const outcome = await runJob(
      engine,
      makeJob(
        context(),
        [host({ address })],
        command(["/bin/sh", "-c", "for i in 1 2 3 4 5 6; do echo $i; echo e$i >&2; sleep 0.4; done; exit 9"]),
      ),
      undefined,
      (event) => {
        if (event.kind !== "output" || cuts > 2) return;
        cuts += 1;
        killSessions(address);
      },
    );

    expect(cuts).toBe(3);
    expect(outcome.end()).toMatchObject({ state: "failed", exitCode: 9, output: "complete" });
    expect(outcome.stdout().toString()).toBe("1\n2\n3\n4\n5\n6\n");
    expect(outcome.stderr().toString()).toBe("e1\ne2\ne3\ne4\ne5\ne6\n");
    await until("the host keeps nothing of it", () => sshd.kept().length === 0);
  });

  it("that break while a task runs without a claim leave the host unknown, with the output so far marked partial", async () => {
    const address = sshd.address(70);

    const outcome = await runJob(
      engine,
      makeJob(
        context(),
        [{ ...host({ address }), unclaimed: true }],
        command(["/bin/sh", "-c", "echo begun; exec sleep 5"]),
      ),
      undefined,
      (event) => {
        if (event.kind === "output") killSessions(address);
      },
    );

    expect(outcome.end()).toMatchObject({
      state: "unknown",
      output: "partial",
      stdoutBytes: 6,
      reason: expect.stringMatching(/web01 was lost while the task ran/),
    });
  });

  it("that break because the engine is closed leave the host unknown, and every host ends", async () => {
    const own = createSshEngine({ threads: 2 });
    const hosts = [71, 72, 73].map((number, position) => host({ address: sshd.address(number), position }));
    let started = 0;

    const outcome = await runJob(
      own,
      makeJob(context(), hosts, command(["sleep", "3"]), { width: 2 }),
      undefined,
      (event) => {
        if (event.kind === "started") started += 1;
        if (started === 2) void own.close();
      },
    );

    const states = [...outcome.ended.values()].map((event) => event.state).sort();
    expect(states).toEqual(["not_started", "unknown", "unknown"]);
  });
});

describe("hostile names", () => {
  it("of hosts, users, jump hosts and accounts to become never become options, commands or paths", async () => {
    const canary = join(folder, "option-canary");
    const hostile = fc.oneof(
      fc.constantFrom(
        `-oProxyCommand=touch ${canary}`,
        `--oProxyCommand=touch ${canary}`,
        `$(touch ${canary})`,
        `\`touch ${canary}\``,
        `;touch ${canary};`,
        `x\ntouch ${canary}\n`,
        `'; touch ${canary}; '`,
        "-",
        "--",
        "",
        "a b",
        "../../etc",
        "\0",
        "root -- touch",
      ),
      // Digits alone can be an address ("0" is this machine), and then it may well be reached.
      fc.string({ maxLength: 40 }).filter((text) => text === "" || /[^0-9a-fA-FxX.:]/.test(text)),
    );
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, hostile, fc.nat(3), async (address, user, name, other, where) => {
        const jump = { address: other, port: sshd.port, credential: "c" };
        const outcome = await run(
          {
            name,
            ...(where === 0 ? { address } : {}),
            ...(where === 1 ? { user } : {}),
            ...(where === 2 ? { jumps: [jump] } : {}),
          },
          command(["true"]),
          {
            ...(where === 3 ? { become: { user: other } } : {}),
            limits: { connectMilliseconds: 500, runMilliseconds: 5000, outputBytes: 1000 },
          },
        );
        expect(outcome.ended.size).toBe(1);
        if (where < 2) expect(["unreachable", "not_started"]).toContain(outcome.end().state);
        expect(existsSync(canary)).toBe(false);
      }),
      { numRuns: 80 },
    );
  }, 60_000);
});

/** sshd's processes of the sessions that came in at this address. */
function sessions(address: string): number[] {
  const found: number[] = [];
  const list = execFileSync("ss", ["-Htnp", "state", "established", "src", `${address}:${sshd.port}`]).toString();
  for (const match of list.matchAll(/"sshd",pid=(\d+)/g)) found.push(Number(match[1]));
  return [...new Set(found)].filter((pid) => readdirSync("/proc").includes(String(pid)));
}

/** Of the two processes of a session one may end because the other one did. */
function killSessions(address: string): void {
  for (const pid of sessions(address)) spawnSync("kill", ["-KILL", String(pid)]);
}

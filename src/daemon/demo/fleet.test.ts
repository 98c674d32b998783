import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import ssh2, { type ConnectConfig } from "ssh2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineJob, Task } from "../../contract/engine.ts";
import { createSshEngine } from "../../engines/ssh/ssh-engine.ts";
import { canHaveOwnHostName } from "./command-runner.ts";
import { type Fleet, type FleetHost, startFleet, startStubFleet } from "./fleet.ts";
import { makeKey } from "./fleet-identity.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "om-fleet-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal?: string;
}

function signIn(fleet: Fleet, host: FleetHost, config: ConnectConfig = {}): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once("ready", () => resolve(client));
    client.once("error", reject);
    client.connect({
      host: host.address,
      port: host.port,
      username: fleet.user,
      privateKey: fleet.privateKeyPem,
      hostVerifier: (key: Buffer) =>
        fleet.knownHostsLines.includes(`[${host.address}]:${host.port} ssh-ed25519 ${key.toString("base64")}`),
      ...config,
    });
  });
}

async function command(fleet: Fleet, host: FleetHost, text: string, input: string | Uint8Array = ""): Promise<Answer> {
  const client = await signIn(fleet, host);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      client.exec(text, { env: { OM_GREETING: "你好", EVIL: "no" } }, (error, channel) => {
        if (error) return reject(error);
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        let end: { code: number | null; signal?: string } = { code: null };
        channel.on("data", (data: Buffer) => out.push(data));
        channel.stderr.on("data", (data: Buffer) => err.push(data));
        channel.on("exit", (code: number | null, signal?: string) => {
          end = { code, ...(signal ? { signal } : {}) };
        });
        channel.on("close", () => {
          resolve({ stdout: Buffer.concat(out).toString("latin1"), stderr: Buffer.concat(err).toString(), ...end });
        });
        channel.end(input);
        return undefined;
      });
    });
  } finally {
    client.end();
  }
}

/** What the SSH engine makes of it, on every host of the fleet. */
async function throughEngine(fleet: Fleet, task: Task): Promise<Map<string, string>> {
  const engine = createSshEngine();
  const job: EngineJob = {
    runUid: "fleet-test",
    hosts: fleet.hosts.map(({ name, address, port }, position) => ({
      position,
      name,
      address,
      port,
      credential: "demo",
      jumps: [],
    })),
    task,
    danger: "read",
    check: false,
    width: 10,
    limits: { connectMilliseconds: 30_000, runMilliseconds: 30_000, outputBytes: 1000 },
    intend: async (positions) => positions,
    credential: async () => ({ kind: "key", user: fleet.user, privateKey: fleet.privateKeyPem }),
    hostKeys: { check: async () => "trusted" },
    file: () => Promise.reject(new Error("no files")),
  };
  let stdout = "";
  const ended: string[] = [];
  for await (const event of engine.run(job, new AbortController().signal)) {
    if (event.kind === "output") stdout += Buffer.from(event.data).toString();
    if (event.kind === "ended") ended.push(`${event.state} ${event.exitCode}`);
  }
  await engine.close();
  return new Map([
    ["stdout", stdout],
    ["ended", ended.join()],
  ]);
}

function at(fleet: Fleet, index: number): FleetHost {
  const host = fleet.hosts[index];
  if (!host) throw new Error(`The fleet has no host ${index}.`);
  return host;
}

/** A zombie that nobody has collected yet is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  const end = performance.now() + 10_000;
  while (isAlive(pid) && performance.now() < end) await delay(20);
}

describe("a fleet of five", () => {
  let fleet: Fleet;
  const progress: number[] = [];

  beforeAll(async () => {
    fleet = await startFleet({ hosts: 5, folder: join(folder, "five"), onProgress: (number) => progress.push(number) });
  });
  afterAll(async () => {
    await fleet.stop();
  });

  test("every host has an address, a key and a name of its own", () => {
    expect(new Set(fleet.hosts.map((host) => host.address)).size).toBe(5);
    expect(fleet.hosts.every((host) => /^127\.\d+\.\d+\.\d+$/.test(host.address))).toBe(true);
    expect(new Set(fleet.knownHostsLines.map((line) => line.split(" ").at(-1))).size).toBe(5);
    expect(progress.at(-1)).toBe(5);
  });

  test("commands run for real, and each host reports its own name", async () => {
    const answers = await Promise.all(
      fleet.hosts.map((host) => command(fleet, host, "uname -s; echo $HOSTNAME; uname -n")),
    );

    const ownNames = canHaveOwnHostName();
    expect(answers.map(({ stdout, code }) => ({ stdout, code }))).toEqual(
      fleet.hosts.map((host) => ({ stdout: `Linux\n${host.name}\n${ownNames ? host.name : hostname()}\n`, code: 0 })),
    );
  });

  test("exit code, streams, input and environment are those of the command", async () => {
    const answer = await command(
      fleet,
      at(fleet, 0),
      'cat; echo "$OM_GREETING $(printenv EVIL || echo unset)" >&2; exit 7',
      "in\0put",
    );

    expect(answer).toEqual({ stdout: "in\0put", stderr: "你好 unset\n", code: 7 });
  });

  test("a command that a signal ends says which", async () => {
    const answer = await command(fleet, at(fleet, 0), "kill -TERM $$");

    expect(answer).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  test("five megabytes arrive to the last byte", async () => {
    const answer = await command(fleet, at(fleet, 1), "head -c 5000000 /dev/zero; echo end");

    expect(answer.stdout.length).toBe(5_000_004);
    expect(answer.stdout.endsWith("\0end\n")).toBe(true);
  });

  test("a wrong key, a wrong user and a password are refused", async () => {
    const other = makeKey().private;
    const host = at(fleet, 0);

    await expect(signIn(fleet, host, { privateKey: other })).rejects.toThrow(/authentication/i);
    await expect(signIn(fleet, host, { username: "somebody" })).rejects.toThrow(/authentication/i);
    await expect(signIn(fleet, host, { privateKey: undefined, password: "secret" })).rejects.toThrow(/authentication/i);
  });

  test("nothing answers at an address that is not loopback", async () => {
    const { port } = at(fleet, 0);
    const socket = connect({ host: "127.0.0.1", port });

    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("the command's process group ends when the client goes away", async () => {
    const client = await signIn(fleet, at(fleet, 2));
    const pid = await new Promise<number>((resolve, reject) => {
      client.exec("sleep 300 & echo $!; wait", (error, channel) => {
        if (error) return reject(error);
        channel.once("data", (data: Buffer) => resolve(Number(data)));
        return undefined;
      });
    });
    expect(isAlive(pid)).toBe(true);

    client.end();

    await untilGone(pid);
    expect(isAlive(pid)).toBe(false);
  });

  test("the folder gives nobody else the keys", async () => {
    const { mode } = await stat(join(folder, "five", "fleet.json"));

    expect(mode & 0o777).toBe(0o600);
  });
});

test("stopping frees ports, processes and commands, and the same folder gives the same hosts again", async () => {
  const options = { hosts: 3, folder: join(folder, "again") };
  const first = await startFleet(options);
  const client = await signIn(first, at(first, 0));
  client.on("error", () => undefined);
  const pid = await new Promise<number>((resolve, reject) => {
    client.exec("echo $$; exec sleep 300", (error, channel) => {
      if (error) return reject(error);
      channel.once("data", (data: Buffer) => resolve(Number(data)));
      return undefined;
    });
  });

  await first.stop();
  await first.stop();

  await untilGone(pid);
  expect([...first.pids, pid].filter(isAlive)).toEqual([]);
  const second = await startFleet(options);
  try {
    expect(second.knownHostsLines).toEqual(first.knownHostsLines);
    expect(second.hosts).toEqual(first.hosts);
    expect(second.privateKeyPem).toBe(first.privateKeyPem);
    expect(await command(second, at(second, 0), "echo back")).toMatchObject({ stdout: "back\n", code: 0 });
  } finally {
    await second.stop();
  }
});

test("an address that another program has taken is named, with what to do", async () => {
  const options = { hosts: 2, folder: join(folder, "taken") };
  const first = await startFleet(options);
  await first.stop();
  const { address, port } = at(first, 1);
  const other = createServer().listen(port, address);
  await once(other, "listening");
  try {
    await expect(startFleet(options)).rejects.toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining(`${address}:${port}: another program does. Is a demo of the same folder`),
    });
  } finally {
    other.close();
  }
});

test("the fleet ends with its parent, even when that is killed", async () => {
  const fleetModule = fileURLToPath(new URL("./fleet.ts", import.meta.url));
  const program = `const { startFleet } = await import(${JSON.stringify(fleetModule)});
    const fleet = await startFleet({ hosts: 2, folder: ${JSON.stringify(join(folder, "orphan"))} });
    console.log(fleet.pids.join(" "));`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pids = line.toString().trim().split(" ").map(Number);
  expect(pids.every(isAlive)).toBe(true);

  parent.kill("SIGKILL");

  await Promise.all(pids.map(untilGone));
  expect(pids.filter(isAlive)).toEqual([]);
});

test("a stub fleet answers plain commands and OMServer's wrapper with the canned bytes, and runs nothing", async () => {
  const fleet = await startStubFleet({
    hosts: 2,
    folder: join(folder, "stub"),
    reply: { stdout: "canned\n", exitCode: 4 },
  });
  try {
    const host = at(fleet, 0);
    const canary = join(folder, "canary");

    expect(await command(fleet, host, `touch ${canary}`)).toMatchObject({ stdout: "canned\n", code: 4 });
    const events = await throughEngine(fleet, {
      kind: "command",
      argv: ["touch", canary],
      environment: {},
      secretNames: [],
    });
    expect(events.get("stdout")).toBe("canned\ncanned\n");
    expect(events.get("ended")).toBe("failed 4,failed 4");
    await expect(readFile(canary)).rejects.toThrow();
  } finally {
    await fleet.stop();
  }
});

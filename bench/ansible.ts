import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ansibleOfToday } from "../test/testkit/ansible.ts";
import { type Sshd, startSshd } from "../test/testkit/sshd.ts";
import { clientOf, importHosts, inFolder, rounded, runModuleOnAll, startMeasured } from "./product.ts";

/** The key exchange of both: not the defaults of two programs are compared. */
const keyExchange = "curve25519-sha256";

/**
 * One module of Ansible on the same hosts with the same forks: by the `ansible` program, and through the whole product
 * (API, plan, store, signed order, journal, engine, live view). Wall time from the start to the last host's result, and to
 * the first one shown. Both connect anew in every round, with pipelining and connection sharing; the two take turns, and
 * the least disturbed round of each counts, since other programs on the machine only ever add.
 * Options: --hosts 60, --forks 20, --rounds 3.
 */
export async function run(options: Record<string, string>): Promise<object> {
  const hosts = Number(options.hosts ?? 60);
  const forks = Number(options.forks ?? 20);
  const rounds = Number(options.rounds ?? 3);
  const programs = ansibleOfToday();
  const sshd = await startSshd();
  try {
    return await inFolder(async (folder) => {
      const places = Array.from({ length: hosts }, (_, number) => ({
        name: `host${number}`,
        address: sshd.address(number),
      }));
      const knownHostsFile = join(folder, "known_hosts");
      const key = `ssh-ed25519 ${sshd.hostKey.toString("base64")}`;
      writeFileSync(knownHostsFile, places.map(({ address }) => `[${address}]:${sshd.port} ${key}\n`).join(""));
      const product = await startMeasured({
        role: "product",
        folder: join(folder, "data"),
        engine: "ansible",
        kept: 0,
        knownHostsFile,
        ansible: { folder: programs, forks, keyExchange },
      });
      try {
        const client = clientOf(product);
        const secret = { kind: "key", user: sshd.user, privateKey: sshd.privateKey } as const;
        await client.call("PUT /credentials", { body: { name: "default", description: "", secret } });
        await importHosts(
          client,
          places.map((place) => ({ ...place, port: sshd.port, engine: "ansible" })),
        );
        await client.call("POST /modules", { body: { source: moduleText } });
        const ours: Times[] = [];
        const theirs: Times[] = [];
        for (let round = 0; round < rounds; round += 1) {
          const peer = await byAnsible(programs, sshd, folder, places, forks, knownHostsFile);
          theirs.push(peer);
          const through = await runModuleOnAll(client, hosts, "bench-uptime", forks);
          ours.push(through);
          console.error(
            `round ${round}: ansible ${rounded(peer.wallS)} s, first ${Math.round(peer.firstHostMs)} ms; ` +
              `OMServer ${rounded(through.wallS)} s, first ${Math.round(through.firstHostMs)} ms`,
          );
        }
        const wallS = Math.min(...ours.map((each) => each.wallS));
        const ansibleWallS = Math.min(...theirs.map((each) => each.wallS));
        return {
          bench: "ansible",
          hosts,
          wallS: rounded(wallS),
          ansibleWallS: rounded(ansibleWallS),
          ratio: rounded(wallS / ansibleWallS),
          firstHostMs: Math.round(Math.min(...ours.map((each) => each.firstHostMs))),
          ansibleFirstHostMs: Math.round(Math.min(...theirs.map((each) => each.firstHostMs))),
          forks,
          rounds,
          node: process.version,
        };
      } finally {
        await product.stop();
      }
    });
  } finally {
    await sshd.stop();
  }
}

interface Times {
  readonly wallS: number;
  readonly firstHostMs: number;
}

const moduleText = `
key: bench-uptime
name: {zh: 基准, en: Benchmark}
description: {zh: "", en: ""}
danger: read
parameters: {type: object, properties: {}}
run:
  engines:
    ansible: {kind: native, name: ansible.builtin.command, arguments: {cmd: uptime}}
`;

async function byAnsible(
  programs: string,
  sshd: Sshd,
  folder: string,
  places: readonly { readonly name: string; readonly address: string }[],
  forks: number,
  knownHostsFile: string,
): Promise<Times> {
  const inventory = join(folder, "peer.json");
  const entries = places.map(({ name, address }) => [name, { ansible_host: address, ansible_port: sshd.port }]);
  writeFileSync(inventory, JSON.stringify({ all: { hosts: Object.fromEntries(entries) } }));
  const control = join(folder, "cp");
  mkdirSync(control, { recursive: true, mode: 0o700 });
  const begun = performance.now();
  const child = spawn(
    join(programs, "ansible"),
    ["all", "-i", inventory, "-f", String(forks), "-m", "ansible.builtin.command", "-a", "uptime"],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env.PATH ?? "",
        HOME: folder,
        LC_ALL: "C.UTF-8",
        ANSIBLE_PIPELINING: "True",
        ANSIBLE_PYTHON_INTERPRETER: "auto_silent",
        ANSIBLE_SSH_CONTROL_PATH_DIR: control,
        ANSIBLE_SSH_ARGS: [
          "-o ControlMaster=auto -o ControlPersist=60s",
          `-o KexAlgorithms=${keyExchange} -o UserKnownHostsFile=${knownHostsFile} -o StrictHostKeyChecking=yes`,
          `-o IdentityFile=${sshd.keyFile} -o IdentitiesOnly=yes`,
        ].join(" "),
      },
    },
  );
  const { answers, firstHostMs } = await answersOf(child, begun);
  const wallS = (performance.now() - begun) / 1000;
  endMasters(control);
  if (answers !== places.length) throw new Error(`ansible brought ${answers} answers of ${places.length}`);
  return { wallS, firstHostMs };
}

async function answersOf(child: ChildProcess, begun: number): Promise<{ answers: number; firstHostMs: number }> {
  let answers = 0;
  let firstHostMs = Number.NaN;
  let held = "";
  child.stdout?.on("data", (data: Buffer) => {
    const lines = (held + data.toString()).split("\n");
    held = lines.pop() ?? "";
    const found = lines.filter((line) => line.includes(" | CHANGED | ")).length;
    if (answers === 0 && found > 0) firstHostMs = performance.now() - begun;
    answers += found;
  });
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { answers, firstHostMs };
}

/** Ansible leaves its connections behind for a minute: each round is to connect anew. */
function endMasters(control: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`ssh: ${control}/`))
        process.kill(Number(pid), "SIGTERM");
    } catch {
      // It ended meanwhile.
    }
  }
}

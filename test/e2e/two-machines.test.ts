import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { untilSaid } from "../testkit/program.ts";

/**
 * The walk-through of docs/operators.md, word for word, between machines that are network namespaces with the addresses
 * it names: the web server, the controller, and a host whose network only the controller is in.
 */

const needed = "network and mount namespaces (root, or CAP_SYS_ADMIN)";
const permitted = spawnSync("unshare", ["--net", "--mount", "--uts", "true"]).status === 0;
if (!permitted) console.warn(`The walk-through for two machines is not followed here: it needs ${needed}.`);

const folder = mkdtempSync(join(tmpdir(), "omserver-machines-"));
const children: ChildProcess[] = [];
const machines = new Map<string, number>();
const guide = readFileSync(new URL("../../docs/operators.md", import.meta.url), "utf8");
const program = new URL("../../bin", import.meta.url).pathname;

function keep(child: ChildProcess): ChildProcess {
  children.push(child);
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("close", () => resolve()));
}

/** Namespaces of its own, its own /var/lib, /run and home, for as long as the test runs. */
async function startMachine(name: string): Promise<void> {
  const script = `hostname ${name} && mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /run && mount -t tmpfs -o mode=700 tmpfs /root &&
    mkdir -p /var/lib/omserver /run/sshd /root/.ssh && ip link set lo up && echo up && exec sleep 600`;
  const child = keep(
    spawn("unshare", ["--net", "--mount", "--uts", "sh", "-c", script], { stdio: ["ignore", "pipe", "pipe"] }),
  );
  await untilSaid(child, /up/);
  machines.set(name, child.pid ?? 0);
}

function within(machine: string, command: string): readonly string[] {
  return [`--target=${machines.get(machine)}`, "--net", "--mount", "--uts", "--", "sh", "-c", command];
}

const environment = {
  ...process.env,
  HOME: "/root",
  PATH: `${program}:${process.env.PATH}`,
  OMSERVER_LOG_LEVEL: "warn",
};

function on(machine: string, command: string, input = ""): string {
  return execFileSync("nsenter", within(machine, command), { input, env: environment, encoding: "utf8" });
}

/** A program that stays: `exec`, so that a signal reaches it and not the shell. */
function stayingOn(machine: string, command: string): ChildProcess {
  const words = command.replace(/^((?:\w+=\S+ )*)/, "$1exec ");
  return keep(spawn("nsenter", within(machine, words), { stdio: ["ignore", "pipe", "pipe"], env: environment }));
}

function cable(left: string, leftAddress: string, right: string, rightAddress: string): void {
  const [a, b] = [`${left}-${right}`, `${right}-${left}`];
  const pids = [machines.get(left), machines.get(right)];
  execFileSync("ip", [
    "link",
    "add",
    a,
    "netns",
    `${pids[0]}`,
    "type",
    "veth",
    "peer",
    "name",
    b,
    "netns",
    `${pids[1]}`,
  ]);
  on(left, `ip addr add ${leftAddress} dev ${a} && ip link set ${a} up`);
  on(right, `ip addr add ${rightAddress} dev ${b} && ip link set ${b} up`);
}

/** Commands of the section, in order, each with the machine that it is for. */
function walkThrough(): { machine: string; command: string }[] {
  const section = guide.split(/^## /m).find((text) => text.startsWith("Two machines\n")) ?? "";
  return [...section.matchAll(/```sh (web|controller)\n([\s\S]*?)```/g)].flatMap(([, machine = "", block = ""]) =>
    block.split("\n").flatMap((line) => {
      const command = line.replace(/\s+# .*$/, "").trim();
      return command === "" || command.startsWith("#") ? [] : [{ machine, command }];
    }),
  );
}

/** What a person does in the browser: the first administrator, and an API token for the command line. */
function firstAdministrator(link: string): string {
  const script = `
    const [, url, token] = ${JSON.stringify(link)}.match(/^(.*)\\/sign-in#token=(.*)$/);
    const json = { "content-type": "application/json", origin: url };
    const body = { token, name: "root", password: "correct horse battery" };
    const signedIn = await fetch(url + "/api/v1/session/link", { method: "POST", headers: json, body: JSON.stringify(body) });
    const cookie = signedIn.headers.get("set-cookie").split(";")[0];
    const made = await fetch(url + "/api/v1/tokens", { method: "POST", headers: { ...json, cookie }, body: JSON.stringify({ name: "shell" }) });
    console.log((await made.json()).token);`;
  return on("web", `${process.execPath} --input-type=module`, script).trim();
}

function isConnected(token: string): boolean {
  const script = `
    const headers = { authorization: "Bearer ${token}" };
    const answer = await (await fetch("http://192.0.2.10:7070/api/v1/controllers", { headers })).json();
    console.log(answer.controllers.some(({ name, connected }) => name === "bj-1" && connected));`;
  return on("web", `${process.execPath} --input-type=module`, script).trim() === "true";
}

beforeAll(async () => {
  if (!permitted) return;
  for (const name of ["web", "controller", "db1"]) await startMachine(name);
  cable("web", "192.0.2.10/24", "controller", "192.0.2.20/24");
  cable("controller", "198.51.100.20/24", "db1", "198.51.100.30/24");
  on("db1", "ssh-keygen -q -t ed25519 -N '' -f /run/host_key");
  const config = [
    "ListenAddress 198.51.100.30",
    "HostKey /run/host_key",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "UsePAM no",
    "PidFile none",
  ].map((line) => `-o "${line}"`);
  await untilSaid(stayingOn("db1", `/usr/sbin/sshd -D -e -f /dev/null ${config.join(" ")}`), /Server listening/);
});
afterAll(async () => {
  for (const child of children.reverse()) child.kill("SIGKILL");
  await Promise.all(children.map(ended));
  rmSync(folder, { recursive: true, force: true });
});

it.skipIf(!permitted)(
  "leads from nothing to a command on a host that only the controller reaches",
  async () => {
    const steps = walkThrough();
    let invitation = "";
    let token = "";
    let last = "";
    const staying: ChildProcess[] = [];
    for (const { machine, command } of steps) {
      if (/omserver web /.test(command)) {
        const web = stayingOn(machine, command);
        staying.push(web);
        const [, link = ""] = await untilSaid(web, /(http:\/\/\S+#token=\S+)/);
        token = firstAdministrator(link);
      } else if (/omserver login /.test(command)) {
        on(machine, command, `${token}\n`);
      } else if (/omserver controller invite /.test(command)) {
        invitation = on(machine, command).trim();
      } else if (/omserver controller --data/.test(command)) {
        on("controller", `${invitation} --data /var/lib/omserver`);
        on(
          "db1",
          `echo '${on("controller", "cat /var/lib/omserver/id_ed25519.pub").trim()}' > /root/.ssh/authorized_keys`,
        );
        const controller = stayingOn(machine, command);
        staying.push(controller);
        await untilSaid(controller, /is ready and dials https:\/\/192\.0\.2\.10:7443/);
        await expect.poll(() => isConnected(token), { timeout: 60_000, interval: 500 }).toBe(true);
      } else {
        last = on(machine, command);
      }
    }

    expect(invitation).toContain("--server https://192.0.2.10:7443 ");
    expect(last).toMatch(/\bdb1\b/);
    // The web server has no way to the host, and none to the controller.
    expect(on("web", "ip route get 198.51.100.30 2>&1 || echo none")).toContain("none");
    expect(on("controller", "ss -Hltn")).toBe("");
    for (const child of staying.reverse()) {
      child.kill("SIGTERM");
      await ended(child);
      expect(child.exitCode).toBe(0);
    }
  },
  300_000,
);

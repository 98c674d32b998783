import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createClient } from "../../src/contract/http/client.ts";
import { freePort } from "../testkit/free-port.ts";
import { untilSaid } from "../testkit/program.ts";

const execute = promisify(execFile);

let folder: string;
let children: ChildProcess[] = [];
let linkPort = 0;
let web: ChildProcess;
let client: Client;
let environment: Record<string, string | undefined>;

function omserver(...args: string[]): ChildProcess {
  const child = spawn("bin/omserver", args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OMSERVER_LOG_LEVEL: "info", OMSERVER_LINK_LISTEN: `127.0.0.1:${linkPort}` },
  });
  children.push(child);
  return child;
}

/** A client command, as an administrator. */
async function cli(...args: string[]): Promise<string> {
  const { stdout } = await execute("bin/omserver", args, { env: { ...process.env, ...environment } });
  return stdout;
}

function ended(child: ChildProcess): Promise<number | null> {
  return child.exitCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("close", resolve));
}

async function startWebServer(): Promise<void> {
  web = omserver("web", "--data", join(folder, "web"), "--listen", "127.0.0.1:0");
}

async function connected(name: string): Promise<boolean> {
  const { controllers } = await client.call("GET /controllers", {});
  return controllers.some((controller) => controller.name === name && controller.connected);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-tiers-"));
  linkPort = await freePort();
  await startWebServer();
  const [, url = "", token = ""] = await untilSaid(web, /(http:\/\/\S+)\/sign-in#token=(\S+)/);
  const administrator = { token, name: "root", password: "correct horse battery" };
  const response = await fetch(`${url}/api/v1/session/link`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(administrator),
  });
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  const made = await fetch(`${url}/api/v1/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie, origin: url },
    body: JSON.stringify({ name: "test" }),
  });
  const { token: apiToken } = (await made.json()) as { token: string };
  environment = { OMSERVER_URL: url, OMSERVER_TOKEN: apiToken };
  client = createClient({ baseUrl: url, token: apiToken });
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
  await Promise.all(children.map(ended));
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

async function enrolled(name: string): Promise<string> {
  const line = (await cli("controller", "invite", name)).trim();
  const data = join(folder, name);
  expect(line).toMatch(
    new RegExp(
      `^omserver controller enrol --server https://127.0.0.1:${linkPort} --token \\S{43} --ca-sha256 [0-9a-f]{64}$`,
    ),
  );
  const [, ...words] = line.split(" ");
  const { stdout } = await execute("bin/omserver", [...words, "--data", data]);
  expect(stdout).toContain(`controller “${name}”`);
  return data;
}

function runOf(id: number) {
  return client.call("GET /runs/:id", { params: { id } });
}

describe("web server and controller as two programs", { timeout: 240_000 }, () => {
  let controller: ChildProcess;

  it("are joined by one line, and a run goes from the command line to the controller's machine and back", async () => {
    const data = await enrolled("bj-1");
    controller = omserver("controller", "--data", data);
    await untilSaid(controller, /Controller “bj-1” is ready/);
    await expect.poll(() => connected("bj-1"), { timeout: 90_000 }).toBe(true);
    await cli("hosts", "import", "--help");
    const text = "name,function_category,app_category,engine\nhere,Linux,web,local\n";
    await client.call("POST /hosts/import", { body: { format: "csv", text, preview: false } });

    const out = await cli("run", "all", "--", "echo", "by the controller");

    expect(out).toContain("by the controller");
    // The web server holds no way into a host: nothing of a controller is in its folder, nothing of the web in the other.
    expect(existsSync(join(folder, "web", "controller"))).toBe(false);
    expect(existsSync(join(data, "keys"))).toBe(false);
    expect(existsSync(join(data, "omserver.db"))).toBe(false);
  });

  it("goes on with a new order-signing key at once, and when the controller was away meanwhile", async () => {
    const rotated = await client.call("POST /order-keys/rotation", {});
    expect(await cli("run", "all", "--", "echo", "by the second key")).toContain("by the second key");
    await expect(client.call("POST /order-keys/rotation", {})).rejects.toMatchObject({ code: "store.conflict" });
    const { rows } = await client.call("GET /audit", { query: { action: "order_keys.rotate" } });

    expect(rows.length).toBe(2);
    expect(rotated.previousUntil).toBeGreaterThan(Date.now());
  });

  it("are left cleanly by SIGTERM, and find each other again", async () => {
    controller.kill("SIGTERM");
    expect(await ended(controller)).toBe(0);
    await expect.poll(() => connected("bj-1"), { timeout: 90_000 }).toBe(false);

    controller = omserver("controller", "--data", join(folder, "bj-1"));
    await expect.poll(() => connected("bj-1"), { timeout: 90_000 }).toBe(true);
    expect(await cli("run", "all", "--", "echo", "again")).toContain("again");
  });

  it("cuts a revoked controller at once, refuses it, and takes it back by a new invitation", async () => {
    const log = untilSaid(controller, /Enrol the controller again/);
    await cli("controller", "revoke", "bj-1");

    expect(await connected("bj-1")).toBe(false);
    await log;
    controller.kill("SIGTERM");
    expect(await ended(controller)).toBe(0);

    const before = readFileSync(join(folder, "bj-1", "link", "identity.json"), "utf8");
    await enrolled("bj-1");
    expect(readFileSync(join(folder, "bj-1", "link", "identity.json"), "utf8")).not.toBe(before);
    controller = omserver("controller", "--data", join(folder, "bj-1"));
    await expect.poll(() => connected("bj-1"), { timeout: 90_000 }).toBe(true);
    expect(await cli("run", "all", "--", "echo", "taken back")).toContain("taken back");
  });

  it("says what to do when a machine is not enrolled, or an invitation is used", async () => {
    const nobody = omserver("controller", "--data", join(folder, "nobody"));
    await untilSaid(nobody, /This controller is not enrolled.*omserver controller invite NAME/s);
    expect(await ended(nobody)).toBe(1);
    const line = (await cli("controller", "invite", "bj-2")).trim().split(" ").slice(1);
    await execute("bin/omserver", [...line, "--data", join(folder, "bj-2")]);

    await expect(execute("bin/omserver", [...line, "--data", join(folder, "bj-3")])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unknown, used or expired"),
    });
  });

  it("tells readers of a live run that the web server stops by SIGTERM, and the run goes on when it is back", async () => {
    const query = { command: ["sleep", "5"], query: "all" };
    const { id } = await client.call("POST /runs", { body: query });
    const stream = await client.call("GET /runs/:id/live", { params: { id } });
    const text = stream.text();
    await expect.poll(async () => (await runOf(id)).counts.running, { timeout: 60_000 }).toBe(1);

    web.kill("SIGTERM");
    expect(await ended(web)).toBe(0);
    const said = await text;
    await startWebServer();
    const [, url = ""] = await untilSaid(web, /(http:\/\/127\.0\.0\.1:\d+)/);
    environment = { ...environment, OMSERVER_URL: url };
    client = createClient({ baseUrl: url, token: environment.OMSERVER_TOKEN ?? "" });

    expect(said).toMatch(/event: run\n.*retry: 500\nevent: restart\ndata: \{\}\n\n$/s);
    await expect.poll(() => connected("bj-1"), { timeout: 90_000 }).toBe(true);
    await expect.poll(async () => (await runOf(id)).state, { timeout: 60_000 }).toBe("succeeded");
  });

  it("ends the web server cleanly by SIGTERM while a controller is connected", async () => {
    web.kill("SIGTERM");
    expect(await ended(web)).toBe(0);
    expect(controller.exitCode).toBe(null);
    controller.kill("SIGTERM");
    expect(await ended(controller)).toBe(0);
  });
});

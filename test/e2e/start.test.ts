import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/contract/http/client.ts";
import { untilSaid } from "../testkit/program.ts";

const folders: string[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "omserver-start-"));
  folders.push(folder);
  return join(folder, "data");
}

function omserver(...args: string[]): ChildProcess {
  const child = spawn("bin/omserver", args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OMSERVER_LOG_LEVEL: "warn" },
  });
  children.push(child);
  return child;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("close", resolve));
}

describe("omserver start", () => {
  it("gives the first administrator a link that works once, and keeps the account over a restart", async () => {
    const data = dataFolder();
    const first = omserver("start", "--data", data, "--listen", "127.0.0.1:0");
    const [, url, token] = await untilSaid(first, /(http:\/\/\S+)\/sign-in#token=(\S+)/);
    const client = createClient({ baseUrl: url ?? "" });
    const administrator = { token: token ?? "", name: "root", password: "correct horse battery" };

    const session = await client.call("POST /session/link", { body: administrator });
    const again = client.call("POST /session/link", { body: administrator });

    expect(session.user.role).toBe("administrator");
    await expect(again).rejects.toMatchObject({ code: expect.stringMatching(/^access\./) });
    expect(statSync(data).mode & 0o077).toBe(0);

    first.kill("SIGTERM");
    expect(await ended(first)).toBe(0);

    const second = omserver("start", "--data", data, "--listen", "127.0.0.1:0");
    const [ready, address] = await untilSaid(second, /ready: (http:\S+)/);
    const signedIn = await createClient({ baseUrl: address ?? "" }).call("POST /session", {
      body: { name: "root", password: administrator.password },
    });
    expect(ready).not.toContain("token=");
    expect(signedIn.user.name).toBe("root");
  });

  it("refuses a data folder that another OMServer uses, and says so", async () => {
    const data = dataFolder();
    const first = omserver("start", "--data", data, "--listen", "127.0.0.1:0");
    await untilSaid(first, /ready/);

    const second = omserver("start", "--data", data, "--listen", "127.0.0.1:0");
    const said = await untilSaid(second, /omserver: (.*)/);

    expect(await ended(second)).toBe(1);
    expect(said[1]).toMatch(/another|in use/i);
  });
});

describe("omserver backup and restore", { timeout: 120_000 }, () => {
  it("saves nothing and makes nothing where there is no installation", async () => {
    const data = dataFolder();
    const file = join(data, "..", "saved.omb");

    const backup = omserver("backup", file, "--data", data);
    const said = await untilSaid(backup, /omserver: (.*)/);

    expect(await ended(backup)).toBe(1);
    expect(said[1]).toMatch(/no OMServer in .*omserver\.db/);
    expect([existsSync(file), existsSync(data)]).toEqual([false, false]);
  });

  it.each(["start", "web"])("replaces nothing under an OMServer that runs: %s", async (role) => {
    const data = dataFolder();
    const settings = join(data, "..", "settings.yaml");
    writeFileSync(settings, "linkListen: 127.0.0.1:0\n");
    const running = omserver(role, "--config", settings, "--data", data, "--listen", "127.0.0.1:0");
    await untilSaid(running, /ready/);
    const file = join(data, "..", "saved.omb");
    expect(await ended(omserver("backup", file, "--data", data))).toBe(0);

    const restore = omserver("restore", file, "--data", data, "--replace");
    const said = await untilSaid(restore, /omserver: (.*)/);

    expect(await ended(restore)).toBe(1);
    expect(said[1]).toMatch(/runs on .*data\. Stop it first/);
    running.kill("SIGTERM");
    expect(await ended(running)).toBe(0);
    expect(await ended(omserver("restore", file, "--data", data, "--replace"))).toBe(0);
  });

  it("brings users and audit into another installation", async () => {
    const data = dataFolder();
    const first = omserver("start", "--data", data, "--listen", "127.0.0.1:0");
    const [, url, token] = await untilSaid(first, /(http:\/\/\S+)\/sign-in#token=(\S+)/);
    const administrator = { token: token ?? "", name: "root", password: "correct horse battery" };
    await createClient({ baseUrl: url ?? "" }).call("POST /session/link", { body: administrator });
    const file = join(data, "..", "saved.omb");

    const backup = omserver("backup", file, "--data", data);
    expect(await ended(backup)).toBe(0);
    const other = dataFolder();
    const restore = omserver("restore", file, "--data", other);
    expect(await ended(restore)).toBe(0);
    const onTop = omserver("restore", file, "--data", other);

    expect(await ended(onTop)).toBe(1);
    const second = omserver("start", "--data", other, "--listen", "127.0.0.1:0");
    const [, address] = await untilSaid(second, /ready: (http:\S+)/);
    const signedIn = await createClient({ baseUrl: address ?? "" }).call("POST /session", {
      body: { name: "root", password: administrator.password },
    });
    expect(signedIn.user.name).toBe("root");
  });
});

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newHost, startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { shellScript } from "./shell-script.ts";

let web: TestWeb;
let administrator: string;
let hostId: number;
let reportToken: string;
const folder = mkdtempSync(join(tmpdir(), "om-shell-"));

beforeAll(async () => {
  web = await startWeb();
  administrator = await web.apiToken(await web.user("alice", "administrator"));
  const functionCategory = await web.store.inventory.createFunctionCategory("Linux");
  const { id: appCategoryId } = await web.store.inventory.createAppCategory(functionCategory.id, "web");
  hostId = (await web.store.inventory.createHost(newHost("web1", appCategoryId))).id;
  reportToken = (await newToken()).token;
});
afterAll(async () => {
  await web.close();
  rmSync(folder, { recursive: true });
});

async function newToken(): Promise<{ token: string; script: string; path: string }> {
  const response = await web.call("POST", `/hosts/${hostId}/report-token`, { token: administrator });
  expect(response.status).toBe(201);
  return (await response.json()) as { token: string; script: string; path: string };
}

function report(body: string, token = reportToken): Promise<Response> {
  return web.call("POST", "/shell-commands", {
    token,
    body,
    headers: { "content-type": "application/octet-stream" },
  });
}

async function list(query = ""): Promise<{ rows: { command: string; user: string; hostName: string; id: number }[] }> {
  const response = await web.call("GET", `/shell-commands?${query}`, { token: administrator });
  expect(response.status).toBe(200);
  return (await response.json()) as { rows: { command: string; user: string; hostName: string; id: number }[] };
}

describe("shell commands", () => {
  it("are taken once however often they are sent, and shown newest first", async () => {
    const body = "a 1000 root ls\0b 2000 ops systemctl restart nginx\0";

    expect(await (await report(body)).json()).toEqual({ taken: 2 });
    expect(await (await report(body)).json()).toEqual({ taken: 0 });

    const { rows } = await list("query=web1");
    expect(rows.map(({ command, user, hostName }) => [command, user, hostName])).toEqual([
      ["systemctl restart nginx", "ops", "web1"],
      ["ls", "root", "web1"],
    ]);
    expect((await list("text=RESTART")).rows).toHaveLength(1);
    expect((await list("user=root&from=1000&to=1001")).rows).toHaveLength(1);
    const activity = await web.call("GET", "/shell-commands/activity", { token: administrator });
    expect(await activity.json()).toEqual({ hours: [{ hour: 0, count: 2 }] });
  });

  it("are exported so that no spreadsheet takes one for a formula", async () => {
    await report("f 3000 root =cmd|' /C calc'!A0\0");

    const csv = await (await web.call("GET", "/shell-commands/export", { token: administrator })).text();

    expect(csv).toContain(",'=cmd|");
    expect(csv.split("\r\n")[0]).toBe("typed_at,host,address,user,command,received_at,source");
    const lines = await web.call("GET", "/shell-commands/export?format=jsonl&text=calc", { token: administrator });
    expect(
      (await lines.text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([{ hostName: "web1", user: "root", command: "=cmd|' /C calc'!A0" }]);
  });

  it("come live, once each, and go on where a reader was cut off", async () => {
    const { rows } = await list();
    const last = Math.max(...rows.map(({ id }) => id));
    const response = await web.call("GET", `/shell-commands/live?after=${last}`, { token: administrator });
    await report("l1 4000 root one\0");
    const text = await readUntil(response, /"command":"one"/);

    const resumed = await web.call("GET", "/shell-commands/live", {
      token: administrator,
      headers: { "last-event-id": /id: (\d+)/.exec(text)?.[1] ?? "" },
    });
    await report("l2 5000 root two\0");
    const after = await readUntil(resumed, /"command":"two"/);

    expect(text.match(/"command":"one"/g)).toHaveLength(1);
    expect(after).not.toContain('"command":"one"');
  });

  it("are taken by a host's token only, which may nothing else and ends with the next one", async () => {
    for (const path of ["/session", "/hosts", "/shell-commands", "/runs"]) {
      expect([path, (await web.call("GET", path, { token: reportToken })).status]).toEqual([path, 403]);
    }
    expect((await report("x 1 root ls\0", administrator)).status).toBe(403);
    const old = reportToken;
    reportToken = (await newToken()).token;

    expect((await report("x 1 root ls\0", old)).status).toBe(401);
    expect((await report("x 1 root ls\0")).status).toBe(200);
  });

  it("are limited for each host", async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 130; at += 1) statuses.push((await report("")).status);

    expect(statuses.slice(0, 100).every((status) => status === 200)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    web.clock.now += 120_000;
    expect((await report("")).status).toBe(200);
  });
});

describe.each([
  ["bash", ["--norc", "--noprofile", "-i"]],
  ["zsh", ["-f", "-i"]],
] as const)("the script in %s", (shell, options) => {
  it("reports what is typed, waits for nobody, and keeps it while the server is away", async () => {
    web.clock.now += 120_000;
    const home = mkdtempSync(join(folder, shell));
    const gate = await openGate();
    const script = join(home, "report.sh");
    writeFileSync(script, shellScript({ url: gate.url, token: reportToken }));
    const spool = join(home, ".local/state/omserver-report");
    const marks = [`echo ${shell}-1 "a b" 'it''s'`, `echo ${shell}-2 $((7*7)) {{7*7}}`];

    gate.open = false;
    const startedAt = performance.now();
    await type(shell, options, home, [`. ${script}`, ...marks, "exit"]);
    const took = performance.now() - startedAt;
    // Its lock is given back after that.
    await expect.poll(() => readdirSync(spool).filter((name) => /^(again|lock)$/.test(name))).toEqual(["again"]);
    expect((await list(`text=${shell}-1`)).rows).toEqual([]);

    gate.open = true;
    rmSync(join(spool, "again"));
    await type(shell, options, home, [`. ${script}`, `echo ${shell}-3`, "exit"]);
    await expect.poll(async () => (await list(`text=${shell}-`)).rows.length, { timeout: 15_000 }).toBe(3);
    const commands = (await list(`text=${shell}-`)).rows.map(({ command }) => command).sort();

    expect(commands).toEqual([...marks, `echo ${shell}-3`]);
    // A lock that waited for the server would take its 20 s.
    expect(took).toBeLessThan(15_000);
    await expect.poll(() => readdirSync(spool)).toEqual([]);
    expect(readFileSync(script, "utf8")).toContain(reportToken);
    await gate.close();
  });
});

/** A way to the web server that can be shut. */
async function openGate() {
  const gate = { open: true, url: "" };
  const server = createServer((request, response) => {
    if (!gate.open) {
      response.destroy();
      return;
    }
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { authorization = "", "content-type": type = "" } = request.headers;
      void fetch(`${web.url}${request.url}`, {
        method: "POST",
        headers: { authorization, "content-type": type },
        body: Buffer.concat(parts),
      }).then((answer) => response.writeHead(answer.status).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  gate.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  function close(): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
  return Object.assign(gate, { close });
}

/** An interactive shell that reads these lines, one after the other. */
function type(shell: string, options: readonly string[], home: string, lines: readonly string[]): Promise<void> {
  const env = { PATH: process.env.PATH ?? "", HOME: home, USER: "tester", LOGNAME: "tester", TERM: "dumb" };
  const child = spawn(shell, [...options], { env, stdio: ["pipe", "ignore", "ignore"] });
  child.stdin.end(`${lines.join("\n")}\n`);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve());
  });
}

async function readUntil(response: Response, pattern: RegExp): Promise<string> {
  const reader = response.body?.getReader();
  let text = "";
  while (!pattern.test(text)) {
    const { value, done } = (await reader?.read()) ?? { done: true };
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  await reader?.cancel();
  return text;
}

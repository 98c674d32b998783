import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "../../../test/testkit/engine-run.ts";
import { makeCertificates } from "../../../test/testkit/salt.ts";
import { createSaltApi, type SaltApi } from "./api.ts";
import { createSaltJobs, type SaltReturn } from "./jobs.ts";
import { refusalOf } from "./refusals.ts";
import { saltSettings } from "./settings.ts";
import { createSigns } from "./signs.ts";

/** A server that stands where salt-api should, and does what a test says: slow, wrong, endless, hostile. */

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let folder: string;
let server: Server;
let handle: Handler;
let logins: number;
let api: SaltApi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-salt-api-"));
  makeCertificates(folder);
  writeFileSync(join(folder, "password"), "secret\n");
  server = createServer(
    { cert: readFileSync(join(folder, "api.crt")), key: readFileSync(join(folder, "api.key")) },
    (request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on("end", () => {
        if (request.url === "/login") logins += 1;
        handle(request, response, body);
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => api?.close());

function open(changes: Readonly<Record<string, unknown>> = {}): SaltApi {
  logins = 0;
  api = createSaltApi(
    saltSettings.parse({
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      caFile: join(folder, "ca.crt"),
      user: "omserver",
      passwordFile: join(folder, "password"),
      requestMilliseconds: 2000,
      ...changes,
    }),
  );
  return api;
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

const start = 1_700_000_000;
function login(response: ServerResponse, seconds = 3600): void {
  json(response, { return: [{ token: "0123456789abcdef", start, expire: start + seconds, perms: [".*"] }] });
}

const call = { client: "runner", fun: "test.arg" };

test("many calls at once sign in once, and a token that ends soon is renewed before it does", async () => {
  handle = (request, response) => (request.url === "/login" ? login(response) : json(response, { return: [1] }));
  const long = open();
  await Promise.all([long.call(call), long.call(call), long.call(call)]);
  const once = logins;
  handle = (request, response) => (request.url === "/login" ? login(response, 30) : json(response, { return: [1] }));
  const short = open();
  await short.call(call);
  await short.call(call);

  expect(once).toBe(1);
  expect(logins).toBe(2);
});

test("a token that is no longer taken is replaced, and a refusal after that is one of permission", async () => {
  let refused = 0;
  handle = (request, response) => {
    if (request.url === "/login") return login(response);
    refused += 1;
    if (refused === 1) response.writeHead(401).end();
    else json(response, { return: ["there"] });
  };

  const found = await open().call(call);
  handle = (request, response) => (request.url === "/login" ? login(response) : response.writeHead(401).end());
  const denied = await open()
    .call(call)
    .catch((error: unknown) => error);

  expect(found).toBe("there");
  expect(refusalOf(denied)).toMatchObject({ kind: "denied", mend: expect.stringContaining("@runner") });
});

test.each<[string, Handler, string]>([
  ["an endless answer", (_, response) => void flood(response), "longer"],
  ["no JSON", (_, response) => void response.end("<html>"), "no JSON"],
  ["JSON of another shape", (_, response) => json(response, { __proto__: [], return: { length: 1 } }), "no “return”"],
  ["a cut answer", (_, response) => void response.writeHead(200, { "content-length": 100 }).write("{"), "in time"],
  ["silence", () => undefined, "in time"],
  ["a redirect", (_, response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(), "302"],
  ["a broken connection", (request) => void request.socket.destroy(), "cannot be reached"],
])("%s is a refusal, and takes no memory", async (_name, behave, reason) => {
  handle = (request, response, body) => (request.url === "/login" ? login(response) : behave(request, response, body));

  const error = await open({ requestMilliseconds: 1000 })
    .call(call, { mostBytes: 1_000_000 })
    .catch((fault: unknown) => fault);

  expect(refusalOf(error)?.reason).toContain(reason);
});

test("a token that is none, with line breaks to forge a header, is not taken", async () => {
  handle = (_, response) => json(response, { return: [{ token: "abc\r\nx-evil: 1", start, expire: start + 100 }] });

  const error = await open()
    .call(call)
    .catch((fault: unknown) => fault);

  expect(refusalOf(error)?.reason).toContain("no token");
});

test("returns of the stream are taken once, only of jobs of ours, whatever else is in it", async () => {
  let stream: ServerResponse | undefined;
  let id = "";
  handle = (request, response, body) => {
    if (request.url === "/login") return login(response);
    if (request.url === "/events") {
      stream = response;
      response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 400\n\n");
      return;
    }
    id = (JSON.parse(body) as { jid: string }[])[0]?.jid ?? "";
    // The return overtakes the answer, as on a real master it may.
    for (const part of events(id)) stream?.write(part);
    json(response, { return: [{ jid: id, minions: ["a", "b", 7] }] });
  };
  const jobs = createSaltJobs(open(), createSigns());
  const told: [string, SaltReturn][] = [];

  const job = await jobs.publish({ minions: ["a", "b"], fun: "x.y" }, (minion, answer) => told.push([minion, answer]));
  await until("both have returned", () => told.length >= 2);
  jobs.close();

  expect([...job.minions]).toEqual(["a", "b"]);
  expect(told.map(([minion, { value, code, trimmed }]) => [minion, value, code, trimmed])).toEqual([
    ["a", "first", 0, false],
    ["b", "VALUE_TRIMMED", 2, true],
  ]);
});

function events(id: string): string[] {
  const event = (tag: string, data: unknown) => `tag: ${tag}\ndata: ${JSON.stringify({ tag, data })}\n\n`;
  return [
    event("salt/job/20200101000000000000/ret/a", { return: "of another job" }),
    "data: {not json\n\ntag: salt/job/",
    `${id}/ret/a\ndata: {"data": {"return": "first", "retcode": 0, "success": true}}\n\n`,
    event(`salt/job/${id}/ret/a`, { return: "again" }),
    event(`salt/job/${id}/ret/b`, { return: "VALUE_TRIMMED", retcode: 2, success: false }),
  ];
}

async function flood(response: ServerResponse): Promise<void> {
  response.writeHead(200);
  const chunk = Buffer.alloc(65_536, "[");
  while (!response.destroyed) {
    if (!response.write(chunk)) await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
  }
}

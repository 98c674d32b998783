import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, databaseContent, type World } from "../../../test/testkit/web-world.ts";
import { errorCatalogue } from "../../contract/errors.ts";
import type { Route } from "../../contract/http/route.ts";
import { type RouteName, routes } from "../../contract/http/routes.ts";
import { problemDocument } from "../../contract/http/schemas/problem.ts";

const names = Object.keys(routes) as RouteName[];
const routeOf = (name: RouteName): Route => routes[name];
const withBody = names.filter((name) => routeOf(name).body !== undefined);

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const json = "application/json";

/** What a hostile client sends where JSON is expected. */
const bodies: readonly { readonly what: string; readonly body: string | Uint8Array; readonly type?: string }[] = [
  { what: "nothing", body: "" },
  { what: "half an object", body: '{"name": "x"' },
  { what: "a number", body: "7" },
  { what: "null", body: "null" },
  { what: "an empty list", body: "[]" },
  { what: "100,000 nested lists", body: deep(100_000) },
  {
    what: "nested lists in a field",
    body: `{"name": ${deep(50_000)}, "query": ${deep(50_000)}, "source": ${deep(50_000)}}`,
  },
  { what: "a poisoned prototype", body: '{"__proto__": {"role": "administrator"}, "name": "x"}' },
  { what: "a poisoned constructor", body: '{"constructor": {"prototype": {"role": "administrator"}}}' },
  { what: "invalid UTF-8", body: new Uint8Array([...Buffer.from('{"name": "'), 0xff, 0xfe, ...Buffer.from('"}')]) },
  { what: "a raw NUL", body: '{"name": "a\u0000b"}' },
  { what: "an escaped NUL", body: '{"name": "a\\u0000b", "query": "a\\u0000b", "source": "\\u0000"}' },
  { what: "half of a surrogate pair", body: '{"name": "\\ud800", "query": "\\udfff", "source": "\\ud800"}' },
  { what: "a NUL in a key", body: '{"parameters": {"a\\u0000": "b"}, "query": "x"}' },
  { what: "a name of 1 MB", body: JSON.stringify({ name: "x".repeat(1_048_576), key: "y" }) },
  { what: "UTF-16", body: new Uint8Array(Buffer.from('{"name": "x"}', "utf16le")) },
  { what: "text", body: "name=x", type: "text/plain" },
  { what: "a form", body: "name=x&role=administrator", type: "application/x-www-form-urlencoded" },
  { what: "XML", body: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', type: "application/xml" },
  { what: "a multipart form", body: "--x\r\n\r\n--x--", type: "multipart/form-data; boundary=x" },
  { what: "bytes where JSON belongs", body: "{}", type: "application/octet-stream" },
];

describe("a hostile request", () => {
  let web: TestWeb;
  let world: World;
  let token: string;

  beforeAll(async () => {
    web = await startWeb({ config: { requestsPerMinute: 1_000_000 } });
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
  });
  afterAll(() => web.close());

  async function expectProblem(
    response: Response,
  ): Promise<{ code: string; detail: string; problems: { place: string }[] }> {
    const text = await response.text();
    expect([response.status, text]).toEqual([
      expect.toSatisfy((status: number) => status >= 400 && status < 500),
      text,
    ]);
    expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const problem = problemDocument.parse(JSON.parse(text));
    expect(problem.status).toBe(response.status);
    expect(problem.instance).toBe(`urn:uuid:${response.headers.get("x-request-id")}`);
    expect(Object.keys(errorCatalogue)).toContain(problem.code);
    // Neither a stack nor a file of ours, and not the body again.
    expect(text).not.toMatch(/node_modules|\.ts\b|at \w+ \(/);
    expect(text.length).toBeLessThan(20_000);
    return problem;
  }

  it.each(withBody)("%s answers a clear problem to every hostile body, and nothing is written", async (name) => {
    // Failed sign-ins are recorded, whatever was sent.
    const before = databaseContent(web, ["audit"]);
    const path = routeOf(name).path.replace(/:\w+/g, "1");
    for (const { what, body, type } of bodies) {
      web.clock.now += 600_000;
      const response = await web.call(routeOf(name).method, path, {
        token,
        body,
        headers: { "content-type": type ?? json },
      });
      const { code } = await expectProblem(response);
      expect([what, code]).toEqual([
        what,
        expect.stringMatching(/^(request\.|access\.bad|query\.|module\.|inventory\.)/),
      ]);
    }
    expect(databaseContent(web, ["audit"])).toBe(before);
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  it("names the place of each fault as a JSON pointer", async () => {
    const response = await web.call("POST", "/hosts", {
      token,
      body: { name: "-oProxyCommand=x", appCategoryId: 1, port: 70_000, tags: ["ok", "a b"] },
    });
    const { problems, detail } = await expectProblem(response);
    expect(problems.map(({ place }) => place)).toEqual(["/name", "/port", "/tags/1"]);
    expect(detail).toContain("/name");
  });

  it("escapes the pointer of a strange key", async () => {
    const body = { module: 1, query: "x", parameters: { "a/b~c": { not: "a value" } } };
    const { problems } = await expectProblem(await web.call("POST", "/runs/preview", { token, body }));
    expect(problems.map(({ place }) => place)).toEqual(["/parameters/a~1b~0c"]);
  });

  it("tells where malformed JSON breaks, and not what stands there", async () => {
    const send = (body: string) => web.call("POST", "/session", { body, headers: { "content-type": json } });
    const early = await expectProblem(await send('{\n  "name": "x" "password": 1\n}'));
    expect(early.detail).toContain("line 2 column 15");
    const token = await expectProblem(await send('{\n  "name": "x",\n  "password": hunter2\n}'));
    expect(token.detail).toContain("not valid JSON");
    expect(token.detail).not.toContain("hunter2");
  });

  it.each([
    ["an unknown address", "GET", "/nothing/here", 404, "request.not_found"],
    ["a method that the address does not have", "PUT", "/hosts", 404, "request.not_found"],
    ["a number that is none", "GET", "/hosts/abc", 400, "request.invalid"],
    ["a number below one", "GET", "/hosts/0", 400, "request.invalid"],
    ["a number that no column holds", "GET", "/hosts/99999999999", 400, "request.invalid"],
    ["an escape that cannot be read", "GET", "/hosts/%zz", 400, "request.invalid"],
    ["a traversal", "GET", "/runs/1/outputs/..%2f..%2fetc%2fpasswd", 400, "request.invalid"],
    ["a long part", "GET", `/runs/1/outputs/${"a".repeat(5000)}`, 400, "request.invalid"],
    ["a limit beyond the largest", "GET", "/hosts?limit=1001", 400, "request.invalid"],
    [
      "a place that no output has",
      "GET",
      "/runs/1/executions/0/output?offset=9007199254740991",
      400,
      "request.invalid",
    ],
    ["a parameter given twice", "GET", "/hosts?query=a&query=b", 400, "request.invalid"],
    ["a cursor that nobody gave", "GET", "/hosts?cursor=AAAA", 400, "request.invalid"],
    ["a cursor that nobody gave", "GET", "/runs?cursor=AAAA", 400, "request.invalid"],
    ["a cursor that nobody gave", "GET", "/audit?cursor=%00", 400, "request.invalid"],
    ["a state that there is not", "GET", "/runs?state=done", 400, "request.invalid"],
    ["a query that cannot be read", "GET", "/hosts?query=a%20and", 422, "query.syntax"],
    ["a query that names a run nobody sees", "GET", "/hosts?query=failed(999)", 422, "query.unknown_name"],
    ["a query with a NUL", "GET", "/hosts?query=%00", 400, "request.invalid"],
    ["an audit search with a NUL", "GET", "/audit?text=a%00b", 400, "request.invalid"],
    ["a requester with broken UTF-8", "GET", "/runs?requestedBy=%ff%fe", 400, "request.invalid"],
  ])("%s is a problem: %s %s", async (_what, method, path, status, code) => {
    const response = await web.call(method, path, { token });
    expect(await expectProblem(response)).toMatchObject({ code });
    expect(response.status).toBe(status);
  });

  it("tells at which column a query names a run that nobody sees", async () => {
    const response = await web.call("GET", `/hosts?query=${encodeURIComponent("enabled=any and failed(999)")}`, {
      token,
    });

    expect(await response.json()).toMatchObject({
      detail: "Column 17 of the query: there is no run 999.",
      problems: [{ place: "1:17", message: "there is no run 999" }],
    });
  });

  it("refuses a body that is larger than its route takes, before it has read it", async () => {
    const body = JSON.stringify({ source: "x".repeat(3_000_000) });
    const response = await web.call("POST", "/modules/preview", { token, body, headers: { "content-type": json } });
    expect([response.status, (await expectProblem(response)).code]).toEqual([413, "request.too_large"]);
  });

  /** What the server answers to bytes on a connection, up to `end`. */
  async function answerTo(bytes: string, end: string): Promise<string> {
    const socket = connect(Number(new URL(web.url).port), "127.0.0.1");
    const answered = new Promise<string>((resolve, reject) => {
      let text = "";
      socket.on("data", (data) => {
        text += data.toString();
        if (text.includes(end)) resolve(text);
      });
      socket.on("error", reject);
    });
    socket.write(bytes);
    const answer = await answered;
    socket.destroy();
    return answer;
  }

  it("does not read the body of somebody who is not signed in", async () => {
    const head = "POST /api/v1/hosts/import HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    // The body never comes.
    const answer = await answerTo(`${head}content-length: 60000000\r\n\r\n{`, "access.not_signed_in");
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("refuses a file that says it is too large before it comes", async () => {
    const head = `POST /api/v1/files?name=x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
    const rest = "content-type: application/octet-stream\r\ncontent-length: 1073741825\r\n\r\nx";
    expect(await answerTo(head + rest, "request.too_large")).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("answers a problem to what is not even HTTP", async () => {
    expect(await answerTo("\u0016\u0003\u0001 hello\r\n\r\n", "request.invalid")).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("keeps nothing of a file whose sender goes away", async () => {
    const head = `POST /api/v1/files?name=half HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
    const socket = connect(Number(new URL(web.url).port), "127.0.0.1");
    socket.write(`${head}content-type: application/octet-stream\r\ncontent-length: 1000\r\n\r\n${"x".repeat(500)}`);
    const incoming = join(web.folder, "files/incoming");
    await until(() => existsSync(incoming) && readdirSync(incoming).length === 1);
    socket.destroy();
    await until(
      () => readdirSync(incoming).length === 0 && web.log.some((line) => line.includes("The sender went away")),
    );
    expect((await web.store.files.list()).map(({ name }) => name)).not.toContain("half");
  });

  /** The test's own time limit ends it. */
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  }

  it("limits how many requests one address may send, and says when to come again", async () => {
    const strict = await startWeb({ config: { requestsPerMinute: 20 } });
    try {
      const answers = await Promise.all(Array.from({ length: 25 }, () => strict.call("GET", "/status")));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBe(5);
      expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await refused[0]?.json()).toMatchObject({ code: "request.too_many" });
    } finally {
      await strict.close();
    }
  });

  it("tells nobody what broke inside, and logs it under the request's id", async () => {
    const broken = await startWeb({
      wrap: (store) => ({
        ...store,
        modules: { ...store.modules, list: () => Promise.reject(new TypeError("canary at /secret/place.ts")) },
      }),
    });
    try {
      const user = await broken.user("ada", "viewer");
      const response = await broken.call("GET", "/modules", { token: await broken.apiToken(user) });
      const text = await response.text();
      expect(response.status).toBe(500);
      expect(JSON.parse(text)).toMatchObject({ code: "internal.error", problems: [] });
      expect(text).not.toContain("canary");
      const id = response.headers.get("x-request-id") ?? "none";
      expect(text).toContain(id);
      expect(broken.log.filter((line) => line.includes(id) && line.includes("canary"))).toHaveLength(1);
    } finally {
      await broken.close();
    }
  });
});

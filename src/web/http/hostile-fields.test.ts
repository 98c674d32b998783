import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, databaseContent, type World } from "../../../test/testkit/web-world.ts";
import { problemDocument } from "../../contract/http/schemas/problem.ts";

/** Every field that a person fills, with every value that has broken such a program before. */

const values: readonly (readonly [what: string, value: string])[] = [
  ["an option", "-oProxyCommand=touch canary"],
  ["a line break", "a\nb"],
  ["a carriage return", "a\r\nb"],
  ["a NUL", "a\0b"],
  ["quotes", `a"b'c\`d\\`],
  ["a template", "{{7*7}}"],
  ["another template", "$\u007b7*7}<%= 7*7 %>"],
  ["a command substitution", "$(touch canary)`touch canary`;touch canary"],
  ["the name of a prototype", "__proto__"],
  ["a megabyte", "x".repeat(1_048_576)],
  ["half of a surrogate pair", "a\ud800b"],
  ["markup", "<img src=x onerror=alert(1)>"],
  ["a formula", "=cmd|' /C calc'!A0"],
  ["a direction mark", "a\u202eb"],
];

interface Field {
  readonly method: string;
  readonly path: string;
  readonly body: (value: string, world: World) => Record<string, unknown>;
}

const host = (world: World, change: object) => ({ name: world.fresh(), appCategoryId: world.ownApp, ...change });
const manifest = (world: World, change: object) =>
  JSON.stringify({
    key: world.fresh(),
    name: { zh: "回声", en: "Echo" },
    danger: "read",
    parameters: { type: "object", properties: {} },
    run: { all: { kind: "command", argv: ["true"] } },
    ...change,
  });
const run = (world: World, change: object) => ({ module: world.moduleId, query: "own-1", ...change });

const fields: Readonly<Record<string, Field>> = {
  "a function category's name": post("/function-categories", (name) => ({ name })),
  "an application category's name": post("/app-categories", (name, world) => ({
    name,
    functionCategoryId: world.ownFunction,
  })),
  ...Object.fromEntries(
    ["name", "innerAddress", "outerAddress", "os", "user", "credential", "proxyJump", "note"].map((field) => [
      `a host's ${field}`,
      post("/hosts", (value, world) => host(world, { [field]: value })),
    ]),
  ),
  "a host's tag": post("/hosts", (tag, world) => host(world, { tags: [tag] })),
  "a query": post("/hosts/match", (query) => ({ query })),
  "a query being written": post("/hosts/complete", (query) => ({ query, cursor: Math.min(query.length, 65_536) })),
  "a CSV's cell": post("/hosts/import", (value) => ({
    format: "csv",
    preview: false,
    text: `name,function_category,app_category,note\r\n"${value.replaceAll('"', '""')}",own-function,own-app,n\r\n`,
  })),
  "a CSV as a whole": post("/hosts/import", (text) => ({ format: "csv", preview: false, text })),
  "an ssh_config": post("/hosts/import", (value) => ({
    format: "ssh_config",
    preview: false,
    category: "own-function/own-app",
    text: `Host ${value}\n  HostName ${value}\n  User ${value}\n`,
  })),
  "a module's source": post("/modules", (source) => ({ source })),
  "a module's key": post("/modules", (key, world) => ({ source: manifest(world, { key }) })),
  "a module's name": post("/modules", (en, world) => ({ source: manifest(world, { name: { zh: "名", en } }) })),
  "a module's parameter": post("/modules", (name, world) => ({
    source: manifest(world, {
      parameters: { type: "object", properties: Object.fromEntries([[name, { type: "string" }]]) },
    }),
  })),
  "a form's value": post("/runs/preview", (text, world) => run(world, { parameters: { text } })),
  "a form's key": post("/runs/preview", (key, world) => run(world, { parameters: Object.fromEntries([[key, "x"]]) })),
  "an account to become": post("/runs/preview", (becomeUser, world) => run(world, { becomeUser })),
  "a command's argument": post("/runs/preview", (argument) => ({ command: ["echo", argument], query: "own-1" })),
  "a script": post("/runs/preview", (text) => ({ script: { interpreter: ["/bin/sh"], text }, query: "own-1" })),
  "a user's name": post("/users", (name) => ({
    name,
    role: "viewer",
    scope: { everything: true, functionCategories: [], appCategories: [] },
  })),
  "a token's name": post("/tokens", (name) => ({ name })),
  "a credential's name": {
    method: "PUT",
    path: "/credentials",
    body: (name) => ({ name, description: "", secret: { kind: "password", password: "secret" } }),
  },
};

function post(path: string, body: Field["body"]): Field {
  return { method: "POST", path, body };
}

describe("a hostile value", () => {
  let web: TestWeb;
  let world: World;
  let token: string;

  beforeAll(async () => {
    web = await startWeb({ config: { requestsPerMinute: 1_000_000 } });
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
  });
  afterAll(() => web.close());

  it.each(Object.entries(fields))(
    "in %s is taken as it is or refused with its place, and nothing is half-written",
    async (_, { method, path, body }) => {
      for (const [what, value] of values) {
        const before = databaseContent(web, ["audit"]);
        const response = await web.call(method, path, { token, body: body(value, world) });
        const text = await response.text();
        expect([what, response.status, text.slice(0, 300)]).toEqual([
          what,
          expect.toSatisfy((status: number) => status < 500 && status !== 404),
          expect.any(String),
        ]);
        if (response.status < 400) continue;
        const { detail, problems } = problemDocument.parse(JSON.parse(text));
        expect([what, detail.length]).toEqual([
          what,
          expect.toSatisfy((length: number) => length > 10 && length < 4000),
        ]);
        // A body is refused as a whole where it is too large or poisoned; the sentence says by what.
        const isWhole = response.status === 413 || detail.includes("__proto__");
        if (!isWhole) expect([what, problems[0]?.place]).toEqual([what, expect.stringMatching(/./)]);
        expect([what, databaseContent(web, ["audit"])]).toEqual([what, before]);
      }
      expect(existsSync("canary")).toBe(false);
      expect(Object.keys({}.constructor.prototype)).toEqual([]);
    },
  );

  it("is held against the same rules where a host, or several, are changed as where one is added", async () => {
    const made = await web.call("POST", "/hosts", { token, body: host(world, { name: "changed-1" }) });
    const { id } = (await made.json()) as { id: number };
    for (const field of ["innerAddress", "outerAddress", "os", "user", "credential", "proxyJump", "note", "tags"]) {
      for (const [what, value] of values) {
        const change = { [field]: field === "tags" ? [value] : value };
        const several = { query: "changed-1", change, expectedCount: 1, preview: true };
        const statuses = [
          (await web.call("POST", "/hosts", { token, body: host(world, change) })).status,
          (await web.call("PATCH", `/hosts/${id}`, { token, body: change })).status,
          (await web.call("POST", "/hosts/change", { token, body: several })).status,
        ];
        const [added = 0] = statuses;
        expect([field, what, ...statuses]).toEqual([field, what, added, ...Array(2).fill(added === 201 ? 200 : added)]);
      }
    }
  });

  it("comes back letter by letter where it is taken", async () => {
    for (const [what, note] of values) {
      const response = await web.call("POST", "/hosts", { token, body: host(world, { note, os: "" }) });
      if (response.status === 201) expect([what, await response.json()]).toMatchObject([what, { note }]);
    }
  });
});

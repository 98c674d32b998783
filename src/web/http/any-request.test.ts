import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type DatabaseServer, startPostgres } from "../../../test/testkit/databases.ts";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, finishedRun, libraryFile, waitingRun } from "../../../test/testkit/web-world.ts";
import type { Route } from "../../contract/http/route.ts";
import { type RouteName, routes } from "../../contract/http/routes.ts";

/**
 * Requests made from the routes' own schemas: they mean something mostly, and what they hold is hostile often. Over
 * PostgreSQL, which takes the least: no number beyond its column, no text that is none.
 */

let postgres: DatabaseServer | undefined;
/** For requests that change nothing. */
let unchanged: TestWeb | undefined;

beforeAll(async () => {
  postgres = await startPostgres();
  unchanged = await startWorld();
});
afterAll(async () => {
  await unchanged?.close();
  await postgres?.stop();
});

const routeOf = (name: RouteName): Route => routes[name];
const names = (Object.keys(routes) as RouteName[]).filter((name) => routeOf(name).answer !== "events");
/** What is read without naming anything: whatever was stored before, it has to answer. */
const lists = names.filter((name) => {
  const { method, path, query, answer } = routeOf(name);
  return method === "GET" && !path.includes(":") && answer === "json" && (query?.safeParse({}).success ?? true);
});
/** More for a soak. */
const numRuns = Number(process.env.REQUESTS ?? 25);

const words = [
  // Of the world of these tests.
  ["own-1", "foreign-1", "own-function", "own-function/own-app", "*", "failed(1)", "echo", "main", "text", "other"],
  // What nobody would wonder at.
  ["default", "ssh", "10.0.0.1", "fe80::1%br-lan", "new-1", "tag:x", "os=Debian*", "中文", "a b", "1", "0", "{}", "[]"],
  // And what somebody would.
  ["", " ", "a\nb", "a\tb", "\u001b[31m", "a\u202eb", "\ufffe", "-x", "{{7*7}}", "$(touch canary)", "__proto__", "🐧"],
  ["-1", "1e9", "x".repeat(300), "é".repeat(70), "%", "_", "\\", "'", '"', "/", "//", "..", "null", "constructor"],
];
const text = fc.oneof(
  ...words.map((some) => fc.constantFrom(...some)),
  fc.string({ unit: "binary", maxLength: 20 }).filter((some) => some.isWellFormed() && !some.includes("\0")),
);
const manifest = text.map((name) =>
  JSON.stringify({
    key: "made",
    name: { zh: name, en: name },
    danger: "read",
    parameters: { type: "object", properties: { text: { type: "string", default: name } } },
    run: { all: { kind: "command", argv: ["echo", name] } },
  }),
);

/** JSON Schema, as far as Zod writes it. */
interface Shape {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly maxLength?: number;
}

function anyValue(shape: Shape, name = ""): fc.Arbitrary<unknown> {
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => anyValue(choice, name)));
  switch (shape.type) {
    case "object":
      return objectOf(shape);
    case "array":
      return fc.array(anyValue(shape.items ?? {}, name), { maxLength: 3 });
    case "integer":
    case "number":
      return fc.oneof(
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0, shape.minimum ?? -1, shape.maximum ?? 2 ** 31),
      );
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return name === "source" ? fc.oneof(manifest, text) : textOf(shape);
  }
}

function objectOf({ properties, required = [] }: Shape): fc.Arbitrary<unknown> {
  if (properties === undefined) return fc.dictionary(fc.constantFrom("text", "a b"), text);
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  // Few at a time: one that is refused refuses all the others.
  return fc
    .subarray(optional, { maxLength: Math.min(2, optional.length) })
    .chain((some) =>
      fc.record(
        Object.fromEntries([...required, ...some].map((name) => [name, anyValue(properties[name] ?? {}, name)])),
      ),
    );
}

function textOf({ pattern = "", maxLength = 1000 }: Shape): fc.Arbitrary<string> {
  const rule = new RegExp(pattern, "u");
  const fitting = words.flat().filter((word) => rule.test(word) && word.length <= maxLength);
  const right = fitting.length === 0 ? text : fc.constantFrom(...fitting);
  return fc.oneof({ weight: 2, arbitrary: right }, { weight: 1, arbitrary: text });
}

const shapeOf = (schema: z.ZodType | undefined): Shape =>
  schema === undefined
    ? { properties: {} }
    : (z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape);

it.each(names.filter((name) => routeOf(name).method === "GET"))(
  "%s answers what its schemas can be asked, and never fails by itself",
  async (name) => {
    if (unchanged === undefined) throw new Error("There is no server.");
    await ask(unchanged, name);
  },
);

it.each(names.filter((name) => routeOf(name).method !== "GET"))(
  "%s takes or refuses what its schemas can be asked, never fails by itself, and breaks no list",
  async (name) => {
    const web = await startWorld();
    try {
      await ask(web, name);

      const token = await web.apiToken(await web.user("later", "administrator"));
      for (const list of lists) {
        const { status } = await web.call("GET", routeOf(list).path, { token });
        expect([list, status]).toEqual([list, 200]);
      }
    } finally {
      await web.close();
    }
  },
);

async function ask(web: TestWeb, name: RouteName): Promise<void> {
  const { method, path, params, query, body, upload } = routeOf(name);
  const request = fc.record({
    params: objectOf(shapeOf(params)) as fc.Arbitrary<Record<string, unknown>>,
    query: objectOf(shapeOf(query)) as fc.Arbitrary<Record<string, unknown>>,
    body: body === undefined ? fc.constant(undefined) : anyValue(shapeOf(body)),
    bytes: text,
  });
  const token = await web.apiToken(await web.user(`asks ${name}`, "administrator"));
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      // Nobody is kept waiting for what was tried too often.
      web.clock.now += 600_000;
      const place = path.replace(/:(\w+)/g, (_, part: string) => encodeURIComponent(String(asked.params[part])));
      const search = new URLSearchParams(
        Object.entries(asked.query).map(([key, value]): [string, string] => [key, String(value)]),
      );
      const bytes = { body: Buffer.from(asked.bytes), headers: { "content-type": "application/octet-stream" } };
      const sent = upload === undefined ? { body: asked.body } : bytes;
      const response = await web.call(method, `${place}?${search}`, { token, ...sent });
      await response.arrayBuffer();
      expect(response.status).not.toBe(500);
    }),
    { numRuns },
  );
}

async function startWorld(): Promise<TestWeb> {
  const database = await postgres?.createDatabase();
  if (database === undefined) throw new Error("PostgreSQL did not start.");
  const web = await startWeb({ config: { requestsPerMinute: 1_000_000 }, database });
  const world = await createWorld(web);
  await finishedRun(web, world.moduleId, world.ownHost, "own\n");
  await waitingRun(web, world.moduleId, [world.ownHost], await web.user("other", "operator"));
  await libraryFile(web, "a file");
  return web;
}

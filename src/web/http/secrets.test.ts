import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, echoModule, type World } from "../../../test/testkit/web-world.ts";
import type { Route } from "../../contract/http/route.ts";
import { type RouteName, routes } from "../../contract/http/routes.ts";
import { createSetupLink, createSignInLink } from "./sign-in-links.ts";

/**
 * Secrets go in through every door that takes one; afterwards every answer, the log and every file of the data folder
 * are searched for them.
 */
let web: TestWeb;
let world: World;
let token: string;

beforeAll(async () => {
  web = await startWeb({ config: { requestsPerMinute: 1_000_000 } });
});
afterAll(() => web.close());

const canaries: string[] = [];
function canary(what: string): string {
  const secret = `CANARY-${what}-${canaries.length}-9f8e7d6c5b4a`;
  canaries.push(secret);
  return secret;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

it("no secret is in an answer, in the log or in a file afterwards", async () => {
  const answers: string[] = [];
  async function send(
    method: string,
    path: string,
    body?: unknown,
    request: { cookie?: string } = {},
  ): Promise<string> {
    const by = request.cookie === undefined ? { token } : request;
    const response = await web.call(method, path, { ...by, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    answers.push(text, JSON.stringify([...response.headers].filter(([name]) => name !== "set-cookie")));
    return text;
  }

  // The set-up link and its password.
  const clock = () => web.clock.now;
  const setup = (await createSetupLink(web.store, web.url, clock)).url.split("#token=")[1] ?? "";
  const first = canary("setup-password");
  const redeemed = await web.call("POST", "/session/link", { body: { token: setup, name: "chief", password: first } });
  answers.push(await redeemed.text());
  const cookie = /omserver=([^;]+)/.exec(redeemed.headers.get("set-cookie") ?? "")?.[1] ?? "";
  canaries.push(setup, cookie);

  world = await createWorld(web);
  token = await web.apiToken(world.administrator);
  canaries.push(token);

  // Passwords, right and wrong, and one that went into the field of the name.
  await send("POST", "/session", { name: "chief", password: first });
  await send("POST", "/session", { name: "chief", password: canary("wrong-password") });
  await send("POST", "/session", { name: canary("password-as-name"), password: canary("no-such-user") });
  await send("POST", "/users", { name: "second", role: "viewer", password: canary("new-user-password") });
  await send("PATCH", `/users/${world.administrator.id}`, { password: canary("reset-password") });
  await send("PUT", "/session/password", { current: first, next: canary("next-password") }, { cookie });
  await send("PUT", "/session/password", { current: canary("wrong-current"), next: canary("unused") }, { cookie });

  // Links and tokens: shown once to whoever asked for them.
  const user = await web.user("linked", "viewer");
  const link = (await createSignInLink(web.store, user.id, web.url, clock)).url.split("#token=")[1] ?? "";
  canaries.push(link);
  await send("POST", "/session/link", { token: canary("guessed-link-that-is-long-enough") });
  const made = await web.call("POST", "/tokens", { token, body: { name: "ci" } });
  canaries.push(((await made.json()) as { token: string }).token);

  // Credentials of every kind, also ones that are refused.
  const key = { kind: "key", privateKey: canary("private-key"), passphrase: canary("passphrase") };
  for (const secret of [
    { ...key, becomePassword: canary("sudo-password") },
    { kind: "key_file", path: "/etc/key", passphrase: canary("file-passphrase") },
    { kind: "password", password: canary("ssh-password") },
    { kind: "password", password: canary("refused-password"), user: "-x" },
    { kind: "no-such-kind", password: canary("unknown-kind") },
  ]) {
    const description = "plain-note-of-a-credential";
    await send("PUT", "/credentials", { name: `credential-${canaries.length}`, description, secret });
  }
  web.dispatcher.unreachable = true;
  await send("PUT", "/credentials", { name: "unreachable", secret: { kind: "password", password: canary("unsent") } });
  web.dispatcher.unreachable = false;

  // A secret parameter of a module: previewed, started, refused, started again.
  const secret = { type: "string", format: "password" } as const;
  await web.store.modules.create(
    {
      ...echoModule("secretive"),
      parameters: { type: "object", properties: { word: secret, count: { type: "integer" } }, required: ["word"] },
      run: { all: { kind: "script", interpreter: ["/bin/sh"], script: "true" } },
    },
    "test",
  );
  const request = { module: "secretive", query: "own-1" };
  await send("POST", "/runs/preview", { ...request, parameters: { word: canary("previewed") } });
  const started = JSON.parse(await send("POST", "/runs", { ...request, parameters: { word: canary("started") } }));
  await send("POST", "/runs", { ...request, parameters: { word: canary("refused"), count: "three" } });
  await send("POST", `/runs/${started.id}/rerun`, { selection: "all" });

  // Malformed bodies that hold one.
  const type = { "content-type": "application/json" };
  for (const body of [`{"name": "x", "password": ${canary("broken-json")}}`, `{"a": "${canary("cut")}`]) {
    answers.push(await (await web.call("POST", "/session", { body, headers: type })).text());
  }

  // Now whatever can be read is read.
  const ids: Record<string, string> = { id: String(started.id), position: "0", sha256: "0".repeat(64) };
  for (const name of Object.keys(routes) as RouteName[]) {
    const route: Route = routes[name];
    if (route.method !== "GET" || route.answer === "events") continue;
    await send(
      "GET",
      route.path.replace(/:(\w+)/g, (_, param: string) => ids[param] ?? "1"),
    );
    await send("GET", route.path.replace(/:(\w+)/g, "1"));
  }
  await send("GET", `/modules/${world.moduleId}`);
  await send("GET", "/audit?limit=1000");

  const places: readonly (readonly [string, string])[] = [
    ...answers.map((text, index) => [`answer ${index}: ${text.slice(0, 80)}`, text] as const),
    ["the log", web.log.join("")],
    ...filesUnder(web.folder).map((file) => [file.slice(web.folder.length), readFileSync(file, "latin1")] as const),
  ];
  const where = (word: string) => places.filter(([, text]) => text.includes(word)).map(([place]) => place);
  // The search finds what is there: the note on a credential is no secret.
  expect(where("plain-note-of-a-credential").length).toBeGreaterThan(1);
  expect(canaries.length).toBeGreaterThan(20);
  for (const secret of canaries) expect([secret, where(secret)]).toEqual([secret, []]);
});

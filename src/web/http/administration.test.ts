import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newHost, startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, echoModule, type World } from "../../../test/testkit/web-world.ts";
import { parseModule } from "../../modules/parse.ts";
import { moduleSource } from "../../modules/source.ts";
import { defaultSettings, readSettings } from "./settings.ts";

describe("administration", () => {
  let web: TestWeb;
  let world: World;
  let token: string;

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
  });
  afterAll(() => web.close());

  const send = (method: string, path: string, body?: unknown, by = token) =>
    web.call(method, path, { token: by, ...(body === undefined ? {} : { body }) });
  const lastAudit = async () => (await web.store.audit.list({}, { limit: 1 })).rows[0];
  async function refusal(response: Response): Promise<[number, string]> {
    return [response.status, ((await response.json()) as { code: string }).code];
  }

  it("gives out an API token once, with an end, and takes it back", async () => {
    const made = (await (await send("POST", "/tokens", { name: "ci", expiresInDays: 1 })).json()) as {
      id: number;
      token: string;
    };
    expect(made.token).toMatch(/^om_[\w-]{43}$/);
    const listed = await (await send("GET", "/tokens")).text();
    expect(listed).toContain('"name":"ci"');
    expect(listed).not.toContain(made.token);
    expect((await send("GET", "/session", undefined, made.token)).status).toBe(200);

    expect((await send("DELETE", `/tokens/${made.id}`)).status).toBe(204);
    expect((await send("GET", "/session", undefined, made.token)).status).toBe(401);

    const other = (await (await send("POST", "/tokens", { name: "ci", expiresInDays: 1 })).json()) as { token: string };
    web.clock.now += 86_400_000;
    expect((await send("GET", "/session", undefined, other.token)).status).toBe(401);
  });

  it("keeps the last administrator", async () => {
    const alone = await startWeb();
    const admin = await alone.user("only", "administrator");
    const by = { token: await alone.apiToken(admin) };
    for (const body of [{ role: "viewer" }, { enabled: false }]) {
      expect(await refusal(await alone.call("PATCH", `/users/${admin.id}`, { ...by, body }))).toEqual([
        409,
        "inventory.in_use",
      ]);
    }
    expect(await refusal(await alone.call("DELETE", `/users/${admin.id}`, by))).toEqual([409, "inventory.in_use"]);
    await alone.close();
  });

  it("makes a link by which a user signs in, at the public address", async () => {
    const user = await web.user("linked", "viewer");
    const made = (await (await send("POST", `/users/${user.id}/sign-in-link`)).json()) as { url: string };
    expect(made.url).toMatch(new RegExp(`^${web.url}/sign-in#token=`));
    expect(await lastAudit()).toMatchObject({ action: "user.sign_in_link", object: "user linked", detail: {} });
    const redeemed = await web.call("POST", "/session/link", { body: { token: made.url.split("=")[1] } });
    expect(redeemed.status).toBe(200);
  });

  it("says with the first request which settings hold, and notes what was changed from what", async () => {
    expect(await (await send("GET", "/settings")).json()).toEqual(defaultSettings);
    const response = await send("PATCH", "/settings", { runWidth: 64, confirmAboveHosts: 10 });
    expect(await response.json()).toEqual({ ...defaultSettings, runWidth: 64, confirmAboveHosts: 10 });
    expect(await lastAudit()).toMatchObject({
      action: "settings.change",
      detail: { from: { runWidth: 256, confirmAboveHosts: 50 }, to: { runWidth: 64, confirmAboveHosts: 10 } },
    });
    expect(await refusal(await send("PATCH", "/settings", { runWidth: 0 }))).toEqual([400, "request.invalid"]);
    expect(await refusal(await send("PATCH", "/settings", { colour: "red" }))).toEqual([400, "request.invalid"]);
  });

  it("reads a setting that is not valid any more as its default", async () => {
    await web.store.settings.set("setting.runWidth", "many");
    expect((await readSettings(web.store.settings)).runWidth).toBe(256);
  });

  it("shows a host-key policy as set only when the controller follows it", async () => {
    web.dispatcher.unreachable = true;
    const refused = await send("PATCH", "/settings", { hostKeyPolicy: "accept_new" });
    expect(await refusal(refused)).toEqual([503, "controller.unreachable"]);
    expect((await readSettings(web.store.settings)).hostKeyPolicy).toBe("strict");

    web.dispatcher.unreachable = false;
    await send("PATCH", "/settings", { hostKeyPolicy: "accept_new" });
    expect(web.dispatcher.told.at(-1)).toEqual({ what: "setHostKeyPolicy", given: ["accept_new"] });
    expect(await lastAudit()).toMatchObject({
      action: "settings.change",
      detail: { to: { hostKeyPolicy: "accept_new" } },
    });
    expect((await readSettings(web.store.settings)).hostKeyPolicy).toBe("accept_new");
  });

  it("hands a credential's secret to the controller and keeps only its name", async () => {
    const secret = { kind: "password", user: "deploy", password: "canary-password" };
    const zones = ["bj"];
    const response = await send("PUT", "/credentials", { name: "deploy", description: "fleet", zones, secret });
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ name: "deploy", kind: "password", user: "deploy", description: "fleet" });
    expect(JSON.parse(text)).toMatchObject({ zones, heldBy: ["main"] });
    expect(text).not.toContain("canary-password");
    expect(web.dispatcher.told.at(-1)).toEqual({ what: "putCredential", given: ["deploy", secret, zones] });
    expect(JSON.stringify(await lastAudit())).not.toContain("canary-password");
    expect(await (await send("GET", "/credentials")).text()).not.toContain("canary-password");
  });

  it("keeps nothing of a credential when the controller did not take it", async () => {
    web.dispatcher.unreachable = true;
    const secret = { kind: "agent" };
    expect(await refusal(await send("PUT", "/credentials", { name: "lost", secret }))).toEqual([
      503,
      "controller.unreachable",
    ]);
    web.dispatcher.unreachable = false;
    expect((await web.store.credentials.list()).map(({ name }) => name)).not.toContain("lost");
  });

  it("does not delete a credential that a host uses, on neither side", async () => {
    await web.store.inventory.createHost(newHost("uses-it", world.ownApp, { credential: "deploy" }));
    const { id } = (await web.store.credentials.list()).find(({ name }) => name === "deploy") ?? { id: 0 };
    const told = web.dispatcher.told.length;
    expect(await refusal(await send("DELETE", `/credentials/${id}`))).toEqual([409, "inventory.in_use"]);
    expect(web.dispatcher.told).toHaveLength(told);

    await send("POST", "/hosts/delete", { query: "uses-it", expectedCount: 1 });
    expect((await send("DELETE", `/credentials/${id}`)).status).toBe(204);
    expect(web.dispatcher.told.at(-1)).toEqual({ what: "deleteCredential", given: ["deploy"] });
  });

  it("asks the controller about a host at the address where it would be reached", async () => {
    const report = await send("POST", `/hosts/${world.ownHost.id}/test`);
    expect(await report.json()).toEqual({ ok: true, message: "The host answered.", milliseconds: 3 });
    expect(web.dispatcher.told.at(-1)?.given[0]).toMatchObject({ name: "own-1", address: "127.0.0.1", port: 22 });
    expect((await send("DELETE", `/hosts/${world.ownHost.id}/key`)).status).toBe(204);
    expect(web.dispatcher.told.at(-1)).toEqual({ what: "forgetHostKey", given: ["127.0.0.1", 22] });
  });

  it("keeps a file once by its content, and its name for the newest", async () => {
    const upload = (name: string, body: string) =>
      web.call("POST", `/files?name=${name}`, { token, body, headers: { "content-type": "application/octet-stream" } });
    const first = (await (await upload("motd", "hello")).json()) as { sha256: string; bytes: number };
    expect(first).toMatchObject({ bytes: 5, uploadedBy: "root-of-tests" });
    expect(first.sha256).toBe("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    await upload("motd", "hello again");
    const { files } = (await (await send("GET", "/files")).json()) as { files: { name: string; bytes: number }[] };
    expect(files.filter(({ name }) => name === "motd").map(({ bytes }) => bytes)).toEqual([11]);
    expect(await refusal(await upload("%00", "x"))).toEqual([400, "request.invalid"]);
    const wrongType = await web.call("POST", "/files?name=x", { token, body: { a: 1 } });
    expect(await refusal(wrongType)).toEqual([400, "request.invalid"]);
  });

  it("saves a module by versions, and only over the newest", async () => {
    const source = (text: string) => moduleSource({ ...echoModule("saved"), id: 0, description: { zh: "", en: text } });
    const made = (await (await send("POST", "/modules", { source: source("one") })).json()) as { id: number };
    const save = (text: string, expectedVersion: number) =>
      send("PUT", `/modules/${made.id}`, { source: source(text), expectedVersion });
    expect(await (await save("two", 1)).json()).toMatchObject({ id: made.id, version: 2, description: { en: "two" } });
    expect(await refusal(await save("three", 1))).toEqual([409, "store.conflict"]);
    expect(await (await send("GET", `/modules/${made.id}?version=1`)).json()).toMatchObject({
      description: { en: "one" },
    });
    expect(await refusal(await send("GET", `/modules/${made.id}?version=9`))).toEqual([404, "request.not_found"]);
    const { versions } = (await (await send("GET", `/modules/${made.id}/versions`)).json()) as { versions: object[] };
    expect(versions).toMatchObject([{ version: 2 }, { version: 1 }]);
    expect(await refusal(await send("POST", "/modules", { source: source("again") }))).toEqual([
      409,
      "inventory.duplicate",
    ]);
  });

  it("does not change a module that comes with OMServer, nor the key of any", async () => {
    await web.store.modules.syncBuiltIn([{ ...echoModule("built-in"), id: 1001 }]);
    const source = (key: string) => moduleSource({ ...echoModule(key), id: 0 });
    const builtIn = await send("PUT", "/modules/1001", { source: source("built-in"), expectedVersion: 1 });
    expect(await refusal(builtIn)).toEqual([422, "module.invalid"]);
    const renamed = await send("PUT", `/modules/${world.moduleId}`, {
      source: source("other-key"),
      expectedVersion: 1,
    });
    expect(await refusal(renamed)).toEqual([422, "module.invalid"]);
  });

  it("gives a module as one file that comes back as it was: added, the same, or a new version", async () => {
    const script = "#!/bin/sh\n# 中文 'quotes' \"and\" $more\n\tprintf '%s\\n' --- \n\n";
    const manifest = {
      ...echoModule("handed-on"),
      run: { all: { kind: "script" as const, interpreter: ["/bin/sh"], script } },
    };
    const made = await web.store.modules.create(manifest, "test");
    const response = await send("GET", `/modules/${made.id}/export`);
    const file = await response.text();
    const load = async (source: string, more: object = {}) => {
      const answer = await send("POST", "/modules/import", { source, preview: false, ...more });
      return [answer.status, await answer.json()] as const;
    };

    expect(response.headers.get("content-disposition")).toContain("handed-on-v1.yaml");
    expect(file.startsWith("# OMServer module handed-on, version 1\nkey: handed-on\n")).toBe(true);
    expect(parseModule(file)).toEqual({ ...manifest, id: 0 });
    expect(await load(file)).toMatchObject([200, { action: "unchanged", result: { id: made.id, version: 1 } }]);

    const changed = file.replace("Echo", "Louder");
    const preview = await load(changed, { preview: true });
    expect(preview).toMatchObject([200, { action: "change", applied: false, current: { id: made.id, version: 1 } }]);
    expect(await load(changed, { expectedVersion: 7 })).toMatchObject([409, { code: "store.conflict" }]);
    expect(await load(changed, { expectedVersion: 1 })).toMatchObject([
      200,
      { action: "change", applied: true, result: { id: made.id, version: 2 } },
    ]);
    expect(await (await send("GET", `/modules/${made.id}/export?version=1`)).text()).toBe(file);

    const other = file.replace("key: handed-on", "key: handed-over");
    expect(await load(other, { preview: true })).toMatchObject([200, { action: "add", applied: false }]);
    expect((await web.store.modules.list()).some(({ key }) => key === "handed-over")).toBe(false);
    expect(await load(other)).toMatchObject([200, { action: "add", applied: true, result: { version: 1 } }]);
    const added = (await web.store.modules.list()).find(({ key }) => key === "handed-over");
    expect({ ...added?.manifest, id: 0 }).toEqual({ ...manifest, id: 0, key: "handed-over" });
    const last = (await web.store.audit.list({}, { limit: 1 })).rows[0];
    expect(last).toMatchObject({ action: "module.create", object: "module handed-over", detail: { imported: true } });
  });

  it("refuses a module file with the places of its faults, and one that would overwrite what comes with OMServer", async () => {
    await web.store.modules.syncBuiltIn([{ ...echoModule("shipped"), id: 1002 }]);
    const shipped = await (await send("GET", "/modules/1002/export")).text();
    const load = (source: string, preview: boolean) => send("POST", "/modules/import", { source, preview });
    const bad = shipped.replace("danger: read", "danger: nuclear");

    const looked = (await (await load(bad, true)).json()) as { problems: { line: number }[] };
    expect(looked).toMatchObject({ action: "refused", ok: false, applied: false });
    expect(looked.problems[0]?.line).toBe(bad.split("\n").findIndex((line) => line.startsWith("danger")) + 1);
    const refused = await load(bad, false);
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: "module.invalid" }]);

    expect(await (await load(shipped, false)).json()).toMatchObject({ action: "unchanged" });
    const changed = shipped.replace("Echo", "Mine");
    expect(await (await load(changed, true)).json()).toMatchObject({
      action: "refused",
      reason: expect.stringContaining("comes with OMServer"),
    });
    expect(await refusal(await load(changed, false))).toEqual([422, "module.invalid"]);
  });

  it("shows a bad manifest's faults with their place, and the form of a good one", async () => {
    const bad = await send("POST", "/modules/preview", { source: "key: ok\ndanger: nuclear\n" });
    const report = (await bad.json()) as { ok: boolean; problems: { line: number; column: number }[] };
    expect(report.ok).toBe(false);
    expect(report.problems).toContainEqual(expect.objectContaining({ line: 2, place: expect.stringMatching(/^2:/) }));
    const good = await send("POST", "/modules/preview", { source: moduleSource({ ...echoModule("fine"), id: 0 }) });
    expect(await good.json()).toMatchObject({ ok: true, module: { parameters: { properties: { text: {} } } } });
  });

  it("shows the audit newest first in pages, and says whether its chain holds", async () => {
    const first = (await (await send("GET", "/audit?limit=2")).json()) as { rows: { seq: number }[]; next: string };
    const second = (await (await send("GET", `/audit?limit=2&cursor=${first.next}`)).json()) as typeof first;
    const seqs = [...first.rows, ...second.rows].map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
    const verified = (await (await send("GET", "/audit/verify")).json()) as { ok: boolean; records: number };
    expect(verified).toMatchObject({ ok: true, records: seqs[0], reason: "" });
  });

  it("hands out the audit that a filter leaves, safe for a spreadsheet or whole, and counts it by the hour", async () => {
    const audit = web.store.audit;
    const entry = { at: 7_200_001, actor: "=mallory", source: "192.0.2.1", hosts: "", detail: { a: "b,c" } } as const;
    const older = await audit.append({ ...entry, action: "run.start", object: "first" });
    const newer = await audit.append({ ...entry, action: "run.cancel", object: 'say "x"\n' });

    const csv = await send("GET", "/audit/export?actor=%3Dmallory");
    const text = await csv.text();
    const lines = await (await send("GET", "/audit/export?actor=%3Dmallory&format=jsonl")).text();
    const activity = await (await send("GET", "/audit/activity?actor=%3Dmallory")).json();

    expect(csv.headers.get("content-disposition")).toContain("audit.csv");
    expect(text.split("\r\n")).toEqual([
      "\ufeffseq,at,actor,source,action,object,hosts,detail,previousHash,hash".slice(1),
      `${newer.seq},1970-01-01T02:00:00.001Z,'=mallory,192.0.2.1,run.cancel,"say ""x""\n",,"{""a"":""b,c""}",${newer.previousHash},${newer.hash}`,
      `${older.seq},1970-01-01T02:00:00.001Z,'=mallory,192.0.2.1,run.start,first,,"{""a"":""b,c""}",${older.previousHash},${older.hash}`,
      "",
    ]);
    expect(
      lines
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([newer, older]);
    expect(activity).toEqual({ hours: [{ hour: 7_200_000, count: 2 }] });
  });
});

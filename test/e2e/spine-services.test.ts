import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { create } from "@bufbuild/protobuf";
import { expect, it, vi } from "vitest";
import type { Credential } from "../../src/contract/credential.ts";
import type { Engine } from "../../src/contract/engine.ts";
import { ControllerFrameSchema } from "../../src/contract/link/controller_pb.ts";
import { connectInProcess } from "../../src/link/in-process/in-process.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import {
  joinSides,
  mockHost,
  moduleWith,
  openControllerSide,
  openSpine,
  operator,
  plannedRun,
  type Spine,
  until,
} from "../testkit/spine.ts";

const canary = "canary-7f3a-correct-horse-battery";
const key: Credential = { kind: "password", user: "ops", password: canary };
const tested = {
  id: 1,
  appCategoryId: 1,
  name: "web1",
  address: "10.0.0.1",
  port: 22,
  engine: "mock",
  user: "",
  credential: "",
  proxyJump: "",
} as const;

/** Once the controller is connected. */
async function connected(spine: Spine): Promise<void> {
  await expect.poll(async () => (await spine.web.dispatcher.controllers())[0]?.connected).toBe(true);
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    if ((await readFile(file)).includes(text)) found.push(file);
  }
  return found;
}

it("hands a credential to engines only, and keeps neither it nor a secret parameter as text in any file", async () => {
  const seen: unknown[] = [];
  const engine = createScriptedEngine(async function* (host, job): ReturnType<typeof answers> {
    seen.push(host.credential, await job.credential(host.credential ?? ""));
    return yield* answers(host, `the secret is ${canary}\n`);
  });
  await using spine = await openSpine([engine]);
  await connected(spine);
  await spine.web.dispatcher.putCredential("default", key, [], operator);
  const module = { id: 0, version: 1, manifest: moduleWith({ token: { type: "string", format: "password" } }) };

  const run = await spine.finished(await spine.start(1, { module, parameters: { token: canary } }));

  expect(run.state).toBe("succeeded");
  expect(seen).toEqual(["default", key]);
  expect(await spine.text(run, 0)).toBe("the secret is ••••••\n");
  expect(await filesWith(spine.folder, canary)).toEqual([]);
});

it("keeps a waiting order's secrets out of every file too", async () => {
  await using spine = await openSpine([createScriptedEngine((host) => answers(host))]);
  await spine.link.cut();
  const module = { id: 0, version: 1, manifest: moduleWith({ token: { type: "string", format: "password" } }) };

  await spine.start(1, { module, parameters: { token: canary } });

  expect(await filesWith(spine.folder, canary)).toEqual([]);
});

it("says what is wrong with a credential that is missing, deleted or no credential", async () => {
  const engine = createScriptedEngine(async function* (host, job): ReturnType<typeof answers> {
    yield* [];
    const problem = await job.credential("deploy").then(
      () => "none",
      (error: unknown) => String(error),
    );
    return { state: "unreachable", reason: `${host.name}: ${problem}` };
  });
  await using spine = await openSpine([engine]);
  await connected(spine);
  const { dispatcher } = spine.web;

  await expect(
    dispatcher.putCredential("deploy", { kind: "password", password: "" }, [], operator),
  ).rejects.toMatchObject({
    code: "credential.unusable",
    message: "The credential “deploy” is not complete (password). Enter it again.",
  });
  await expect(dispatcher.putCredential("-x", key, [], operator)).rejects.toMatchObject({
    code: "credential.unusable",
  });
  await dispatcher.putCredential("deploy", key, [], operator);
  await dispatcher.deleteCredential("deploy", ["main"], operator);
  await dispatcher.deleteCredential("deploy", ["main"], operator);

  const run = await spine.finished(await spine.start(1));
  expect((await spine.executions(run))[0]?.reason).toContain("has no credential “deploy”");
});

it("writes host keys that were trusted on first use to the audit before the host's answer, and none under strict", async () => {
  const shown = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.from("key")]);
  const engine = createScriptedEngine(async function* (host, job): ReturnType<typeof answers> {
    yield* [];
    const verdict = await job.hostKeys.check(host.address, host.port, shown);
    if (verdict === "unknown") return { state: "unreachable", reason: "Its key is not known." };
    return yield* answers(host, verdict);
  });
  await using spine = await openSpine([engine]);
  await connected(spine);
  const hosts = Array.from({ length: 20 }, (_, i) => mockHost(i, { innerAddress: `10.0.0.${i}` }));

  const strict = await spine.finished(await spine.start(0, { hosts }));
  await spine.web.dispatcher.setHostKeyPolicy("accept_new", operator);
  const first = await spine.finished(await spine.start(0, { hosts }));
  const second = await spine.finished(await spine.start(0, { hosts }));
  await spine.web.dispatcher.forgetHostKey("10.0.0.3", 22, operator);
  const third = await spine.finished(await spine.start(0, { hosts }));

  expect(strict.counts.unreachable).toBe(20);
  expect(await spine.text(first, 3)).toBe("trusted_first_use");
  expect(await spine.text(second, 3)).toBe("trusted");
  expect(await spine.text(third, 3)).toBe("trusted_first_use");
  expect(await spine.text(third, 4)).toBe("trusted");
  const { rows } = await spine.web.store.audit.list({ action: "host_key.trust" }, { limit: 100 });
  const ofFirst = rows.filter((row) => row.object === `run ${first.id}`);
  expect(ofFirst.reduce((sum, row) => sum + Number(row.detail.count), 0)).toBe(20);
  expect(rows[0]).toMatchObject({ actor: "wang", source: "main", object: `run ${third.id}`, hosts: "web00003" });
  expect(rows[0]?.detail.keys).toEqual([expect.stringMatching(/^10\.0\.0\.3 ssh-ed25519 SHA256:/)]);
});

it("fetches a library file once for a thousand hosts, checks it, and says when it is not there", async () => {
  const content = Buffer.alloc(100_000, "library ");
  const engine = createScriptedEngine(async function* (host, job): ReturnType<typeof answers> {
    if (job.task.kind !== "file") throw new Error("it was to be a file");
    const hash = createHash("sha256");
    for await (const chunk of await job.file(job.task.sha256)) hash.update(chunk);
    return yield* answers(host, hash.digest("hex"));
  });
  await using spine = await openSpine([engine]);
  const { sha256, bytes } = await spine.web.files.put(Readable.from([content]), 1e9);
  const opening = vi.spyOn(spine.web.files, "open");
  const manifest = {
    ...moduleWith({ file: { type: "string", format: "file" } }),
    run: { all: { kind: "file" as const, file: { parameter: "file" }, destination: "/srv/file" } },
  };
  const file = () => ({ name: "file.tgz", bytes });
  const module = { id: 0, version: 1, manifest };

  const run = await spine.finished(
    await spine.start(1000, { module, file, width: 1000, parameters: { file: sha256 } }),
  );
  const absent = "0".repeat(64);
  const broken = await spine.finished(await spine.start(2, { module, file, parameters: { file: absent } }));

  expect(run.counts.ok).toBe(1000);
  expect(await spine.text(run, 999)).toBe(sha256);
  expect(opening.mock.calls).toEqual([[sha256], [absent]]);
  expect((await spine.executions(broken))[0]?.reason).toContain("The library has no file with the SHA-256 0000");
});

it("tests a connection without keeping the host's key, and says what the first run will trust", async () => {
  const shown = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.from("key")]);
  const engine = {
    ...createScriptedEngine((host) => answers(host)),
    async testConnection(...[host, context]: Parameters<NonNullable<Engine["testConnection"]>>) {
      const verdict = await context.hostKeys.check(host.address, host.port, shown);
      return { ok: verdict !== "unknown", message: `${host.name}: ${verdict}.`, milliseconds: 3 };
    },
  };
  await using spine = await openSpine([engine]);
  await connected(spine);
  const { dispatcher } = spine.web;

  expect(await dispatcher.testConnection(tested, operator)).toEqual({
    ok: false,
    message: "web1: unknown.",
    milliseconds: 3,
  });
  await dispatcher.setHostKeyPolicy("accept_new", operator);
  for (let i = 0; i < 2; i += 1) {
    const report = await dispatcher.testConnection(tested, operator);
    expect(report.message).toMatch(/^web1: trusted_first_use\. Not yet known, .* 10\.0\.0\.1 SHA256:/);
  }
  await expect(dispatcher.testConnection({ ...tested, engine: "salt" }, operator)).rejects.toMatchObject({
    code: "engine.unusable",
  });
  await expect(dispatcher.testConnection({ ...tested, proxyJump: "a b" }, operator)).rejects.toMatchObject({
    code: "inventory.invalid",
  });
});

it("asks an engine's own system for hosts and keys, and bounds what comes back", async () => {
  const states = new Map<string, "pending" | "accepted" | "rejected">([["new-1", "pending"]]);
  const huge = { blob: "x".repeat(5 * 1024 * 1024) };
  const engine: Engine = {
    ...createScriptedEngine((host) => answers(host)),
    hostSource: {
      discover: async () => [
        { name: "web1", address: "10.0.0.1", port: 2222, user: "ops", os: "Debian", groups: ["web"], facts: huge },
        { name: "-x", groups: [], facts: huge },
      ],
    },
    keyring: {
      list: async () => [...states].map(([name, state]) => ({ name, state })),
      async change(name, action) {
        if (action === "accept") states.set(name, "accepted");
      },
    },
  };
  await using spine = await openSpine([engine]);
  await connected(spine);
  const { dispatcher } = spine.web;

  const found = await dispatcher.discoverHosts("main", "mock", operator);
  await dispatcher.changeHostKey("main", { engine: "mock", name: "new-1", action: "accept" }, operator);

  expect(found.hosts).toEqual([
    { name: "web1", address: "10.0.0.1", port: 2222, user: "ops", os: "Debian", groups: ["web"], facts: huge },
    { name: "-x", groups: [] },
  ]);
  expect(found.withoutFacts).toBe(1);
  expect(await dispatcher.hostKeys("main", "mock", operator)).toEqual([{ name: "new-1", state: "accepted" }]);
  await expect(dispatcher.discoverHosts("main", "salt", operator)).rejects.toMatchObject({ code: "engine.unusable" });
});

it("shows which engines can be used, anew when asked, and whether the controller is there", async () => {
  let usable = false;
  const engine = {
    ...createScriptedEngine((host) => answers(host)),
    probe: async () =>
      usable
        ? { usable, version: "1.2", warning: "Its cipher is broken." }
        : { usable, reason: "It is not installed.", mend: "apt install it" },
  };
  await using spine = await openSpine([engine]);
  await connected(spine);
  const { dispatcher } = spine.web;
  expect(await dispatcher.controllers()).toMatchObject([
    {
      name: "main",
      connected: true,
      version: "test",
      engines: [{ id: "mock", usable: false, reason: "It is not installed.", mend: "apt install it" }],
    },
  ]);

  usable = true;
  expect((await dispatcher.probeEngines())[0]?.engines).toMatchObject([
    { id: "mock", usable: true, version: "1.2", warning: "Its cipher is broken." },
  ]);

  await spine.link.cut();
  await expect.poll(async () => (await dispatcher.controllers())[0]?.connected).toBe(false);
  expect((await dispatcher.controllers())[0]?.since).toBeGreaterThan(Date.now() - 60_000);
  await expect(dispatcher.setHostKeyPolicy("strict", operator)).rejects.toMatchObject({
    code: "controller.unreachable",
    message: "The controller “main” is not connected. Start it, or look at its log, and try again.",
  });
});

it("gives up a question that the controller does not answer, or that a cut leaves open", async () => {
  await using spine = await openSpine([], { answerMilliseconds: 50 });
  await spine.link.cut();
  const { web, controller } = connectInProcess();
  const serving = spine.web.dispatcher.attach(web);
  await controller.send(create(ControllerFrameSchema, { frame: { case: "hello", value: { controller: "main" } } }));
  await connected(spine);

  await expect(spine.web.dispatcher.deleteCredential("x", ["main"], operator)).rejects.toMatchObject({
    code: "controller.unreachable",
  });
  const asking = expect(spine.web.dispatcher.testConnection(tested, operator)).rejects.toThrow(
    /was cut before it answered/,
  );
  for await (const { frame } of controller.frames) {
    if (frame.case === "request" && frame.value.request.case === "testConnection") break;
  }
  controller.close();

  await asking;
  await serving;
});

it("refuses what connects without saying who it is, or under a name that is not configured", async () => {
  await using spine = await openSpine([]);
  for (const frame of [
    { case: "hello", value: { controller: "rogue" } },
    { case: "answer", value: { id: 1 } },
  ] as const) {
    const { web, controller } = connectInProcess();
    const serving = spine.web.dispatcher.attach(web);

    await controller.send(create(ControllerFrameSchema, { frame }));

    await serving;
    await controller.closed;
  }
});

it("takes a run with the same idempotency key once, and refuses another one under it", async () => {
  const engine = createScriptedEngine((host) => answers(host));
  await using spine = await openSpine([engine]);
  const request = { query: "*", actor: operator, idempotencyKey: "k" };

  const [first, second] = await Promise.all([
    spine.web.dispatcher.start({ ...request, planned: plannedRun(3) }),
    spine.web.dispatcher.start({ ...request, planned: plannedRun(3) }),
  ]);

  expect(second.id).toBe(first.id);
  await expect(spine.web.dispatcher.start({ ...request, planned: plannedRun(4) })).rejects.toMatchObject({
    code: "run.duplicate",
  });
  await spine.finished(first);
  expect(engine.started.length).toBe(3);
});

it("refuses a second controller on the same folder", async () => {
  await using spine = await openSpine([]);
  const { folder, signingKey } = spine;

  await expect(openControllerSide({ folder, engines: [], signingKey })).rejects.toMatchObject({
    code: "config.invalid",
  });
}, 20_000);

it("reads a configured known_hosts file besides its own", async () => {
  const shown = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.from("key")]);
  const engine = createScriptedEngine(async function* (host, job): ReturnType<typeof answers> {
    return yield* answers(host, await job.hostKeys.check(host.address, host.port, shown));
  });
  await using spine = await openSpine([engine]);
  await spine.link.cut();
  await spine.controller.close();
  const knownHostsFile = join(spine.folder, "etc", "known_hosts");
  await mkdir(join(spine.folder, "etc"));
  await writeFile(knownHostsFile, `10.0.0.7 ssh-ed25519 ${shown.toString("base64")}\n`);
  const { folder, signingKey } = spine;
  spine.controller = await openControllerSide({
    folder,
    engines: [engine],
    signingKey,
    knownHostsFiles: [knownHostsFile],
  });
  spine.link = joinSides(spine.web, spine.controller);

  const run = await spine.start(0, { hosts: [mockHost(0, { innerAddress: "10.0.0.7" })] });
  await until(spine.web, run, (item) => item.kind === "run" && item.frame.run.counts.ok === 1);

  expect(await spine.text(run, 0)).toBe("trusted");
});

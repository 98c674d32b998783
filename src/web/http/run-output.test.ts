import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostilePayloads } from "../../../test/testkit/hostile-payloads.ts";
import { newHost, startWeb, type TestWeb } from "../../../test/testkit/web.ts";
import { createWorld, finishedRun, queuedRun, type World } from "../../../test/testkit/web-world.ts";
import type { EndedExecution } from "../store/repositories/executions.ts";
import type { Host } from "../store/repositories/inventory.ts";
import type { Run } from "../store/repositories/runs.ts";
import { exportedRun } from "./export-run.ts";

const sha256 = (data: Uint8Array | string) => createHash("sha256").update(data).digest("hex");

describe("what hosts printed", () => {
  let web: TestWeb;
  let world: World;
  let token: string;
  const hosts: Host[] = [];

  beforeAll(async () => {
    web = await startWeb();
    world = await createWorld(web);
    token = await web.apiToken(world.administrator);
    for (const name of ["out1", "out2", "out3"]) {
      hosts.push(await web.store.inventory.createHost(newHost(name, world.ownApp)));
    }
  });
  afterAll(() => web.close());

  /** A run in which the hosts printed this to stdout and stderr. */
  async function printed(
    ...streams: readonly (readonly [Uint8Array | string, (Uint8Array | string)?])[]
  ): Promise<Run> {
    const run = await queuedRun(web, world.moduleId, hosts.slice(0, streams.length));
    const ended = streams.map(([out, err = ""], position): EndedExecution => {
      const [stdout, stderr] = [Buffer.from(out), Buffer.from(err)];
      return {
        position,
        at: web.clock.now,
        state: "ok",
        exitCode: 0,
        signal: "",
        reason: "",
        stdoutBytes: stdout.length,
        stderrBytes: stderr.length,
        output: "complete",
        stdout: { offset: 0, data: stdout },
        stderr: { offset: 0, data: stderr },
      };
    });
    const change = { runUid: run.uid, controller: "main", firstSeq: 1, lastSeq: 1, dispatching: [], running: [] };
    return web.store.runs.apply({ ...change, output: [], ended, runEnded: true });
  }
  const get = (path: string) => web.call("GET", path, { token });
  const textOf = async (path: string) => (await get(path)).text();

  it("comes back byte for byte, as a download that no browser looks into", async () => {
    const bytes = Buffer.from([...Array(256).keys()]);
    const run = await printed([bytes, "<script>alert(1)</script>"]);

    const stdout = await get(`/runs/${run.id}/executions/0/output`);
    expect(Buffer.from(await stdout.arrayBuffer()).equals(bytes)).toBe(true);
    expect(Object.fromEntries(stdout.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": expect.stringMatching(/^attachment; filename="run-\d+-out1.stdout"/),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    expect(await textOf(`/runs/${run.id}/executions/0/output?stream=stderr`)).toBe("<script>alert(1)</script>");
    expect(await textOf(`/runs/${run.id}/executions/0/output?offset=97&limit=3`)).toBe("abc");
    expect(await textOf(`/runs/${run.id}/executions/0/output?offset=1000`)).toBe("");
  });

  it("is found by its hash in a run that has it, and in no other", async () => {
    const [run, other] = [await printed(["same"], ["same"]), await printed(["different"])];
    expect(await textOf(`/runs/${run.id}/outputs/${sha256("same")}`)).toBe("same");
    expect((await get(`/runs/${other.id}/outputs/${sha256("same")}`)).status).toBe(404);
    expect((await get(`/runs/${run.id}/executions/7/output`)).status).toBe(404);
  });

  it("groups hosts with the same answer", async () => {
    const run = await printed(["same"], ["same"], ["other"]);
    expect(await (await get(`/runs/${run.id}/groups`)).json()).toMatchObject({
      groups: [
        { count: 2, hosts: "out[1-2]", stdoutSha256: sha256("same"), exitCode: 0, state: "ok" },
        { count: 1, hosts: "out3" },
      ],
    });
  });

  it("tells one host's share of a run, with what its engine told", async () => {
    const run = await printed(["1"], ["2"]);
    const path = `/runs/${run.id}/executions`;
    expect(await (await get(`${path}/1`)).json()).toMatchObject({ position: 1, hostName: "out2", notices: [] });
    expect((await get(`${path}/2`)).status).toBe(404);
  });

  it("lists executions in pages by position, and by state", async () => {
    const run = await printed(["1"], ["2"], ["3"]);
    const path = `/runs/${run.id}/executions`;
    const first = (await (await get(`${path}?limit=2`)).json()) as { rows: { position: number }[]; next: number };
    expect([first.rows.map(({ position }) => position), first.next]).toEqual([[0, 1], 1]);
    const second = (await (await get(`${path}?limit=2&after=${first.next}`)).json()) as typeof first;
    expect([second.rows.map(({ position }) => position), second.next]).toEqual([[2], undefined]);
    expect(await (await get(`${path}?state=failed,unknown`)).json()).toEqual({ rows: [] });
  });

  it("is exported as text in which nothing takes hold of a terminal", async () => {
    const payload = "\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007 \u001b[2J\u202e\u009b1m\r\nrest\tend";
    const run = await printed([payload, "no newline"], [""]);
    const text = await textOf(`/runs/${run.id}/export?format=text`);
    expect(text).toContain("==== out1 (127.0.0.1): ok (exit code 0) ====\n");
    expect(text).toContain("\\x1b]8;;http://evil.example\\x07click\\x1b]8;;\\x07 \\x1b[2J\\u202e\\x9b1m\nrest\tend\n");
    expect(text).toContain("---- stderr ----\nno newline\n");
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it("is exported with the version of its module, where it has one", async () => {
    const run = await printed(["up\n"]);
    const typed = { ...run, moduleId: 0, moduleKey: "script", moduleVersion: 0 };
    const firstLine = async (shown: typeof run) => {
      const { content } = exportedRun(web.store.runs, shown, "text", new AbortController().signal);
      for await (const text of content as AsyncIterable<string>) return text;
    };
    expect(await firstLine(run)).toMatch(/^run \d+: [a-z-]+ version 1, /);
    expect(await firstLine(typed)).toMatch(/^run \d+: script, /);
  });

  it("is exported as text and CSV without a control character, whatever hosts print", async () => {
    while (hosts.length < hostilePayloads.length) {
      hosts.push(await web.store.inventory.createHost(newHost(`out${hosts.length + 1}`, world.ownApp)));
    }
    const run = await printed(...hostilePayloads.map((payload) => [payload, payload] as const));

    const text = await textOf(`/runs/${run.id}/export?format=text`);
    const csv = await textOf(`/runs/${run.id}/export?format=csv`);

    expect(text).toContain(`out${hostilePayloads.length} (127.0.0.1)`);
    expect(csv).toContain(`"out${hostilePayloads.length}"`);
    // Neither C0 and C1 but tab and line break, nor what turns the direction of writing.
    const controls =
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
    for (const exported of [text, csv.replaceAll("\r\n", "\n")]) {
      expect(exported).not.toMatch(controls);
      expect(exported).not.toContain("\r");
    }
    expect(csv).not.toMatch(/"[=+@|%\t]/);
  });

  it("is exported as JSON lines with every character, and says where bytes were none", async () => {
    const run = await printed(["\u001b[1m“引用”\n"], [Uint8Array.of(0x61, 0xff, 0x62)]);
    const response = await get(`/runs/${run.id}/export?format=jsonl`);
    expect(response.headers.get("content-type")).toBe("application/jsonl; charset=utf-8");
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { run: run.id, host: "out1", state: "ok", stdout: "\u001b[1m“引用”\n", stdoutLossy: false, stderr: "" },
      { host: "out2", stdout: "a\ufffdb", stdoutLossy: true },
    ]);
  });

  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "%0a", "|x"])(
    "is exported as CSV in which no cell is a formula: %j",
    async (cell) => {
      const run = await printed([`${cell}"quoted"\n`]);
      const text = await textOf(`/runs/${run.id}/export?format=csv`);
      const [header, row] = text.split("\r\n");
      expect(header).toBe(
        "position,host,address,engine,state,exit_code,signal,reason,started,finished,output,stdout,stderr",
      );
      expect(row).toMatch(/^"0","out1","127.0.0.1","ssh","ok","0",/);
      expect(text).toContain(`"'${cell}""quoted""\n",""\r\n`);
    },
  );

  it("keeps a character whole that two reads would cut", async () => {
    // Reads are 256 KiB: the character begins one byte before.
    const text = `${"x".repeat(262_143)}界end`;
    const run = await printed([text]);
    const line = JSON.parse(await textOf(`/runs/${run.id}/export?format=jsonl`)) as {
      stdout: string;
      stdoutLossy: boolean;
    };
    expect([line.stdout === text, line.stdoutLossy]).toEqual([true, false]);
  });

  it("is exported in pieces, and what a host printed is never whole in memory", async () => {
    const run = await finishedRun(web, world.moduleId, world.ownHost, "x");
    const piece = Buffer.alloc(262_144, 0x61);
    let reads = 0;
    const runs = {
      executions: web.store.runs.executions,
      output: async () => {
        reads += 1;
        return reads <= 400 ? piece : new Uint8Array();
      },
    };
    const { content } = exportedRun(runs, run, "csv", new AbortController().signal);
    let bytes = 0;
    let longest = 0;
    for await (const text of content as AsyncIterable<string>) {
      bytes += text.length;
      longest = Math.max(longest, text.length);
    }
    expect(bytes).toBeGreaterThan(400 * 262_144);
    expect(longest).toBeLessThanOrEqual(262_144);
  });

  it("is followed live from the store, goes on after a cut, and ends with the run", async () => {
    const run = await queuedRun(web, world.moduleId, hosts.slice(0, 2));
    const change = { runUid: run.uid, controller: "main", dispatching: [], output: [], ended: [] };
    const at = web.clock.now;
    await web.store.runs.apply({ ...change, firstSeq: 1, lastSeq: 1, running: [{ position: 0, at }], runEnded: false });
    const gone = new AbortController();
    const first = await web.call("GET", `/runs/${run.id}/live`, { token, signal: gone.signal });
    const frame = await firstFrame(first);
    expect(frame.executions.map(({ state }) => state)).toEqual(["running", "pending"]);
    gone.abort();

    const stream = { offset: 0, data: new Uint8Array() };
    const ended = [0, 1].map((position) => ({
      ...{ position, at, state: "ok" as const, exitCode: 0, signal: "", reason: "" },
      ...{ stdoutBytes: 0, stderrBytes: 0, output: "complete" as const, stdout: stream, stderr: stream },
    }));
    await web.store.runs.apply({ ...change, firstSeq: 2, lastSeq: 3, running: [], ended, runEnded: true });
    const second = await web.call("GET", `/runs/${run.id}/live`, {
      token,
      headers: { "last-event-id": String(frame.seq) },
    });
    const text = await second.text();
    expect(text).toContain('"state":"succeeded"');
    expect(text).toMatch(/event: end\ndata: \{\}\n\n$/);
  });

  async function firstFrame(response: Response): Promise<{ seq: number; executions: { state: string }[] }> {
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const found = /event: run\ndata: (.*)\n\n/.exec(text)?.[1];
      if (found !== undefined) return JSON.parse(found);
    }
    throw new Error("no frame came");
  }
});

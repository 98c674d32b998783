import { hash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ExecutionState } from "../../../src/contract/states.ts";
import type { Run } from "../../../src/web/store/repositories/runs.ts";
import { aChange, aHost, anAppCategory, anExecution, aRun, ended } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

const sha256 = (text: string | Uint8Array) => hash("sha256", text, "hex");

export const applySuite: StoreSuite = (context) => {
  describe("events", () => events(context));
  describe("output", () => outputs(context));
  describe("groups", () => groups(context));
};

function events(context: () => StoreContext): void {
  it("carries a run from its first event to its end and keeps the counts", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(3));

    const dispatching = await runs.apply(aChange(run.uid, 1, 1, { dispatching: [0, 1] }));
    const running = await runs.apply(aChange(run.uid, 2, 3, { running: [{ position: 0, at: 1000 }] }));
    const failed = ended(1, "", { state: "failed", exitCode: 3, reason: "Exit code 3", signal: "" });
    const lost = ended(2, "", { state: "unknown", output: "partial", reason: "Connection lost", exitCode: undefined });
    const over = await runs.apply(aChange(run.uid, 4, 9, { ended: [ended(0), failed, lost], runEnded: true }));

    expect(dispatching).toMatchObject({ state: "running", counts: { pending: 1, dispatching: 2 } });
    expect(dispatching.startedAt).toBeDefined();
    expect(running).toMatchObject({ counts: { pending: 1, dispatching: 1, running: 1 } });
    expect(over).toMatchObject({ state: "partial", needsAttention: true, startedAt: dispatching.startedAt });
    expect(over.counts).toEqual({ ...zeroCounts(), ok: 1, failed: 1, unknown: 1 });
    expect(over.finishedAt).toBeDefined();
    expect([dispatching, running, over].map(({ liveSeq }) => liveSeq - run.liveSeq)).toEqual([1, 3, 9]);
    expect(await runs.get(run.id, "all")).toEqual(over);
    expect(await runs.executions(run.id, { limit: 9 })).toMatchObject([
      { state: "ok", exitCode: 0, startedAt: 1000, finishedAt: 2000, liveSeq: over.liveSeq },
      { state: "failed", exitCode: 3, reason: "Exit code 3" },
      { state: "unknown", output: "partial", reason: "Connection lost" },
    ]);
    expect(await runs.execution(run.id, 2)).not.toHaveProperty("exitCode");
  });

  it("ignores what came before, whole or in part", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(2));
    const first = aChange(run.uid, 1, 3, { running: [{ position: 0, at: 1 }], ended: [ended(0, "once")] });
    const after = await runs.apply(first);

    expect(await runs.apply(first)).toEqual(after);
    const overlapping = aChange(run.uid, 2, 5, { ended: [ended(0, "twice", { state: "failed" }), ended(1)] });
    expect(await runs.apply(overlapping)).toMatchObject({ counts: { ok: 2, failed: 0 } });
    expect(await runs.execution(run.id, 0)).toMatchObject({ state: "ok", stdoutSha256: sha256("once") });
    const over = await runs.apply(aChange(run.uid, 6, 6, { runEnded: true }));
    const beyond = aChange(run.uid, 7, 8, { ended: [ended(0, "late", { state: "failed" })], runEnded: true });
    expect(await runs.apply(beyond)).toEqual(over);
  });

  it("refuses a gap and writes nothing of it", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(2));
    const before = await runs.apply(aChange(run.uid, 1, 2, { dispatching: [0] }));

    const gap = aChange(run.uid, 4, 5, { ended: [ended(0, "x")] });
    await expect(runs.apply(gap)).rejects.toMatchObject({
      code: "store.conflict",
      message: expect.stringContaining("3") as string,
    });

    expect(await runs.get(run.id, "all")).toEqual(before);
    expect(await runs.execution(run.id, 0)).toMatchObject({ state: "dispatching" });
  });

  it("keeps the first twenty notices of a host, once each and cut to 500 characters", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(1, { executions: [anExecution(0), anExecution(1)] }));
    const notice = (position: number, seq: number, message = `notice ${seq}`) => ({ position, seq, at: 7, message });
    const first = aChange(run.uid, 1, 20, {
      running: [{ position: 0, at: 1 }],
      notices: [
        notice(0, 2, "{{7*7}}\0<b>".padEnd(600, "x")),
        notice(1, 3),
        ...Array.from({ length: 17 }, (_, at) => notice(0, 4 + at)),
      ],
    });
    const second = aChange(run.uid, 20, 23, {
      notices: [notice(0, 20), notice(0, 21), notice(0, 22), notice(0, 23), notice(99, 23)],
    });

    await runs.apply(first);
    await runs.apply(first);
    await runs.apply(second);

    const kept = await runs.notices(run.id, 0);
    expect(kept.map(({ seq }) => seq)).toEqual([2, ...Array.from({ length: 19 }, (_, at) => 4 + at)]);
    expect(kept[0]?.message).toBe(`${"{{7*7}}\ufffd<b>".padEnd(499, "x")}…`);
    expect(await runs.notices(run.id, 1)).toEqual([{ seq: 3, at: 7, message: "notice 3" }]);
    expect(await runs.notices(run.id, 99)).toEqual([]);
  });

  it("keeps steps in their order, once each, and the newest facts of a host", async () => {
    const { runs, inventory } = context().store;
    const host = await inventory.createHost(aHost({ appCategoryId: await anAppCategory(context().store) }));
    const { run } = await runs.create(aRun(1, { check: true, executions: [anExecution(0, { hostId: host.id })] }));
    const step = (name: string) => ({
      path: ["play", "role"],
      name,
      action: "file.managed",
      status: "changed" as const,
      message: "did it",
      diff: "-a\n+b\n",
      milliseconds: 12,
    });
    const first = aChange(run.uid, 1, 3, {
      running: [{ position: 0, at: 1 }],
      steps: [
        { position: 0, seq: 2, step: step("first") },
        { position: 0, seq: 3, step: step("second {{7*7}}") },
      ],
    });
    const second = aChange(run.uid, 2, 5, {
      steps: [
        { position: 0, seq: 3, step: step("second {{7*7}}") },
        { position: 0, seq: 4, step: step("third") },
      ],
      facts: [
        { position: 0, at: 10, facts: { os: "old" } },
        { position: 0, at: 20, facts: { os: "Debian", nested: { __proto__x: [1] } } },
      ],
    });

    await runs.apply(first);
    await runs.apply(first);
    await runs.apply(second);

    expect(await runs.steps(run.id, 0, { limit: 2 })).toEqual([
      { seq: 2, ...step("first") },
      { seq: 3, ...step("second {{7*7}}") },
    ]);
    expect(await runs.steps(run.id, 0, { after: 3, limit: 9 })).toMatchObject([{ seq: 4, name: "third" }]);
    expect(await runs.get(run.id, "all")).toMatchObject({ check: true });
    expect(await inventory.facts(host.id)).toEqual({
      at: 20,
      runId: run.id,
      facts: { os: "Debian", nested: { __proto__x: [1] } },
    });
    await inventory.deleteHosts([host.id]);
    expect(await inventory.facts(host.id)).toBeUndefined();
  });

  it("counts a batch once that two web servers write at the same time", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const { run } = await store.runs.create(aRun(20));
    const batch = aChange(run.uid, 1, 20, { ended: Array.from({ length: 20 }, (_, at) => ended(at, `out ${at % 3}`)) });

    const answers = await Promise.all([store, other, store, other].map(({ runs }) => runs.apply(batch)));

    for (const answer of answers) expect(answer).toMatchObject({ counts: { ok: 20, pending: 0 } });
    expect(await store.runs.get(run.id, "all")).toEqual(answers[0]);
  });

  it("takes batches of many runs at once whose outputs are the same", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const many = await Promise.all(Array.from({ length: 6 }, async () => (await store.runs.create(aRun(40))).run));
    const batch = (run: Run, at: number) =>
      aChange(run.uid, 1, 40, {
        ended: Array.from({ length: 40 }, (_, position) => ended(position, `shared ${(position * (at + 1)) % 40}`)),
        runEnded: true,
      });

    const over = await Promise.all(many.map((run, at) => (at % 2 === 0 ? store : other).runs.apply(batch(run, at))));

    expect(over.map(({ state }) => state)).toEqual(many.map(() => "succeeded"));
  });

  it("ends with the last controller, and each speaks for its own hosts only", async () => {
    const { runs } = context().store;
    const orders = ["bj-1", "sh-1"].map((controller) => ({ controller, order: Buffer.from("o") }));
    const executions = [anExecution(0, { controller: "bj-1" }), anExecution(1, { controller: "sh-1" })];
    const { run } = await runs.create(aRun(0, { orders, executions }));

    const first = await runs.apply(
      aChange(run.uid, 1, 3, { controller: "bj-1", ended: [ended(0), ended(1, "forged")], runEnded: true }),
    );
    expect(first).toMatchObject({ state: "running", counts: { ok: 1, pending: 1 } });
    const stranger = aChange(run.uid, 1, 1, { controller: "evil", ended: [ended(1)] });
    await expect(runs.apply(stranger)).rejects.toMatchObject({ code: "store.conflict" });
    const second = await runs.apply(
      aChange(run.uid, 1, 2, { controller: "sh-1", ended: [ended(1, "true")], runEnded: true }),
    );

    expect(second).toMatchObject({ state: "succeeded", counts: { ok: 2 } });
    expect(await runs.execution(run.id, 1)).toMatchObject({ stdoutSha256: sha256("true") });
    await expect(runs.apply(aChange("no-such-run", 1, 1))).rejects.toMatchObject({ code: "request.not_found" });
  });

  it("calls unknown what the controller never told the end of", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(3));
    const output = [{ position: 1, stream: "stdout" as const, offset: 0, data: Buffer.from("half a line") }];
    await runs.apply(aChange(run.uid, 1, 4, { running: [{ position: 1, at: 1 }], output, ended: [ended(0)] }));

    const over = await runs.apply(aChange(run.uid, 5, 5, { runEnded: true }));

    expect(over).toMatchObject({ state: "partial", needsAttention: true, counts: { ok: 1, unknown: 2 } });
    expect(await runs.execution(run.id, 1)).toMatchObject({
      state: "unknown",
      output: "partial",
      stdoutSha256: sha256("half a line"),
    });
    expect((await runs.execution(run.id, 2))?.reason).not.toBe("");
    expect(await text(context(), run.id, 1)).toBe("half a line");
  });

  it("folds hundreds of hosts with a dozen statements", async () => {
    const statements: string[] = [];
    const { runs } = await context().openAgain({ onQuery: ({ sql }) => statements.push(sql) });
    const { run } = await runs.create(aRun(500));
    statements.length = 0;

    const all = Array.from({ length: 500 }, (_, position) => ended(position, `unique ${position}`));
    await runs.apply(aChange(run.uid, 1, 500, { ended: all }));

    expect(statements.length).toBeLessThanOrEqual(14);
  });

  it("keeps whatever a host gave as reason or signal", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(1));
    const change = { state: "failed" as const, reason: `a\0\ud800${"x".repeat(9000)}`, signal: "K\0ILL" };

    await runs.apply(aChange(run.uid, 1, 1, { ended: [ended(0, "", change)] }));

    const stored = await runs.execution(run.id, 0);
    expect(stored?.reason).toMatch(/^a\ufffd\ufffdx+…$/);
    expect(stored?.reason).toHaveLength(4000);
    expect(stored?.signal).toBe("K\ufffdILL");
  });
}

function outputs(context: () => StoreContext): void {
  const limit = 1_000_000;

  it("keeps bytes as they are, whatever they are", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(2));
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, at) => at % 256));
    const stderr = { offset: 0, data: Buffer.from([0xff, 0, 0xfe, 0x27, 0x5c]) };

    const both = ended(0, "", { stdout: { offset: 0, data: bytes }, stdoutBytes: 1024, stderr, stderrBytes: 5 });
    await runs.apply(aChange(run.uid, 1, 1, { ended: [both, ended(1)] }));

    expect(await runs.execution(run.id, 0)).toMatchObject({ stdoutSha256: sha256(bytes), output: "complete" });
    expect(plain(await runs.output(run.id, 0, "stdout", { offset: 0, limit }))).toEqual(bytes);
    expect(plain(await runs.output(run.id, 0, "stderr", { offset: 0, limit }))).toEqual(stderr.data);
    expect(await runs.execution(run.id, 1)).toMatchObject({ stdoutSha256: sha256(""), stdoutBytes: 0 });
    expect(plain(await runs.output(run.id, 1, "stdout", { offset: 0, limit }))).toEqual(Buffer.alloc(0));
    expect(await runs.output(run.id, 2, "stdout", { offset: 0, limit })).toBeUndefined();
    expect(await runs.output(999_999, 0, "stdout", { offset: 0, limit })).toBeUndefined();
  });

  it("shows a stream while it grows and the same bytes after it ended", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(1));
    const piece = (offset: number, data: string) => ({
      position: 0,
      stream: "stdout" as const,
      offset,
      data: Buffer.from(data),
    });
    const shown = async (offset: number, most = limit) =>
      plain(await runs.output(run.id, 0, "stdout", { offset, limit: most }))?.toString();

    await runs.apply(aChange(run.uid, 1, 2, { output: [piece(0, "one "), piece(4, "two ")] }));
    expect([await shown(0), await shown(2), await shown(5), await shown(8), await shown(2, 3)]).toEqual([
      "one two ",
      "e two ",
      "wo ",
      "",
      "e t",
    ]);
    expect(await runs.execution(run.id, 0)).toMatchObject({ stdoutBytes: 8 });
    expect(await runs.execution(run.id, 0)).not.toHaveProperty("stdoutSha256");
    // Redelivered in another cut, with something new behind it.
    await runs.apply(aChange(run.uid, 2, 3, { output: [piece(4, "two three ")] }));
    expect(await shown(0)).toBe("one two three ");
    const rest = { offset: 14, data: Buffer.from("four") };
    await runs.apply(aChange(run.uid, 4, 4, { ended: [ended(0, "", { stdout: rest, stdoutBytes: 18 })] }));

    const whole = "one two three four";
    expect([await shown(0), await shown(4, 3), await shown(18), await shown(99)]).toEqual([whole, "two", "", ""]);
    expect(await runs.execution(run.id, 0)).toMatchObject({ stdoutSha256: sha256(whole), output: "complete" });
  });

  it("joins pieces and end that come in one batch", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(1));
    const output = ["stdout", "stderr"].map((stream) => ({
      position: 0,
      stream: stream as "stdout" | "stderr",
      offset: 0,
      data: Buffer.from(`${stream} begins, `),
    }));
    const change = {
      stdout: { offset: 15, data: Buffer.from("ends") },
      stdoutBytes: 19,
      stderr: { offset: 15, data: Buffer.from("ends too") },
      stderrBytes: 23,
    };

    await runs.apply(aChange(run.uid, 1, 3, { output, ended: [ended(0, "", change)] }));

    expect(await text(context(), run.id, 0)).toBe("stdout begins, ends");
    expect(await runs.execution(run.id, 0)).toMatchObject({ stderrSha256: sha256("stderr begins, ends too") });
  });

  it("says partial where bytes are missing, whatever was claimed", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(3));
    const hole = ended(0, "", { stdout: { offset: 10, data: Buffer.from("end") }, stdoutBytes: 13 });
    const short = ended(1, "abc", { stdoutBytes: 9 });
    const cut = ended(2, "abc", { stdoutBytes: 9, output: "truncated" });

    await runs.apply(aChange(run.uid, 1, 3, { ended: [hole, short, cut] }));

    const stored = await runs.executions(run.id, { limit: 9 });
    expect(stored.map(({ output }) => output)).toEqual(["partial", "partial", "truncated"]);
    expect(await text(context(), run.id, 0)).toBe("end");
  });

  it("keeps a long stream in pieces and reads any range of it", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(2));
    const long = Buffer.alloc(700_000, "0123456789abcdef\n");
    let seq = 0;
    for (let offset = 0; offset < 600_000; offset += 60_000) {
      seq += 1;
      const data = long.subarray(offset, offset + 60_000);
      await runs.apply(aChange(run.uid, seq, seq, { output: [{ position: 0, stream: "stdout", offset, data }] }));
    }
    const rest = { offset: 600_000, data: long.subarray(600_000) };
    const inPieces = ended(0, "", { stdout: rest, stdoutBytes: 700_000 });
    const atOnce = ended(1, "", { stdout: { offset: 0, data: long }, stdoutBytes: 700_000 });
    await runs.apply(aChange(run.uid, seq + 1, seq + 2, { ended: [inPieces, atOnce], runEnded: true }));

    expect(await runs.execution(run.id, 0)).toMatchObject({ stdoutSha256: sha256(long), output: "complete" });
    for (const [offset, most] of [
      [0, 700_000],
      [262_143, 2],
      [262_144, 262_144],
      [524_287, 10_000],
      [699_999, 100],
      [700_000, 100],
      [5_000_000, 100],
    ] as const) {
      for (const position of [0, 1]) {
        const part = plain(await runs.output(run.id, position, "stdout", { offset, limit: most }));
        expect(part?.equals(long.subarray(offset, offset + most))).toBe(true);
      }
    }
  });

  it.each([
    ["in pieces of some size", 100_000, false],
    ["in many small pieces", 5000, false],
    ["over two web servers", 100_000, true],
  ])("keeps a stream of megabytes that came %s by its content", async (_, piece, overTwo) => {
    const { store, openAgain } = context();
    const other = await openAgain();
    const [first, second] = [(await store.runs.create(aRun(2))).run, (await store.runs.create(aRun(1))).run];
    const long = Buffer.from(randomBytes(1_000_000).toString("hex"));
    const tell = async (uid: string, position: number, from: number) => {
      let seq = from;
      for (let offset = 0; offset < long.byteLength; offset += piece) {
        seq += 1;
        const data = long.subarray(offset, offset + piece);
        const writer = overTwo && seq % 2 === 0 ? other : store;
        await writer.runs.apply(aChange(uid, seq, seq, { output: [{ position, stream: "stdout", offset, data }] }));
      }
      const rest = { offset: long.byteLength - 10, data: Buffer.concat([long.subarray(-10), Buffer.from("end")]) };
      const end = ended(position, "", { stdout: rest, stdoutBytes: long.byteLength + 3 });
      await store.runs.apply(aChange(uid, seq + 1, seq + 1, { ended: [end] }));
      return seq + 1;
    };
    const whole = Buffer.concat([long, Buffer.from("end")]);

    const seq = await tell(first.uid, 0, 0);
    await tell(first.uid, 1, seq);
    await tell(second.uid, 0, 0);

    for (const [run, position] of [
      [first, 0],
      [first, 1],
      [second, 0],
    ] as const) {
      const execution = await store.runs.execution(run.id, position);
      expect(execution).toMatchObject({ stdoutSha256: sha256(whole), output: "complete", stdoutBytes: 2_000_003 });
      for (const [offset, limit] of [
        [0, 3_000_000],
        [99_999, 2],
        [262_143, 300_000],
        [1_999_999, 100],
        [2_000_003, 1],
      ] as const) {
        const part = plain(await store.runs.output(run.id, position, "stdout", { offset, limit }));
        expect(part?.equals(whole.subarray(offset, offset + limit))).toBe(true);
      }
    }
    const part = await store.runs.outputByHash(second.id, sha256(whole), { offset: 1_500_000, limit: 10 });
    expect(plain(part)?.equals(whole.subarray(1_500_000, 1_500_010))).toBe(true);
  });

  it("ends a stream of megabytes without reading or writing it again", async () => {
    const statements: string[] = [];
    const store = await context().openAgain({ onQuery: ({ sql }) => statements.push(sql) });
    const { run } = await store.runs.create(aRun(1));
    for (let seq = 1; seq <= 20; seq += 1) {
      const data = randomBytes(100_000);
      const offset = (seq - 1) * data.byteLength;
      await store.runs.apply(aChange(run.uid, seq, seq, { output: [{ position: 0, stream: "stdout", offset, data }] }));
    }
    statements.length = 0;

    const rest = { offset: 2_000_000, data: Buffer.from("end") };
    await store.runs.apply(
      aChange(run.uid, 21, 21, { ended: [ended(0, "", { stdout: rest, stdoutBytes: 2_000_003 })] }),
    );

    const ofOutput = statements.filter((sql) => /\boutput(_chunk)?\b/.test(sql));
    expect(ofOutput.length).toBeLessThan(5);
    expect(ofOutput.filter((sql) => /^select.*\bdata\b.* from/.test(sql) || sql.startsWith("delete"))).toEqual([]);
  });

  it("takes megabytes in one event", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(1));
    const large = Buffer.alloc(9_000_001, "0123456789abcdef\n");
    const output = [{ position: 0, stream: "stdout" as const, offset: 0, data: large }];
    const range = { offset: 4_000_000, limit: 3_000_000 };
    const wanted = large.subarray(4_000_000, 7_000_000);

    await runs.apply(aChange(run.uid, 1, 1, { output }));
    expect(plain(await runs.output(run.id, 0, "stdout", range))?.equals(wanted)).toBe(true);
    const rest = { offset: large.byteLength, data: Buffer.alloc(0) };
    await runs.apply(
      aChange(run.uid, 2, 2, { ended: [ended(0, "", { stdout: rest, stdoutBytes: large.byteLength })] }),
    );

    expect(plain(await runs.output(run.id, 0, "stdout", range))?.equals(wanted)).toBe(true);
    expect(await runs.execution(run.id, 0)).toMatchObject({ stdoutSha256: sha256(large), output: "complete" });
  });

  it("reads by content only what the run has", async () => {
    const { runs } = context().store;
    const mine = (await runs.create(aRun(1))).run;
    const foreign = (await runs.create(aRun(1))).run;
    await runs.apply(aChange(mine.uid, 1, 1, { ended: [ended(0, "my secret answer")] }));
    await runs.apply(aChange(foreign.uid, 1, 1, { ended: [ended(0, "another")] }));
    const range = { offset: 3, limit: 6 };

    expect(plain(await runs.outputByHash(mine.id, sha256("my secret answer"), range))?.toString()).toBe("secret");
    expect(await runs.outputByHash(foreign.id, sha256("my secret answer"), range)).toBeUndefined();
    expect(await runs.outputByHash(mine.id, "no hash", range)).toBeUndefined();
  });
}

function groups(context: () => StoreContext): void {
  it("puts hosts with the same answer together, the largest group first", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(7));
    const failed = { state: "failed" as const, exitCode: 1 };
    const answers = [
      ended(0, "a"),
      ended(1, "b"),
      ended(2, "a"),
      ended(3, "a", failed),
      ended(4, "a"),
      ended(5, "b", { stderr: { offset: 0, data: Buffer.from("warning") }, stderrBytes: 7 }),
    ];
    await runs.apply(aChange(run.uid, 1, 6, { ended: answers }));

    const grouped = await runs.groups(run.id);

    expect(grouped[0]).toEqual({
      state: "ok",
      exitCode: 0,
      signal: "",
      reason: "",
      stdoutSha256: sha256("a"),
      stderrSha256: sha256(""),
      stdoutBytes: 1,
      stderrBytes: 0,
      output: "complete",
      count: 3,
      hostNames: ["web01", "web03", "web05"],
    });
    expect(grouped.map(({ count }) => count)).toEqual([3, 1, 1, 1]);
    expect(await runs.groups(999_999)).toEqual([]);
  });

  it("says of cut answers that they are cut, and puts only those of the same length together", async () => {
    const { runs } = context().store;
    const { run } = await runs.create(aRun(4));
    const cut = (position: number, stdoutBytes: number) =>
      ended(position, "aaaa", { stdoutBytes, output: "truncated" });
    await runs.apply(aChange(run.uid, 1, 4, { ended: [cut(0, 9), cut(1, 10), cut(2, 9), ended(3, "aaaa")] }));

    const grouped = await runs.groups(run.id);

    expect(grouped).toMatchObject([
      { count: 2, stdoutBytes: 9, output: "truncated", hostNames: ["web01", "web03"] },
      { count: 1, stdoutBytes: 10, output: "truncated" },
      { count: 1, stdoutBytes: 4, output: "complete" },
    ]);
  });
}

function plain(bytes: Uint8Array | undefined): Buffer | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes);
}

async function text(context: StoreContext, runId: number, position: number): Promise<string | undefined> {
  return plain(await context.store.runs.output(runId, position, "stdout", { offset: 0, limit: 1000 }))?.toString();
}

function zeroCounts(): Record<ExecutionState, number> {
  const states = ["pending", "dispatching", "running", "ok", "failed", "timed_out"] as const;
  const more = ["cancelled", "unreachable", "skipped", "not_started", "unknown"] as const;
  return Object.fromEntries([...states, ...more].map((state) => [state, 0])) as Record<ExecutionState, number>;
}

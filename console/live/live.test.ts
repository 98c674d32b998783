import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyCounts } from "../../src/contract/states.ts";
import type { Execution, LiveFrame, Run, RunHosts } from "../api/types.ts";
import { bySize, createAnswerIndex, majorityOf, onlyHosts } from "./answers.ts";
import { applyFrame, emptyRunView, openRunView, type RunView } from "./run-state.ts";
import { applyOutput, emptyTail, type Tail, tailBytes, tailLimitBytes } from "./tail.ts";

function runAt(liveSeq: number): Run {
  return {
    id: 1,
    uid: "u",
    state: "running",
    needsAttention: false,
    reason: "",
    counts: emptyCounts(),
    hostCount: 5,
    liveSeq,
    moduleId: 1003,
    moduleVersion: 1,
    moduleKey: "os-version",
    moduleName: { zh: "版本", en: "Version" },
    danger: "read",
    parameters: {},
    query: "all",
    planSha256: "",
    width: 10,
    becomeUser: "",
    timeoutMilliseconds: 1000,
    check: false,
    requestedBy: "me",
    createdAt: 0,
  };
}

function executionAt(position: number, liveSeq: number, change: Partial<Execution> = {}): Execution {
  return {
    position,
    hostId: position + 1,
    hostName: `web${position}`,
    address: "127.0.0.1",
    engine: "ssh",
    wave: 0,
    state: "running",
    signal: "",
    reason: `seq ${liveSeq}`,
    stdoutBytes: 0,
    stderrBytes: 0,
    liveSeq,
    ...change,
  };
}

/** A history of a run as frames: each tells what changed since the one before. */
const history = fc
  .array(fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 5 }), { minLength: 1, maxLength: 12 })
  .map((steps) =>
    steps.map(
      (positions, step): LiveFrame => ({
        seq: step + 1,
        run: runAt(step + 1),
        executions: positions.map((position) => executionAt(position, step + 1)),
      }),
    ),
  );

/** What columns say of an answer. */
const answer = { engine: "ssh", wave: 0, signal: "", reason: "", stdoutBytes: 0, stderrBytes: 0 };

function groupAnswers(executions: readonly (Execution | undefined)[]) {
  const index = createAnswerIndex();
  for (const execution of executions) if (execution !== undefined) index.add(execution);
  return bySize(index.groups());
}

function play(frames: readonly LiveFrame[], from: RunView = emptyRunView): RunView {
  return frames.reduce((view, frame) => applyFrame(view, frame), from);
}

describe("frames of a run", () => {
  it("change nothing when they come again", () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 11 })), (frames, again) => {
        const view = play(frames);
        const repeated = again.flatMap((index) => frames[index] ?? []);
        expect(play(repeated, view)).toBe(view);
      }),
    );
  });

  it("lead to the same view in any order, with any of them twice", () => {
    const shuffled = history.chain((frames) =>
      fc.tuple(fc.constant(frames), fc.shuffledSubarray([...frames, ...frames], { minLength: frames.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, ([frames, mixed]) => {
        expect(play(mixed)).toEqual(play(frames));
      }),
    );
  });

  it("keep what did not change as the same object, so that nothing is drawn again for it", () => {
    const first = play([{ seq: 1, run: runAt(1), executions: [executionAt(0, 1), executionAt(1, 1)] }]);
    const next = applyFrame(first, { seq: 2, run: runAt(2), executions: [executionAt(1, 2)] });
    expect(next.executions[0]).toBe(first.executions[0]);
    expect(next.executions[1]?.liveSeq).toBe(2);
  });
});

describe("hosts that come in columns", () => {
  const hosts: RunHosts = {
    seq: 9,
    run: { ...runAt(9), createdAt: 1_000, hostCount: 3 },
    hostIds: [11, 12, 13],
    hostNames: ["web0", "web1", "web2"],
    addresses: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
    answers: [
      { ...answer, state: "ok", exitCode: 0, stdoutSha256: "a" },
      { ...answer, state: "unreachable", reason: "‹host› refused" },
    ],
    answerOf: [0, 1, 0],
    reasons: [[1, "web1 refused"]],
    startedAfter: [5, null, 6],
    finishedAfter: [25, null, 26],
    newer: [[2, 11]],
  };

  it("become executions like those of frames, and newer frames go on from them", () => {
    const { view } = openRunView(hosts);

    expect(view.executions[0]).toMatchObject({
      hostId: 11,
      state: "ok",
      startedAt: 1_005,
      finishedAt: 1_025,
      liveSeq: 9,
    });
    expect(view.executions[1]).toMatchObject({ reason: "web1 refused", startedAt: undefined });
    expect(applyFrame(view, { seq: 10, run: runAt(10), executions: [executionAt(2, 10)] }).executions[2]).toBe(
      view.executions[2],
    );
    const newer = executionAt(2, 12);
    expect(applyFrame(view, { seq: 12, run: runAt(12), executions: [newer] }).executions[2]).toBe(newer);
  });

  it("are put into the same groups as one by one", () => {
    const { executions } = openRunView(hosts);
    const index = createAnswerIndex();
    index.fill(executions, hosts.answerOf);
    expect(bySize(index.groups())).toEqual(groupAnswers(executions));
  });
});

describe("the tail of a running host", () => {
  const sent = Uint8Array.from({ length: 200 }, (_, index) => index);

  it("is the sent bytes, however they are cut and repeated", () => {
    const cuts = fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 60 })), { maxLength: 60 });
    fc.assert(
      fc.property(cuts, (pieces) => {
        let tail: Tail = emptyTail;
        for (const [offset, length] of pieces) {
          const before = tail.stdout.length;
          const data = Buffer.from(sent.subarray(offset, offset + length)).toString("base64");
          const next = applyOutput(tail, { position: 0, stream: "stdout", offset, data });
          if (offset > before) expect(next).toBeUndefined();
          tail = next ?? tail;
          expect(tailBytes(tail.stdout)).toEqual(sent.slice(0, tail.stdout.length));
        }
      }),
    );
  });

  it("keeps its end only once it is large, and still knows where it is", () => {
    const piece = new Uint8Array(300_000);
    let tail: Tail = emptyTail;
    for (let index = 0; index < 20; index++) {
      const data = Buffer.from(piece).toString("base64");
      tail = applyOutput(tail, { position: 0, stream: "stderr", offset: tail.stderr.length, data }) ?? tail;
    }
    expect(tail.stderr.length).toBe(6_000_000);
    expect(tail.stderr.keptBytes).toBeLessThanOrEqual(tailLimitBytes);
    expect(tailBytes(tail.stderr).length).toBe(tail.stderr.keptBytes);
  });
});

describe("groups of answers", () => {
  it("hold the hosts that ended alike, largest group first, and leave out those that still run", () => {
    const ok = { state: "ok", exitCode: 0, stdoutSha256: "a", reason: "" } as const;
    const groups = groupAnswers([
      executionAt(0, 1, { state: "failed", exitCode: 1, stdoutSha256: "b", reason: "" }),
      executionAt(1, 1, ok),
      executionAt(2, 1),
      undefined,
      executionAt(4, 1, ok),
    ]);
    expect(groups.map(({ sample, hostNames }) => [sample.state, hostNames])).toEqual([
      ["ok", ["web1", "web4"]],
      ["failed", ["web0"]],
    ]);
  });

  it("hold hosts together that failed for the same reason, each with its own name in it", () => {
    const refused = (position: number): Partial<Execution> => ({
      state: "unreachable",
      reason: `web${position} refused the connection.`,
    });

    const [group, ...others] = groupAnswers([executionAt(0, 1, refused(0)), executionAt(1, 1, refused(1))]);

    expect(others).toEqual([]);
    expect(group?.reason).toBe("‹host› refused the connection.");
  });

  it("stay the same objects while nobody joins them, and keep their order while hosts answer", () => {
    const index = createAnswerIndex();
    const ok = (position: number, finishedAt: number) =>
      executionAt(position, 1, { state: "ok", exitCode: 0, stdoutSha256: "a", reason: "", finishedAt });
    const odd = executionAt(5, 1, { state: "ok", exitCode: 0, stdoutSha256: "b", reason: "", finishedAt: 10 });
    index.add(odd);
    const [first] = index.groups();
    for (const position of [0, 1, 2]) index.add(ok(position, 20));

    expect(index.groups()[0]).toBe(first);
    expect(index.groups().map(({ positions }) => positions)).toEqual([[5], [0, 1, 2]]);
    expect(index.groups()).toBe(index.groups());
    index.add(odd);
    expect(index.groups()[0]).toBe(first);
  });

  it("are held against the answer that most hosts gave, when two agree and said something", () => {
    const said = (position: number, stdoutSha256: string, stdoutBytes = 5) =>
      executionAt(position, 1, { state: "ok", exitCode: 0, reason: "", stdoutSha256, stdoutBytes });
    const majority = (...executions: Execution[]) => majorityOf(groupAnswers(executions))?.sample.stdoutSha256;
    expect(majority(said(0, "a"), said(1, "b"), said(2, "b"))).toBe("b");
    expect(majority(said(0, "a"), said(1, "b"))).toBeUndefined();
    expect(majority(said(0, "e", 0), said(1, "e", 0), said(2, "a"))).toBeUndefined();
  });

  it("can be cut down to some hosts", () => {
    const ok = { state: "ok", exitCode: 0, stdoutSha256: "a", reason: "" } as const;
    const executions = [0, 1, 2].map((position) => executionAt(position, 1, ok));
    const groups = groupAnswers([...executions, executionAt(3, 1, { ...ok, stdoutSha256: "b" })]);
    const cut = onlyHosts(groups, executions, (one) => one.position > 0);
    expect(cut.map(({ hostNames }) => hostNames)).toEqual([["web1", "web2"]]);
  });

  it("tells apart what differs in exit code, signal, either stream or completeness", () => {
    const base = { state: "failed", exitCode: 1, reason: "", stdoutSha256: "a", stderrSha256: "b" } as const;
    const different: Partial<Execution>[] = [
      base,
      { ...base, exitCode: 2 },
      { ...base, exitCode: undefined, signal: "KILL" },
      { ...base, stdoutSha256: "c" },
      { ...base, stderrSha256: "c" },
      { ...base, output: "truncated" },
      { ...base, state: "unknown" },
    ];
    expect(groupAnswers(different.map((change, position) => executionAt(position, 1, change)))).toHaveLength(7);
  });
});

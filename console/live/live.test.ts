import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyCounts } from "../../src/contract/states.ts";
import type { Execution, LiveFrame, Run } from "../api/types.ts";
import { groupAnswers } from "./groups.ts";
import { applyFrame, emptyRunView, type RunView } from "./run-state.ts";
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

function play(frames: readonly LiveFrame[], from: RunView = emptyRunView): RunView {
  return frames.reduce(applyFrame, from);
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

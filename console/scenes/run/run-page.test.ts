import { describe, expect, it } from "vitest";
import { emptyCounts } from "../../../src/contract/states.ts";
import type { Execution } from "../../api/types.ts";
import { compareRuns } from "./compare-runs.ts";
import { expectedLeft, medianDuration } from "./expectation.ts";
import { rerunCount } from "./rerun-selection.ts";
import { hostFilter, lookIn } from "./run-look.ts";
import { timingSummary } from "./timing.ts";

function executionAt(position: number, change: Partial<Execution> = {}): Execution {
  return {
    position,
    hostId: position + 1,
    hostName: `web${position}`,
    address: "127.0.0.1",
    engine: "ssh",
    wave: 0,
    state: "ok",
    exitCode: 0,
    signal: "",
    reason: "",
    startedAt: 1_000,
    finishedAt: 1_100,
    stdoutBytes: 1,
    stderrBytes: 0,
    stdoutSha256: "a",
    stderrSha256: "0",
    liveSeq: 1,
    ...change,
  };
}

describe("what an address asks for", () => {
  it("is kept where it is known and left out where it is not", () => {
    const look = { tab: "timing", state: "failed", find: "web*", host: 0, text: "error", with: 7 };
    expect(lookIn(look)).toEqual(look);
    expect(lookIn({ tab: "answers", state: "odd", find: "", host: -1, with: 0, text: { a: 1 } })).toEqual({});
    expect(lookIn({ find: 42, host: "3" })).toEqual({ find: "42", host: 3 });
  });

  it("finds hosts by a part of their name, or by a pattern of the whole", () => {
    const names = ["web1.example.com", "web12.example.com", "DB1.example.com"];
    const found = (text: string) => names.filter(hostFilter(text) ?? (() => true));
    expect(found("web1")).toEqual(names.slice(0, 2));
    expect(found("*1.example.com")).toEqual(["web1.example.com", "DB1.example.com"]);
    expect(found("db")).toEqual(["DB1.example.com"]);
    expect(found("web1.*+")).toEqual([]);
    expect(hostFilter("  ")).toBeUndefined();
  });
});

describe("how long a run still takes", () => {
  const counts = { ...emptyCounts(), pending: 50, running: 10, ok: 40 };
  const run = { state: "running", hostCount: 100, width: 10, counts } as const;

  const running = (sinceMilliseconds: number) =>
    Array.from({ length: 10 }, (_, at) =>
      executionAt(at, { state: "running", startedAt: 100_000 - sinceMilliseconds, finishedAt: undefined }),
    );

  it("is what a host takes, times the hosts to come, by how many go at once, less what these have had", () => {
    expect(expectedLeft(run, 2_000, running(0), 100_000)).toBe(12_000);
    expect(expectedLeft(run, 2_000, running(500), 100_000)).toBe(11_500);
  });

  it("is never less than the last host needs, and nothing once all should have ended", () => {
    expect(expectedLeft({ ...run, width: 1_000 }, 2_000, running(0), 100_000)).toBe(2_000);
    const last = { ...run, counts: { ...emptyCounts(), running: 10, ok: 90 } };
    expect(expectedLeft(last, 2_000, running(1_500), 100_000)).toBe(500);
    expect(expectedLeft(last, 2_000, running(9_000), 100_000)).toBe(0);
  });

  it("is not said of a run that has ended or of which nothing is known", () => {
    expect(expectedLeft(run, undefined, [], 0)).toBeUndefined();
    const ended = { ...run, state: "succeeded", counts: { ...emptyCounts(), ok: 100 } } as const;
    expect(expectedLeft(ended, 2_000, [], 0)).toBeUndefined();
    expect(medianDuration([executionAt(0), executionAt(1)])).toBeUndefined();
  });

  it("goes by the host in the middle: one that hangs says little", () => {
    const hosts = [10, 20, 30, 40, 90_000].map((took, at) => executionAt(at, { finishedAt: 1_000 + took }));
    expect(medianDuration([...hosts, undefined, executionAt(9, { finishedAt: undefined })])).toBe(30);
  });
});

describe("who is slow", () => {
  it("stands first, with hosts that still run counted up to now", () => {
    const summary = timingSummary(
      [
        executionAt(0),
        executionAt(1, { startedAt: 1_050, finishedAt: 1_350 }),
        executionAt(2, { state: "running", finishedAt: undefined }),
        executionAt(3, { state: "pending", startedAt: undefined, finishedAt: undefined }),
      ],
      2_000,
    );
    expect(
      summary?.timings.map(({ execution, after, took, running }) => [execution.position, after, took, running]),
    ).toEqual([
      [2, 0, 1_000, true],
      [1, 50, 300, false],
      [0, 0, 100, false],
    ]);
    expect(summary).toMatchObject({ span: 1_000, median: 300, slowest: 1_000 });
  });

  it("is spread over bars that hold every host once", () => {
    const hosts = Array.from({ length: 500 }, (_, at) => executionAt(at, { finishedAt: 1_000 + ((at * 37) % 977) }));
    const bars = timingSummary(hosts, 0)?.bars ?? [];
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(500);
    expect(bars.length).toBeLessThanOrEqual(33);
    bars.forEach(({ from, to }, place) => {
      expect(to).toBeGreaterThan(from);
      if (place > 0) expect(bars[place - 1]?.to).toBe(from);
    });
  });

  it("is nobody while no host has begun", () => {
    expect(timingSummary([executionAt(0, { startedAt: undefined })], 0)).toBeUndefined();
  });
});

describe("a run against another one", () => {
  it("tells hosts that are the same, that ended otherwise and that printed something else, by host", () => {
    const before = [
      executionAt(0, { hostId: 10 }),
      executionAt(1, { hostId: 11 }),
      executionAt(2, { hostId: 12 }),
      executionAt(3, { hostId: 13, reason: "web3 refused" }),
      executionAt(4, { hostId: 14, hostName: "old" }),
    ];
    const now = [
      executionAt(0, { hostId: 12 }),
      executionAt(1, { hostId: 11, stdoutSha256: "b" }),
      executionAt(2, { hostId: 10, state: "failed", exitCode: 3, stdoutSha256: "c" }),
      executionAt(3, { hostId: 13, hostName: "renamed", reason: "renamed refused" }),
      executionAt(4, { hostId: 15, hostName: "new" }),
    ];

    const { same, changed, changes, added, gone } = compareRuns(now, before);

    expect([same, changed, added, gone]).toEqual([2, 2, ["new"], ["old"]]);
    expect(changes.map(({ what, before: old, after, positions }) => [what, old.state, after.state, positions])).toEqual(
      [
        ["end", "ok", "failed", [2]],
        ["output", "ok", "ok", [1]],
      ],
    );
  });

  it("puts hosts together that changed in the same way, and waits for those that still run", () => {
    const before = [0, 1, 2].map((at) => executionAt(at));
    const now = [
      executionAt(0, { stdoutSha256: "b" }),
      executionAt(1, { stdoutSha256: "b" }),
      executionAt(2, { state: "running", stdoutSha256: undefined }),
    ];
    const { changes, same, gone } = compareRuns(now, before);
    expect(changes.map(({ hostNames }) => hostNames)).toEqual([["web0", "web1"]]);
    expect([same, gone]).toEqual([0, []]);
  });
});

it("a rerun takes the hosts that the server would take", () => {
  const counts = {
    ...emptyCounts(),
    ok: 5,
    failed: 1,
    timed_out: 2,
    unreachable: 3,
    unknown: 4,
    cancelled: 6,
    not_started: 7,
    skipped: 8,
  };
  expect(rerunCount({ counts }, "failed")).toBe(6);
  expect(rerunCount({ counts }, "unknown")).toBe(4);
  expect(rerunCount({ counts }, "not_ok")).toBe(23);
  expect(rerunCount({ counts }, "all")).toBe(36);
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveFrame } from "../api/types.ts";
import { type Connection, type EventSourceLike, followRun } from "./run-stream.ts";

interface FakeSource extends EventSourceLike {
  readonly address: string;
  readonly closed: boolean;
  emit(type: string, data?: unknown): void;
}

function world(
  overrides: {
    readable?: () => Promise<unknown>;
    finished?: () => boolean;
    begin?: () => Promise<unknown>;
    alone?: true;
  } = {},
) {
  const sources: FakeSource[] = [];
  const states: Connection[] = [];
  const frames: LiveFrame[] = [];
  let since = 0;
  let whole = true;
  const stop = followRun({
    runId: 7,
    ...(overrides.begin === undefined ? {} : { begin: overrides.begin }),
    position: () => ({
      since,
      ...(overrides.alone === undefined ? { output: { position: 3, stdout: since * 10, stderr: 0 } } : {}),
    }),
    onFrame: (frame) => {
      frames.push(frame);
      since = frame.seq;
    },
    onOutput: () => whole,
    onConnection: (state) => states.push(state),
    readable: overrides.readable ?? (async () => undefined),
    isRefusal: (error) => error === "refused",
    finished: overrides.finished ?? (() => false),
    open(address) {
      const listeners = new Map<string, ((event: { data?: unknown }) => void)[]>();
      let closed = false;
      const source: FakeSource = {
        address,
        get closed() {
          return closed;
        },
        addEventListener: (type, listener) => listeners.set(type, [...(listeners.get(type) ?? []), listener]),
        close: () => {
          closed = true;
        },
        emit: (type, data) => {
          for (const listener of listeners.get(type) ?? []) listener({ data: JSON.stringify(data) });
        },
      };
      sources.push(source);
      return source;
    },
  });
  const last = (): FakeSource => {
    const source = sources.at(-1);
    if (source === undefined) throw new Error("nothing was opened");
    return source;
  };
  return {
    sources,
    states,
    frames,
    stop,
    last,
    miss: () => {
      whole = false;
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the stream of a run", () => {
  it("resumes after a cut where it was, for the run and for the followed host", async () => {
    const { sources, states, last, stop } = world();
    last().emit("open");
    last().emit("run", { seq: 4 });
    last().emit("error");
    await vi.advanceTimersByTimeAsync(600);
    expect(sources).toHaveLength(2);
    expect(sources[0]?.closed).toBe(true);
    expect(last().address).toBe("/api/v1/runs/7/live?since=4&output=3&stdoutOffset=40&stderrOffset=0");
    last().emit("open");
    expect(states).toEqual(["connecting", "live", "waiting", "live"]);
    stop();
  });

  it("waits longer from try to try, and briefly again after one that worked", async () => {
    const { sources, last, stop } = world();
    for (let cut = 0; cut < 5; cut++) {
      last().emit("error");
      await vi.advanceTimersByTimeAsync(500 * 2 ** cut - 1);
      expect(sources).toHaveLength(cut + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(sources).toHaveLength(cut + 2);
    }
    last().emit("open");
    last().emit("error");
    await vi.advanceTimersByTimeAsync(500);
    expect(sources).toHaveLength(7);
    stop();
  });

  it("tries at short intervals for a while after the server said that it restarts", async () => {
    const { sources, last, stop } = world();
    last().emit("open");
    last().emit("restart", {});
    expect(sources[0]?.closed).toBe(true);
    for (let away = 0; away < 20; away++) {
      await vi.advanceTimersByTimeAsync(500);
      last().emit("error");
    }
    expect(sources.length).toBeGreaterThan(20);
    stop();
  });

  it("connects again at once when a piece of output is missing", async () => {
    const { sources, last, miss, stop } = world();
    last().emit("open");
    miss();
    last().emit("output", { position: 3, stream: "stdout", offset: 90, data: "" });
    await vi.advanceTimersByTimeAsync(0);
    expect(sources).toHaveLength(2);
    stop();
  });

  it("connects again when the connection has said nothing for half a minute", async () => {
    const { sources, last, stop } = world();
    last().emit("open");
    await vi.advanceTimersByTimeAsync(29_000);
    last().emit("run", { seq: 1 });
    await vi.advanceTimersByTimeAsync(29_000);
    expect(sources).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sources).toHaveLength(2);
    stop();
  });

  it("reads what is there first, tries that again too, and opens no connection for a run that has ended", async () => {
    let tries = 0;
    const begin = async () => {
      tries++;
      if (tries < 3) throw new Error("cut");
    };
    const { sources, states, stop } = world({ begin, finished: () => tries === 3, alone: true });
    await vi.advanceTimersByTimeAsync(1_600);
    expect(tries).toBe(3);
    expect(sources).toEqual([]);
    expect(states).toEqual(["connecting", "waiting", "waiting", "ended"]);
    stop();
  });

  it("gives up where the run cannot be read, and says so", async () => {
    const { sources, states, last, stop } = world({ readable: () => Promise.reject("refused") });
    last().emit("error");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sources).toHaveLength(1);
    expect(states.at(-1)).toBe("refused");
    stop();
  });

  it("ends with the run and with its reader, and says nothing more then", async () => {
    const ended = world({ finished: () => true });
    ended.last().emit("open");
    ended.last().emit("end", {});
    ended.last().emit("error");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended.sources).toHaveLength(1);
    expect(ended.states).toEqual(["connecting", "live", "ended"]);

    const left = world();
    left.last().emit("open");
    left.stop();
    left.last().emit("run", { seq: 9 });
    left.last().emit("error");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(left.frames).toEqual([]);
    expect(left.sources).toHaveLength(1);
    expect(left.sources[0]?.closed).toBe(true);
  });
});

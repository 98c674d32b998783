import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { EventSourceLike } from "./run-stream.ts";
import { followShellCommands } from "./shell-stream.ts";

class FakeSource implements EventSourceLike {
  readonly address: string;
  readonly listeners = new Map<string, (event: { data?: unknown }) => void>();
  closed = false;
  constructor(address: string) {
    this.address = address;
  }
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  tell(type: string, data?: unknown): void {
    this.listeners.get(type)?.({ data: JSON.stringify(data) });
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("goes on after a cut where it was, and says nothing more once it is left", () => {
  const sources: FakeSource[] = [];
  const seen: number[] = [];
  const states: string[] = [];
  let last = 7;
  const leave = followShellCommands({
    filter: "text=x",
    last: () => last,
    onCommands: (commands) => {
      for (const { id } of commands) seen.push(id);
      last = Math.max(last, ...commands.map(({ id }) => id));
    },
    onConnection: (state) => states.push(state),
    open: (address) => {
      const source = new FakeSource(address);
      sources.push(source);
      return source;
    },
  });

  sources[0]?.tell("open");
  sources[0]?.tell("commands", [{ id: 9 }]);
  sources[0]?.tell("error");
  vi.advanceTimersByTime(1000);
  sources[1]?.tell("open");
  sources[1]?.tell("commands", [{ id: 10 }]);
  leave();
  sources[1]?.tell("commands", [{ id: 11 }]);
  sources[1]?.tell("error");
  vi.advanceTimersByTime(60_000);

  expect(sources.map(({ address }) => address)).toEqual([
    "/api/v1/shell-commands/live?text=x&after=7",
    "/api/v1/shell-commands/live?text=x&after=9",
  ]);
  expect(seen).toEqual([9, 10]);
  expect(states).toEqual(["live", "waiting", "live"]);
  expect(sources.every(({ closed }) => closed)).toBe(true);
});

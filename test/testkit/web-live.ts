import type { Live, LiveItem } from "../../src/web/live/live.ts";

/** A live stream whose items a test pushes by hand: what a reader does with the stream is tested apart from the store. */
export interface TestLive extends Live {
  push(item: LiveItem): void;
  /** The followers reach the end of their run. */
  finish(): void;
  /** Options of each follower, oldest first. */
  readonly followed: Parameters<Live["follow"]>[2][];
  /** Items that a follower has taken. */
  taken: number;
  open: number;
}

export function testLive(): TestLive {
  const items: LiveItem[] = [];
  let finished = false;
  const wake: (() => void)[] = [];
  const waken = () => {
    for (const each of wake.splice(0)) each();
  };
  const live: TestLive = {
    followed: [],
    taken: 0,
    open: 0,
    push(item) {
      items.push(item);
      waken();
    },
    finish() {
      finished = true;
      waken();
    },
    changed: () => waken(),
    async *follow(_runId, _scope, options, signal) {
      live.followed.push(options);
      live.open += 1;
      signal.addEventListener("abort", waken);
      try {
        for (let next = 0; !signal.aborted; ) {
          const item = items[next];
          if (item !== undefined) {
            next += 1;
            live.taken += 1;
            yield item;
          } else if (finished) return;
          else await new Promise<void>((resolve) => wake.push(resolve));
        }
      } finally {
        live.open -= 1;
        signal.removeEventListener("abort", waken);
      }
    },
  };
  return live;
}

/** How long to wait before a stream is opened again. */
export interface Waits {
  /** Milliseconds before the next attempt; each is twice as long as the one before, up to the longest. */
  next(): number;
  /** A connection has opened. */
  opened(): void;
  /** The server said that it restarts: it, or another, is there in a moment, so attempts stay close for a while. */
  restarting(): void;
}

const restartWaitMilliseconds = 500;
const restartMilliseconds = 60_000;

export function createWaits(first: number, longest: number): Waits {
  let wait = first;
  let restartingUntil = Number.NEGATIVE_INFINITY;
  return {
    next() {
      // At random, so that the browsers of a whole office do not come back in the same moment.
      if (performance.now() < restartingUntil) return restartWaitMilliseconds * (0.5 + Math.random() / 2);
      const now = wait;
      wait = Math.min(longest, wait * 2);
      return now;
    },
    opened() {
      wait = first;
      restartingUntil = Number.NEGATIVE_INFINITY;
    },
    restarting() {
      restartingUntil = performance.now() + restartMilliseconds;
    },
  };
}

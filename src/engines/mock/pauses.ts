/** Waiting that an abort ends at once, for very many waiters: one listener for all. */
export interface Pauses {
  /** Resolves after the time, or at the abort, whichever is first; never rejects. */
  pause(milliseconds: number): Promise<void>;
  /** Takes the listener away. */
  close(): void;
}

/** The longest time that a timer of Node.js takes; without end for every purpose here. */
const longestTimer = 2 ** 31 - 1;

export function createPauses(signal: AbortSignal): Pauses {
  const waking = new Set<() => void>();
  function wakeAll(): void {
    for (const wake of waking) wake();
  }
  signal.addEventListener("abort", wakeAll, { once: true });
  return {
    pause(milliseconds) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        function wake(): void {
          clearTimeout(timer);
          waking.delete(wake);
          resolve();
        }
        const timer = setTimeout(wake, Math.min(milliseconds, longestTimer));
        waking.add(wake);
      });
    },
    close() {
      signal.removeEventListener("abort", wakeAll);
    },
  };
}

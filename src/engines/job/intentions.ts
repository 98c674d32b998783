export interface Intentions {
  /** True when the host may start; its intent is then durable. Rejects when it could not be written. */
  intend(position: number): Promise<boolean>;
}

/** Groups intents that come while one group is being written, so that the disk is waited for once for all of them. */
export function createIntentions(write: (positions: readonly number[]) => Promise<readonly number[]>): Intentions {
  let waiting: { position: number; resolve(allowed: boolean): void; reject(error: unknown): void }[] = [];
  let writing = false;

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        const allowed = new Set(await write(group.map((each) => each.position)));
        for (const each of group) each.resolve(allowed.has(each.position));
      } catch (error) {
        for (const each of group) each.reject(error);
      }
    }
    writing = false;
  }

  return {
    intend(position) {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      waiting.push({ position, resolve, reject });
      // The next microtasks may bring more of the same moment.
      if (!writing) {
        writing = true;
        queueMicrotask(() => void writeAll());
      }
      return promise;
    },
  };
}

/** When minions were last heard of, and how long it takes them to answer just now. */
export interface Signs {
  /** A minion returned something, to whomever. */
  heard(minion: string): void;
  /** When that was last, by `performance.now()`; undefined when it was long ago or never. */
  heardAt(minion: string): number | undefined;
  /** Some that were heard of last, newest first. */
  newest(count: number): readonly string[];
  /** A minion took so long over something that takes no time of its own. */
  answered(milliseconds: number): void;
  /** Milliseconds that answers took of late: who asks minions again and again waits for longer where they are slow. */
  readonly pace: number;
}

const mostMinions = 200_000;

export function createSigns(): Signs {
  /** The newest last. */
  const heard = new Map<string, number>();
  let pace = 0;

  return {
    heard(minion) {
      heard.delete(minion);
      heard.set(minion, performance.now());
      for (const oldest of heard.keys()) {
        if (heard.size <= mostMinions) return;
        heard.delete(oldest);
      }
    },
    heardAt: (minion) => heard.get(minion),
    newest: (count) => [...heard.keys()].slice(-count).reverse(),
    answered(milliseconds) {
      pace = pace * 0.8 + Math.max(0, milliseconds) * 0.2;
    },
    get pace() {
      return pace;
    },
  };
}

/** Asks for many hosts at once what each asks for itself. */
export interface Intentions {
  /** Whether this host may start; its intent is durable then. Rejects when the intent could not be made durable. */
  mayStart(position: number): Promise<boolean>;
}

/** Hosts that ask in the same turn of the event loop share one call of `intend`. */
export function createIntentions(intend: (positions: readonly number[]) => Promise<readonly number[]>): Intentions {
  let next: { positions: number[]; answer: Promise<ReadonlySet<number>> } | undefined;

  function open() {
    const positions: number[] = [];
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      next = undefined;
      return new Set(await intend(positions));
    });
    return { positions, answer };
  }

  return {
    async mayStart(position) {
      next ??= open();
      next.positions.push(position);
      const allowed = await next.answer;
      return allowed.has(position);
    },
  };
}

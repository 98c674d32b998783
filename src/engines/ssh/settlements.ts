/** What is to be done for an execution that its host still keeps. */
export interface Kept {
  /** Its end is durable on the controller. Resolves when the host was told, or cannot be; never rejects. */
  settle(): Promise<void>;
  /** Nobody has said so for too long. */
  drop(): void;
}

const keptMilliseconds = 120_000;
const sweepMilliseconds = 15_000;

/** Executions that have ended and whose hosts wait for the word that this is durable; for a bounded time. */
export class Settlements {
  readonly #runs = new Map<string, Map<number, Kept & { readonly since: number }>>();
  #sweep: NodeJS.Timeout | undefined;

  keep(runUid: string, position: number, kept: Kept): void {
    let run = this.#runs.get(runUid);
    if (run === undefined) {
      run = new Map();
      this.#runs.set(runUid, run);
    }
    run.get(position)?.drop();
    run.set(position, { settle: () => kept.settle(), drop: () => kept.drop(), since: performance.now() });
    this.#sweep ??= setInterval(() => this.#dropAged(), sweepMilliseconds).unref();
  }

  /** Resolves when all of these hosts that waited were told, or cannot be. */
  async settled(runUid: string, positions: readonly number[]): Promise<void> {
    const run = this.#runs.get(runUid);
    if (run === undefined) return;
    const told: Promise<void>[] = [];
    for (const position of positions) {
      const kept = run.get(position);
      if (kept === undefined) continue;
      told.push(kept.settle());
      run.delete(position);
    }
    if (run.size === 0) this.#runs.delete(runUid);
    await Promise.all(told);
  }

  #dropAged(): void {
    const bound = performance.now() - keptMilliseconds;
    for (const [uid, run] of this.#runs) {
      for (const [position, kept] of run) {
        if (kept.since > bound) continue;
        kept.drop();
        run.delete(position);
      }
      if (run.size === 0) this.#runs.delete(uid);
    }
    if (this.#runs.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}

import type { SshThread } from "./thread.ts";

interface Settling {
  /** Threads that have not answered yet. */
  readonly left: Set<SshThread>;
  resolve(): void;
}

/** Tells all threads that ends are durable, and waits until each has told its hosts. */
export class Settlings {
  readonly #underway = new Map<number, Settling>();
  #last = 0;

  /** Resolves when every thread has answered, or died. */
  settle(threads: readonly (SshThread | undefined)[], runUid: string, positions: readonly number[]): Promise<void> {
    const left = new Set(threads.filter((thread) => thread?.dead === false)) as Set<SshThread>;
    if (left.size === 0) return Promise.resolve();
    this.#last += 1;
    const settling = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#underway.set(settling, { left, resolve });
    for (const thread of left) thread.post({ kind: "settle", settling, runUid, positions });
    return promise;
  }

  answered(thread: SshThread, settling: number): void {
    const underway = this.#underway.get(settling);
    if (underway === undefined) return;
    underway.left.delete(thread);
    if (underway.left.size > 0) return;
    this.#underway.delete(settling);
    underway.resolve();
  }

  died(thread: SshThread): void {
    for (const settling of [...this.#underway.keys()]) this.answered(thread, settling);
  }
}

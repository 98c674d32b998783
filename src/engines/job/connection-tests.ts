import type { ConnectionReport } from "../../contract/engine.ts";

/** What a test asks of an engine's thread. */
interface TestingThread {
  post(message: { readonly kind: "cancelTest"; readonly test: number }): void;
  busy(): void;
  idle(): void;
}

/** Connection tests that an engine's threads make, each with what the engine answers the thread's questions from. */
export class ConnectionTests<Context = undefined> {
  readonly #underway = new Map<number, { readonly context: Context; resolve(report: ConnectionReport): void }>();
  #last = 0;

  /** Has `ask` post the test of that number to the thread; resolves with its report. */
  async run(
    thread: TestingThread,
    { ask, context, signal }: { ask(test: number): void; readonly context: Context; readonly signal: AbortSignal },
  ): Promise<ConnectionReport> {
    this.#last += 1;
    const test = this.#last;
    const { promise, resolve } = Promise.withResolvers<ConnectionReport>();
    this.#underway.set(test, { context, resolve });
    const cancel = () => thread.post({ kind: "cancelTest", test });
    signal.addEventListener("abort", cancel, { once: true });
    thread.busy();
    ask(test);
    if (signal.aborted) cancel();
    try {
      return await promise;
    } finally {
      thread.idle();
      this.#underway.delete(test);
      signal.removeEventListener("abort", cancel);
    }
  }

  contextOf(test: number): Context | undefined {
    return this.#underway.get(test)?.context;
  }

  tested(test: number, report: ConnectionReport): void {
    this.#underway.get(test)?.resolve(report);
  }

  /** A thread died; the message is a sentence. */
  failAll(message: string): void {
    for (const { resolve } of this.#underway.values()) resolve({ ok: false, message, milliseconds: 0 });
  }
}

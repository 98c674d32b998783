import { reasonText } from "../../contract/reasons.ts";
import { EngineThread } from "../job/engine-thread.ts";
import type { ReadAnswer, SealedAnswer } from "./answer-reading.ts";
import type { FromWorker, ToWorker } from "./answer-worker.ts";

interface Waiting {
  resolve(answer: ReadAnswer): void;
  reject(error: Error): void;
}

/** Has answers opened and read in a thread of its own, which begins with the first of them. */
export class AnswerThread {
  #thread: EngineThread<ToWorker, FromWorker> | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  /** Rejects when the thread broke. */
  async read(answer: SealedAnswer): Promise<ReadAnswer> {
    const thread = this.#started();
    this.#last += 1;
    const number = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<ReadAnswer>();
    this.#waiting.set(number, { resolve, reject });
    thread.busy();
    thread.post({ kind: "read", number, answer });
    try {
      return await promise;
    } finally {
      thread.idle();
      this.#waiting.delete(number);
    }
  }

  async close(): Promise<void> {
    await this.#thread?.close();
    this.#fail(reasonText("engine_was_closed"));
  }

  #started(): EngineThread<ToWorker, FromWorker> {
    if (this.#thread?.dead === false) return this.#thread;
    const options = { entry: new URL("./answer-worker.ts", import.meta.url), workerData: {}, name: "omserver_v1" };
    this.#thread = new EngineThread<ToWorker, FromWorker>(options, ({ number, answer }) => {
      this.#waiting.get(number)?.resolve(answer);
    });
    this.#thread.ready.catch(() => undefined);
    this.#thread.onDeath = (reason) => this.#fail(reason);
    return this.#thread;
  }

  #fail(reason: string): void {
    for (const { reject } of this.#waiting.values())
      reject(new Error(reasonText("old_thread_broke", { detail: reason })));
  }
}

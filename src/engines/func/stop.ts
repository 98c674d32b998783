import { Cancellation } from "../job/cancellation.ts";

export type Asked = "timed_out" | "cancelled";

/** Why something that runs is to be ended: a cancel, or a time that is over. The first reason holds. */
export class Stop {
  /** Happens when it is asked, for whatever reason. */
  readonly cancellation = new Cancellation();
  readonly #asked = Promise.withResolvers<Asked>();
  readonly #unlisten: () => void;
  #timer: NodeJS.Timeout | undefined;
  #reason: Asked | undefined;

  constructor(cancelled: Cancellation) {
    this.#unlisten = cancelled.listen(() => this.#ask("cancelled"));
  }

  /** The time begins to run. */
  begin(milliseconds: number): void {
    this.#timer ??= setTimeout(() => this.#ask("timed_out"), Math.min(milliseconds, 2 ** 31 - 1));
  }

  /** Why, once it is asked. */
  get reason(): Asked | undefined {
    return this.#reason;
  }

  /** Resolves with `undefined` after so long, at once when it is asked to stop. */
  async pause(milliseconds: number): Promise<Asked | undefined> {
    if (this.#reason !== undefined) return this.#reason;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), milliseconds);
    const first = await Promise.race([promise, this.#asked.promise]);
    clearTimeout(timer);
    return first;
  }

  /** What comes first: the work, or the wish that it should end. */
  orAsked<T>(work: Promise<T>): Promise<T | Asked> {
    return Promise.race([work, this.#asked.promise]);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#unlisten();
  }

  #ask(reason: Asked): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#asked.resolve(reason);
    this.cancellation.cancel();
  }
}

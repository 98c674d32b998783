import type { Cancellation } from "../job/cancellation.ts";
import { timerMilliseconds } from "./ending.ts";

export type StopReason = "timed_out" | "cancelled";

/** Why an execution is to be ended before its own end: its time, which begins with `arm`, or a cancel. */
export class Stop {
  readonly promise: Promise<StopReason>;
  readonly #stop: (reason: StopReason) => void;
  readonly #unlisten: () => void;
  #timer: NodeJS.Timeout | undefined;
  #asked: { readonly reason: StopReason; readonly at: number } | undefined;

  constructor(cancellation: Cancellation) {
    const { promise, resolve } = Promise.withResolvers<StopReason>();
    this.promise = promise;
    this.#stop = (reason) => {
      this.#asked ??= { reason, at: performance.now() };
      resolve(this.#asked.reason);
    };
    this.#unlisten = cancellation.listen(() => this.#stop("cancelled"));
  }

  get asked(): { readonly reason: StopReason; readonly at: number } | undefined {
    return this.#asked;
  }

  /** The first call counts. */
  arm(milliseconds: number): void {
    this.#timer ??= setTimeout(() => this.#stop("timed_out"), timerMilliseconds(milliseconds));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#unlisten();
  }
}

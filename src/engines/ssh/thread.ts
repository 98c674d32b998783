import { Worker } from "node:worker_threads";
import type { ConnectionLimits } from "./connections.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

export type FromThread = Exclude<FromWorker, { kind: "ready" | "fault" }>;

/** A worker thread with its connections. It does not keep the process alive by itself while it has nothing to do. */
export class SshThread {
  /** Resolves when the thread can work; rejects when it could not start. */
  readonly ready: Promise<void>;
  /** Called when the thread died, with the reason; nothing more comes from it. */
  onDeath: ((reason: string) => void) | undefined;
  readonly #worker: Worker;
  readonly #onMessage: (message: FromThread) => void;
  #dead: string | undefined;
  /** Starting is work too: who waits for `ready` must not find the process ended. */
  #busy = 1;

  constructor(limits: ConnectionLimits, onMessage: (message: FromThread) => void) {
    this.#onMessage = onMessage;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    promise.then(
      () => this.idle(),
      () => undefined,
    );
    this.#worker = new Worker(new URL("./ssh-worker.ts", import.meta.url), { workerData: limits, name: "ssh" });
    this.#worker.on("message", (message: FromWorker) => {
      if (message.kind === "ready") resolve();
      else if (message.kind === "fault") process.emitWarning(message.message, { code: "OMSERVER_SSH_FAULT" });
      else this.#onMessage(message);
    });
    const died = (reason: string) => {
      reject(new Error(reason));
      if (this.#dead !== undefined) return;
      this.#dead = reason;
      this.onDeath?.(reason);
    };
    this.#worker.on("error", (error) => died(error instanceof Error ? error.message : String(error)));
    this.#worker.on("exit", (code) => died(`the thread ended with code ${code}`));
  }

  get dead(): boolean {
    return this.#dead !== undefined;
  }

  post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Work holds the process; each call is undone by {@link idle}. */
  busy(): void {
    this.#busy += 1;
    if (this.#busy === 1) this.#worker.ref();
  }

  idle(): void {
    this.#busy -= 1;
    if (this.#busy === 0) this.#worker.unref();
  }

  /** Says farewell to the hosts, then ends the thread. */
  async close(): Promise<void> {
    if (this.#dead !== undefined) return;
    this.#dead = "the engine was closed";
    this.post({ kind: "close" });
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, 300);
    this.#worker.once("exit", () => resolve());
    await promise;
    clearTimeout(timer);
    await this.#worker.terminate();
  }
}

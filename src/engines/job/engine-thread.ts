import { Worker } from "node:worker_threads";
import { reasonText } from "../../contract/reasons.ts";

/** What every thread of an engine says of itself; the rest is between it and its engine. */
export type ThreadWord =
  | { readonly kind: "ready" }
  /** Something broke that no execution caught; the thread goes on. */
  | { readonly kind: "fault"; readonly message: string };

/** What a thread tells its engine. */
export type Told<From extends { readonly kind: string }> = Exclude<From, ThreadWord>;

export interface EngineThreadOptions {
  /** The file that runs in the thread. */
  readonly entry: URL;
  readonly workerData: unknown;
  /** The engine's name, which its faults carry. */
  readonly name: string;
}

/**
 * A worker thread of an engine, for client work that would hold up the thread that serves browsers. It does not keep the
 * process alive by itself while it has nothing to do. Its entry posts `ready` first, and closes its port on `close`.
 */
export class EngineThread<To extends { readonly kind: string }, From extends { readonly kind: string }> {
  /** Resolves when the thread can work; rejects when it could not start. */
  readonly ready: Promise<void>;
  /** Called when the thread died, with the reason; nothing more comes from it. */
  onDeath: ((reason: string) => void) | undefined;
  readonly #worker: Worker;
  #dead: string | undefined;
  #started = false;
  /** Starting is work too: who waits for `ready` must not find the process ended. */
  #busy = 1;

  constructor({ entry, workerData, name }: EngineThreadOptions, onMessage: (message: Told<From>) => void) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    promise.then(
      () => this.idle(),
      () => undefined,
    );
    this.#worker = new Worker(entry, { workerData, name });
    this.#worker.on("message", (message: Told<From> | ThreadWord) => {
      if (isWord(message)) {
        if (message.kind === "fault") {
          process.emitWarning(message.message, { code: `OMSERVER_${name.toUpperCase()}_FAULT` });
          return;
        }
        this.#started = true;
        resolve();
      } else onMessage(message);
    });
    const died = (reason: string) => {
      reject(new Error(reason));
      if (this.#dead !== undefined) return;
      this.#dead = reason;
      this.onDeath?.(reason);
    };
    this.#worker.on("error", (error) => died(error instanceof Error ? error.message : String(error)));
    this.#worker.on("exit", (code) => died(reasonText("engine_thread_ended", { code })));
  }

  get dead(): boolean {
    return this.#dead !== undefined;
  }

  /** It could work, and so may have done something of what it was told. */
  get started(): boolean {
    return this.#started;
  }

  post(message: To | { readonly kind: "close" }): void {
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
    this.#dead = reasonText("engine_was_closed");
    this.post({ kind: "close" });
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, 300);
    this.#worker.once("exit", () => resolve());
    await promise;
    clearTimeout(timer);
    await this.#worker.terminate();
  }
}

/** Which of so many threads a host meets: always the same, where its kept connection is. */
export function threadOfHost({ address, port }: { readonly address: string; readonly port: number }, threads: number) {
  let hash = port;
  for (const character of address) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return ((hash ^ (hash >>> 7)) >>> 0) % threads;
}

function isWord(message: { readonly kind: string }): message is ThreadWord {
  return message.kind === "ready" || message.kind === "fault";
}

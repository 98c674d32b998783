import type { EngineEvent } from "../../contract/engine.ts";

const coalesceMilliseconds = 40;
const batchBytes = 256 * 1024;
/** The first word after a silence goes soon; in a busy job several hosts share a message, each of which wakes two threads. */
const quietMilliseconds = 2;
const busyMilliseconds = 10;
const silenceMilliseconds = 50;

/** Tells what has gathered of a host's output. */
export interface Gathering {
  tell(): void;
}

export type Send = (connected: readonly number[], events: readonly EngineEvent[]) => void;

/**
 * What one job has to tell the main thread, in batches. Output is told against credit that the main thread gives back
 * as it is consumed: without credit the sources pause, so that memory stays bounded however slow the consumer is.
 */
export class Outbox {
  readonly #send: Send;
  #connected: number[] = [];
  #events: EngineEvent[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;
  #credit: number;
  #paused: (() => void)[] = [];
  readonly #dirty = new Set<Gathering>();
  #coalescing: NodeJS.Timeout | undefined;

  constructor(credit: number, send: Send) {
    this.#credit = credit;
    this.#send = send;
  }

  get hasRoom(): boolean {
    return this.#credit > 0;
  }

  /** Calls back once, when there is credit again. */
  whenRoom(resume: () => void): void {
    this.#paused.push(resume);
  }

  addCredit(bytes: number): void {
    this.#credit += bytes;
    while (this.#credit > 0) {
      const resume = this.#paused.shift();
      if (resume === undefined) return;
      resume();
    }
  }

  connected(position: number): void {
    this.#connected.push(position);
    this.#soon();
  }

  event(event: EngineEvent): void {
    this.#events.push(event);
    if (event.kind === "output") {
      this.#credit -= event.data.length;
      this.#bytes += event.data.length;
      if (this.#bytes >= batchBytes) {
        this.flush();
        return;
      }
    }
    this.#soon();
  }

  /** Has the output told within a few milliseconds, together with what comes until then. */
  tellSoon(output: Gathering): void {
    this.#dirty.add(output);
    this.#coalescing ??= setTimeout(() => {
      this.#coalescing = undefined;
      for (const each of this.#dirty) each.tell();
      this.#dirty.clear();
    }, coalesceMilliseconds);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#connected.length === 0 && this.#events.length === 0) return;
    this.#sentAt = performance.now();
    this.#send(this.#connected, this.#events);
    this.#connected = [];
    this.#events = [];
    this.#bytes = 0;
  }

  #soon(): void {
    this.#timer ??= setTimeout(
      () => this.flush(),
      performance.now() - this.#sentAt > silenceMilliseconds ? quietMilliseconds : busyMilliseconds,
    );
  }
}

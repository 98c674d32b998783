import type { OutputStream } from "../../contract/engine.ts";
import type { NewEvent } from "../spool/new-event.ts";
import type { Redactor } from "./redact.ts";

/** A stream is passed on when so much of it has come, or at the next beat of the run's clock. */
const chunkBytes = 64 * 1024;
const largestChunkBytes = 256 * 1024;

export interface Leftover {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Collects one stream of one host into chunks and stops keeping at the limit. */
export class StreamBuffer {
  readonly #position: number;
  readonly #stream: OutputStream;
  readonly #limit: number;
  readonly #redactor: Redactor | undefined;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #passedOn = 0;
  /** So much of what comes was passed on before. */
  #repeated = 0;
  #truncated = false;
  #growth = 0;

  /** `told`: bytes of it that an earlier life has passed on; they come again only where secrets are hidden in them. */
  constructor(position: number, stream: OutputStream, limit: number, redactor: Redactor | undefined, told = 0) {
    this.#position = position;
    this.#stream = stream;
    this.#limit = limit;
    this.#redactor = redactor;
    if (redactor === undefined) this.#passedOn = told;
    else this.#repeated = told;
  }

  get position(): number {
    return this.#position;
  }

  get waitingBytes(): number {
    return this.#waiting;
  }

  /** Kept so far, passed on or not. */
  get keptBytes(): number {
    return this.#passedOn + this.#waiting;
  }

  /** Bytes that hiding secrets added (or, below 0, took away). */
  get growth(): number {
    return this.#growth;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  /** Events that are due because enough has come. */
  push(data: Uint8Array): NewEvent[] {
    const clean = this.#redactor?.push(data) ?? data;
    this.#growth += clean.byteLength - data.byteLength;
    this.#keep(clean);
    return this.#waiting >= chunkBytes ? this.flush() : [];
  }

  /** Everything that waits, as events. */
  flush(): NewEvent[] {
    const { offset, data } = this.#take();
    const events: NewEvent[] = [];
    for (let start = 0; start < data.byteLength; start += largestChunkBytes) {
      const part = data.subarray(start, start + largestChunkBytes);
      events.push({
        atMs: BigInt(Date.now()),
        kind: {
          case: "output",
          value: {
            position: this.#position,
            stderr: this.#stream === "stderr",
            offset: BigInt(offset + start),
            data: part,
          },
        },
      });
    }
    return events;
  }

  /** What is left at the host's end, to go with its last event. */
  end(): Leftover {
    const held = this.#redactor?.end();
    if (held !== undefined) {
      this.#growth += held.byteLength;
      this.#keep(held);
    }
    return this.#take();
  }

  #keep(clean: Uint8Array): void {
    const data = clean.subarray(Math.min(this.#repeated, clean.byteLength));
    this.#repeated -= clean.byteLength - data.byteLength;
    this.#passedOn += clean.byteLength - data.byteLength;
    const room = this.#limit - this.#passedOn - this.#waiting;
    if (data.byteLength > room) this.#truncated = true;
    const kept = data.byteLength > room ? data.subarray(0, Math.max(0, room)) : data;
    if (kept.byteLength === 0) return;
    this.#chunks.push(kept);
    this.#waiting += kept.byteLength;
  }

  #take(): Leftover {
    const data = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const offset = this.#passedOn;
    this.#passedOn += this.#waiting;
    this.#waiting = 0;
    this.#chunks = [];
    return { offset, data };
  }
}

import type { EndedEvent, OutputStream } from "../../contract/engine.ts";
import type { Outbox } from "../job/outbox.ts";

const chunkBytes = 32 * 1024;

/** Output of one host on its way to whoever gives it credit back; a host that prints less never needs any. */
export const hostCreditBytes = 256 * 1024;

interface Kept {
  chunks: Uint8Array[];
  bytes: number;
  total: number;
}

/** One host's output: kept up to the limit of each stream, counted and dropped past it, told in chunks. */
export class HostOutput {
  readonly #position: number;
  readonly #limit: number;
  readonly #outbox: Outbox;
  #credit = hostCreditBytes;
  #paused: (() => void) | undefined;
  readonly #streams: Record<OutputStream, Kept> = {
    stdout: { chunks: [], bytes: 0, total: 0 },
    stderr: { chunks: [], bytes: 0, total: 0 },
  };

  /** `before`: what an earlier life has told already. */
  constructor(
    position: number,
    limit: number,
    outbox: Outbox,
    before: { readonly stdoutBytes: number; readonly stderrBytes: number } = { stdoutBytes: 0, stderrBytes: 0 },
  ) {
    this.#position = position;
    this.#limit = limit;
    this.#outbox = outbox;
    this.#streams.stdout.total = before.stdoutBytes;
    this.#streams.stderr.total = before.stderrBytes;
  }

  /** Bytes that the host sent so far, kept or not. */
  total(stream: OutputStream): number {
    return this.#streams[stream].total;
  }

  addCredit(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit <= 0) return;
    const resume = this.#paused;
    this.#paused = undefined;
    if (resume !== undefined) this.whenRoom(resume);
  }

  /** Calls back, once, as soon as the source may go on. */
  whenRoom(resume: () => void): void {
    if (this.#credit <= 0) this.#paused = resume;
    else if (this.#outbox.hasRoom) resume();
    else this.#outbox.whenRoom(resume);
  }

  /** False when the source should pause until {@link HostOutput.whenRoom}. */
  take(stream: OutputStream, data: Uint8Array): boolean {
    const kept = this.#streams[stream];
    const room = this.#limit - kept.total;
    kept.total += data.length;
    if (room <= 0) return true;
    const part = data.length > room ? data.subarray(0, room) : data;
    kept.chunks.push(part);
    kept.bytes += part.length;
    this.#credit -= part.length;
    if (kept.bytes >= chunkBytes) this.#tellStream(stream);
    else this.#outbox.tellSoon(this);
    return this.#credit > 0 && this.#outbox.hasRoom;
  }

  /** Tells what has gathered. */
  tell(): void {
    this.#tellStream("stdout");
    this.#tellStream("stderr");
  }

  /** Counts for the `ended` event; `lost` when the host may have sent more than arrived. */
  summary(lost: boolean): Pick<EndedEvent, "stdoutBytes" | "stderrBytes" | "output"> {
    const stdoutBytes = this.#streams.stdout.total;
    const stderrBytes = this.#streams.stderr.total;
    const cut = stdoutBytes > this.#limit || stderrBytes > this.#limit;
    return { stdoutBytes, stderrBytes, output: lost ? "partial" : cut ? "truncated" : "complete" };
  }

  #tellStream(stream: OutputStream): void {
    const kept = this.#streams[stream];
    if (kept.bytes === 0) return;
    // A copy of its own: a message carries the whole buffer behind a view.
    const data = new Uint8Array(kept.bytes);
    let at = 0;
    for (const chunk of kept.chunks) {
      data.set(chunk, at);
      at += chunk.length;
    }
    kept.chunks = [];
    kept.bytes = 0;
    this.#outbox.event({ kind: "output", position: this.#position, stream, data });
  }
}

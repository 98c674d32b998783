import type { EngineEvent, OutputStream } from "../../contract/engine.ts";
import type { OutputCompleteness } from "../../contract/states.ts";

/** Takes an event; false when its source should pause until `resume` is called. */
export type Tell = (event: EngineEvent, resume?: () => void) => boolean;

/** The output of one host: passed on up to the limit, counted beyond it. */
export class HostOutput {
  readonly #position: number;
  readonly #limit: number;
  readonly #tell: Tell;
  readonly #totals: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  #room: Promise<void> | undefined;
  #cut = false;

  constructor(position: number, limit: number, tell: Tell) {
    this.#position = position;
    this.#limit = limit;
    this.#tell = tell;
  }

  take(stream: OutputStream, data: Uint8Array): void {
    const room = this.#limit - this.#totals[stream];
    this.#totals[stream] += data.length;
    if (room <= 0 || data.length === 0) return;
    const kept = data.length > room ? data.subarray(0, room) : data;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (!this.#tell({ kind: "output", position: this.#position, stream, data: kept }, resolve)) this.#room = promise;
  }

  /** Resolves when the consumer has room for more. */
  async room(): Promise<void> {
    await this.#room;
    this.#room = undefined;
  }

  /** Bytes that the host itself dropped. */
  dropped(stream: OutputStream, bytes: number): void {
    this.#totals[stream] += bytes;
  }

  /** Some of it never came. */
  cut(): void {
    this.#cut = true;
  }

  summary(lost: boolean): { stdoutBytes: number; stderrBytes: number; output: OutputCompleteness } {
    const { stdout, stderr } = this.#totals;
    const over = stdout > this.#limit || stderr > this.#limit;
    const output = lost || this.#cut ? "partial" : over ? "truncated" : "complete";
    return { stdoutBytes: stdout, stderrBytes: stderr, output };
  }
}

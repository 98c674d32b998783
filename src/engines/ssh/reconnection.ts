import { Cancellation } from "../job/cancellation.ts";
import type { Lease } from "./connections.ts";
import { type Ending, unknown } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { approachOf } from "./reach.ts";
import { inSeconds } from "./reasons.ts";
import type { Stop } from "./stop.ts";

const firstPause = 250;
const longestPause = 5000;
/** A host that answers and breaks off again and again is given up at last. */
const mostConnections = 200;
/** A cancelled or overdue host that cannot be reached is given up earlier. */
const stopMilliseconds = 15_000;

/** Connects anew to a host on which something was begun, for as long as patience lasts since it was last heard. */
export class Reconnection {
  readonly #parts: ExecutionParts;
  readonly #stop: Stop;
  #heardAt = performance.now();
  #connectedAt = 0;
  #connections = 0;
  #pause = 0;

  constructor(parts: ExecutionParts, stop: Stop) {
    this.#parts = parts;
    this.#stop = stop;
  }

  /** A connection ended; `talked`: the host had said something on it. Only then does patience begin anew. */
  heard(talked: boolean): void {
    if (!talked) return;
    this.#heardAt = performance.now();
    if (this.#heardAt - this.#connectedAt > longestPause) this.#pause = 0;
  }

  async connect(): Promise<Lease | Ending> {
    const { host, connections, secrets, reconnectMilliseconds } = this.#parts;
    let reason = "";
    for (;;) {
      const left = this.#left();
      if (left <= 0 || this.#connections >= mostConnections) {
        const said = reason === "" ? "" : ` ${reason}`;
        const time = inSeconds(reconnectMilliseconds);
        return unknown(`It had begun on ${host.name}, which could not be asked again within ${time}.${said}`);
      }
      await this.#wait(Math.min(this.#pause, left));
      this.#pause = Math.min(longestPause, Math.max(firstPause, this.#pause * 2));
      try {
        // Not the run's own cancellation: what was begun is looked for all the same, to end it.
        const approach = { ...approachOf(this.#parts), cancellation: new Cancellation() };
        const lease = await connections.acquire({ ...approach, fresh: this.#pause > firstPause }, secrets);
        this.#connections += 1;
        this.#connectedAt = performance.now();
        return lease;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  }

  #left(): number {
    const now = performance.now();
    const left = this.#parts.reconnectMilliseconds - (now - this.#heardAt);
    const { asked } = this.#stop;
    return asked === undefined ? left : Math.min(left, stopMilliseconds - (now - Math.max(asked.at, this.#heardAt)));
  }

  async #wait(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    const stopped = this.#stop.asked === undefined ? [this.#stop.promise] : [];
    await Promise.race([promise, ...stopped]);
    clearTimeout(timer);
  }
}

import type { EngineEvent, EngineHost, EngineJob, OutputStream } from "../../contract/engine.ts";
import type { EventChannel } from "../job/event-channel.ts";
import type { Intentions } from "../job/intentions.ts";
import type { Clearing } from "./clearing.ts";
import type { SaltJobs } from "./jobs.ts";
import type { Pings } from "./pings.ts";
import type { SaltSettings } from "./settings.ts";
import type { Signs } from "./signs.ts";

/** What one job of the engine has at hand for each of its hosts. */
export interface Lane {
  readonly job: EngineJob;
  readonly settings: SaltSettings;
  readonly jobs: SaltJobs;
  readonly pings: Pings;
  readonly signs: Signs;
  readonly clearing: Clearing;
  /** The run was cancelled, or nobody takes its events any more. */
  readonly cancelled: AbortSignal;
  readonly intentions: Intentions;
  readonly channel: EventChannel<EngineEvent>;
}

const sliceBytes = 64 * 1024;

/** What a host has told so far, and what of it was passed on. Nothing is passed on after the end. */
export class HostTale {
  readonly #lane: Lane;
  readonly #host: EngineHost;
  readonly #passed: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  #started = false;

  constructor(lane: Lane, host: EngineHost) {
    this.#lane = lane;
    this.#host = host;
  }

  get isStarted(): boolean {
    return this.#started;
  }

  /** Bytes of a stream that are passed on, which is also where the next ones begin. */
  passed(stream: OutputStream): number {
    return this.#passed[stream];
  }

  started(): void {
    if (this.#started) return;
    this.#started = true;
    this.#lane.channel.put({ kind: "started", position: this.#host.position });
  }

  tell(event: Extract<EngineEvent, { kind: "step" | "facts" | "notice" }>): void {
    this.#lane.channel.put(event);
  }

  /** Passes output on, up to the job's limit; resolves when it is all on its way. */
  async output(stream: OutputStream, data: Uint8Array): Promise<void> {
    const room = this.#lane.job.limits.outputBytes - this.#passed[stream];
    const kept = data.length > room ? data.subarray(0, Math.max(0, room)) : data;
    if (kept.length === 0) return;
    this.started();
    const { position } = this.#host;
    // An answer comes whole, but it is told a slice at a time: this host waits where there is no room, and no other.
    for (let at = 0; at < kept.length; at += sliceBytes) {
      await this.room();
      const data = kept.subarray(at, at + sliceBytes);
      this.#passed[stream] += data.length;
      const { promise, resolve } = Promise.withResolvers<void>();
      if (!this.#lane.channel.put({ kind: "output", position, stream, data }, resolve)) await promise;
    }
  }

  /** Resolves when more of this host's output may be told, and so when it is worth fetching. */
  async room(): Promise<void> {
    await this.#lane.job.outputRoom?.(this.#host.position);
  }
}

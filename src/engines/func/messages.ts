import type { Become, ConnectionReport, EngineEvent, EngineHost, JobLimits, Task } from "../../contract/engine.ts";
import type { ThreadWord } from "../job/engine-thread.ts";
import type { ThreadJobMessage } from "../job/thread-jobs.ts";
import type { Identity } from "./identity.ts";

/** What a thread is made with. The key stays within this process. */
export interface ThreadData {
  readonly identity: Identity;
  readonly hostFolder: string;
}

export type ToWorker =
  | {
      readonly kind: "job";
      readonly job: number;
      readonly task: Task;
      readonly become?: Become;
      readonly limits: JobLimits;
      /** Bytes of output that may be under way to the main thread before it gives credit back. */
      readonly credit: number;
    }
  /** Their intent is durable, and their port is the minion's. */
  | { readonly kind: "hosts"; readonly job: number; readonly hosts: readonly EngineHost[] }
  | ThreadJobMessage
  /** The next piece of the file for one host; at its end or where it cannot be read, none. */
  | {
      readonly kind: "content";
      readonly job: number;
      readonly position: number;
      readonly data?: Uint8Array;
      readonly error?: string;
    }
  | { readonly kind: "test"; readonly test: number; readonly host: EngineHost }
  | { readonly kind: "cancelTest"; readonly test: number }
  | { readonly kind: "close" };

export type FromWorker =
  | ThreadWord
  | { readonly kind: "events"; readonly job: number; readonly events: readonly EngineEvent[] }
  /** The host wants the next piece of the file; the first such message opens it. */
  | { readonly kind: "wantContent"; readonly job: number; readonly position: number }
  /** The host needs no more of the file. */
  | { readonly kind: "doneContent"; readonly job: number; readonly position: number }
  | { readonly kind: "tested"; readonly test: number; readonly report: ConnectionReport };

import type { BegunHost, ConnectionReport, EngineEvent, JobLimits, Task } from "../../contract/engine.ts";
import type { ThreadWord } from "../job/engine-thread.ts";
import type { ThreadJobMessage } from "../job/thread-jobs.ts";

/** What a credential comes down to for signing in; made on the main thread, used in the worker threads only. */
export type Secret =
  | {
      readonly kind: "key";
      readonly privateKey: string;
      readonly passphrase?: string;
      readonly certificate?: string;
    }
  | { readonly kind: "agent"; readonly socket: string }
  | { readonly kind: "password"; readonly password: string }
  /** Tried in order: the default for a host without a credential. */
  | { readonly kind: "any"; readonly secrets: readonly Secret[] };

/** One step of the way to a host: a jump host, or last the host itself. */
export interface Hop {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Names the secret (a hash of its content), so that a changed credential never meets a kept connection. */
  readonly secret: string;
}

export interface RoutedHost {
  readonly position: number;
  readonly name: string;
  /** Jump hosts, outermost first, then the host. */
  readonly route: readonly Hop[];
  /** Asked for by sudo; undefined when sudo must go without. */
  readonly becomePassword?: string;
  readonly unclaimed?: boolean;
  /** An earlier life began it. */
  readonly begun?: BegunHost;
}

export type HostKeyVerdict = "trusted" | "trusted_first_use" | "unknown" | "changed";

export type ToWorker =
  | {
      readonly kind: "job";
      readonly job: number;
      readonly runUid: string;
      readonly task: Task;
      readonly becomeUser?: string;
      readonly limits: JobLimits;
      /** Bytes of output that may be under way to the main thread before it gives credit back. */
      readonly credit: number;
      readonly reconnectMilliseconds: number;
      /** Its hosts only forget what they kept; nothing is run. */
      readonly errand: boolean;
    }
  | {
      readonly kind: "hosts";
      readonly job: number;
      readonly hosts: readonly RoutedHost[];
      readonly secrets: Readonly<Record<string, Secret>>;
    }
  /** The intent of these hosts is durable, or they may not start. */
  | { readonly kind: "proceed"; readonly job: number; readonly positions: readonly number[] }
  | { readonly kind: "hold"; readonly job: number; readonly positions: readonly number[]; readonly reason: string }
  /** It is durable that this host runs without a claim, or why that cannot be. */
  | { readonly kind: "forgone"; readonly job: number; readonly position: number; readonly error?: string }
  /** The ends of these hosts are durable; answered when they have been told. */
  | {
      readonly kind: "settle";
      readonly settling: number;
      readonly runUid: string;
      readonly positions: readonly number[];
    }
  | ThreadJobMessage
  /** This host may tell so much more than it may already. */
  | { readonly kind: "hostCredit"; readonly job: number; readonly position: number; readonly bytes: number }
  | { readonly kind: "hostKey"; readonly question: number; readonly verdict?: HostKeyVerdict; readonly error?: string }
  /** The whole content of a small file, shared by all threads. */
  | { readonly kind: "sharedContent"; readonly job: number; readonly content: SharedArrayBuffer }
  /** The next piece of a large file for one host; the last has `end`. */
  | {
      readonly kind: "content";
      readonly job: number;
      readonly position: number;
      readonly data?: Uint8Array;
      readonly end: boolean;
      readonly error?: string;
    }
  | {
      readonly kind: "test";
      readonly test: number;
      readonly host: RoutedHost;
      readonly secrets: Readonly<Record<string, Secret>>;
      readonly connectMilliseconds: number;
    }
  | { readonly kind: "cancelTest"; readonly test: number }
  | { readonly kind: "close" };

export type FromWorker =
  | ThreadWord
  | {
      readonly kind: "events";
      readonly job: number;
      /** Positions that are connected and wait for `proceed`. */
      readonly connected: readonly number[];
      readonly events: readonly EngineEvent[];
    }
  | {
      readonly kind: "hostKey";
      readonly question: number;
      /** Whose keys: of a job, or of a connection test. */
      readonly asker: { readonly job: number } | { readonly test: number };
      readonly address: string;
      readonly port: number;
      readonly key: Uint8Array;
    }
  /** The host can keep nothing; it waits for `forgone`. */
  | { readonly kind: "forgo"; readonly job: number; readonly position: number }
  /** The host wants the next piece of the file; the first such message opens it. */
  | { readonly kind: "wantContent"; readonly job: number; readonly position: number }
  /** The host needs no more of the file. */
  | { readonly kind: "doneContent"; readonly job: number; readonly position: number }
  | { readonly kind: "settled"; readonly settling: number }
  | { readonly kind: "tested"; readonly test: number; readonly report: ConnectionReport };

import type { ClientChannel } from "ssh2";
import type { JobLimits } from "../../contract/engine.ts";
import type { PosixTask } from "../../modules/posix.ts";
import type { Cancellation } from "../job/cancellation.ts";
import type { Outbox } from "../job/outbox.ts";
import type { Approach, Connections } from "./connections.ts";
import type { HostOutput } from "./host-output.ts";
import type { JobPrograms } from "./job-programs.ts";
import type { RoutedHost, Secret } from "./messages.ts";
import type { Kept } from "./settlements.ts";

export type ContentEnd = "and end" | "and leave open";

/** One host's share of a job, and what it needs from the thread around it. */
export interface ExecutionParts {
  readonly runUid: string;
  readonly host: RoutedHost;
  readonly task: PosixTask;
  readonly limits: JobLimits;
  readonly becomeUser?: string;
  readonly cancellation: Cancellation;
  readonly connections: Connections;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly outbox: Outbox;
  /** Where this host's output goes. */
  readonly output: HostOutput;
  readonly checkHostKey: Approach["checkHostKey"];
  /** Resolves when the host may start (undefined), or with the reason why it may not. */
  permission(): Promise<string | undefined>;
  readonly programs: JobPrograms;
  /** How long a host on which something was begun is looked for, once its connection is lost. */
  readonly reconnectMilliseconds: number;
  /**
   * Writes the file's content, then ends the channel's input or leaves it open (it is ended all the same when the content
   * is not complete); stops by itself when the channel closes.
   */
  sendContent(channel: ClientChannel, then: ContentEnd): void;
  /** Resolves when it is durable that this host runs without a claim; rejects when that cannot be. */
  forgoClaim(): Promise<void>;
  /** The host keeps what it ran until the end that is told next is settled. */
  keep(kept: Kept): void;
}

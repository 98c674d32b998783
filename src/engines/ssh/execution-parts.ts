import type { ClientChannel } from "ssh2";
import type { JobLimits } from "../../contract/engine.ts";
import type { PosixTask } from "../../modules/posix.ts";
import type { Cancellation } from "./cancellation.ts";
import type { Approach, Connections } from "./connections.ts";
import type { RoutedHost, Secret } from "./messages.ts";
import type { Outbox } from "./outbox.ts";

/** One host's share of a job, and what it needs from the thread around it. */
export interface ExecutionParts {
  readonly host: RoutedHost;
  readonly task: PosixTask;
  readonly limits: JobLimits;
  readonly becomeUser?: string;
  readonly cancellation: Cancellation;
  readonly connections: Connections;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly outbox: Outbox;
  readonly checkHostKey: Approach["checkHostKey"];
  /** Resolves when the host may start (undefined), or with the reason why it may not. */
  permission(): Promise<string | undefined>;
  /** Writes the file's content and ends the channel's input; stops by itself when the channel closes. */
  sendContent(channel: ClientChannel): void;
}

import type { Page } from "./page.ts";

/** A command that somebody typed in a shell of a host, as the host reported it. What it says is the host's word. */
export interface ShellCommand {
  readonly id: number;
  /** Undefined once the host is deleted, or where the inventory never had it. */
  readonly hostId?: number;
  readonly hostName: string;
  readonly address: string;
  /** Account on the host. */
  readonly user: string;
  /** By the host's clock. */
  readonly typedAt: number;
  readonly receivedAt: number;
  readonly command: string;
  readonly source: ShellCommandSource;
}

/** `shell` was reported by the host itself, `omserver-v1` came with the history of the first OMServer. */
export const shellCommandSources = ["shell", "omserver-v1"] as const;

export type ShellCommandSource = (typeof shellCommandSources)[number];

export interface NewShellCommand extends Omit<ShellCommand, "id" | "receivedAt"> {
  /** What makes it the same one when it comes again; at most 255 characters. */
  readonly key: string;
}

export interface ShellCommandFilter {
  readonly hostIds?: readonly number[];
  readonly user?: string;
  /** Anywhere in the command, whatever the case. */
  readonly text?: string;
  /** Typed in [from, to). */
  readonly from?: number;
  readonly to?: number;
}

/** Append-only: nothing changes or deletes a command. */
export interface ShellCommandRepository {
  /** All or nothing; one whose key is there already is left out. Returns how many are new. */
  append(commands: readonly NewShellCommand[]): Promise<number>;
  /** Newest first, by when they were typed. */
  list(filter: ShellCommandFilter, page: { cursor?: string; limit: number }): Promise<Page<ShellCommand>>;
  /** Those with a higher id, oldest first: what has come in meanwhile. */
  newer(filter: ShellCommandFilter, than: number, limit: number): Promise<readonly ShellCommand[]>;
  /** The highest id; 0 for none. */
  lastId(): Promise<number>;
  /** Commands by the hour in which they were typed; hours without any are left out. */
  activity(filter: ShellCommandFilter): Promise<readonly { readonly hour: number; readonly count: number }[]>;
  /** The token that a host reports with; a new one replaces it. Only its SHA-256 is kept. */
  setReportToken(hostId: number, sha256: string, by: string): Promise<void>;
  deleteReportToken(hostId: number): Promise<void>;
  reportToken(hostId: number): Promise<ReportToken | undefined>;
  /** The host that this token belongs to; notes its use at most once a minute. */
  useReportToken(
    sha256: string,
    now: number,
  ): Promise<{ readonly hostId: number; readonly hostName: string; readonly address: string } | undefined>;
}

export interface ReportToken {
  readonly createdAt: number;
  readonly createdBy: string;
  readonly lastUsedAt?: number;
}

import type { AuditAction } from "../../../contract/audit.ts";
import type { Page } from "./page.ts";

/** What a record holds; also one of an earlier or later release. */
export interface AuditFields {
  readonly at: number;
  readonly actor: string;
  /** Where it came from: IP address, `cli`, or a controller's name. */
  readonly source: string;
  /** `run.start`, `host.delete`, `session.sign_in_failed` … */
  readonly action: string;
  readonly object: string;
  /** Host count and, up to 100,000, the hosts themselves as folded ranges. */
  readonly hosts: string;
  /** JSON; no secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends AuditFields {
  readonly action: AuditAction;
}

/** `hash` = SHA-256 over the previous hash and the canonical JSON of the entry with its seq. */
export interface AuditRecord extends AuditFields {
  readonly seq: number;
  readonly previousHash: string;
  readonly hash: string;
}

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  /** Anywhere in the record, without regard to case. */
  readonly text?: string;
  readonly from?: number;
  /** Exclusive. */
  readonly to?: number;
}

export interface AuditRepository {
  /** Durable when it resolves; `audit.unavailable` otherwise. Two at once (also from two web servers) get consecutive places. */
  append(entry: AuditEntry): Promise<AuditRecord>;
  /** Newest first. */
  list(filter: AuditFilter, page: { cursor?: string; limit: number }): Promise<Page<AuditRecord>>;
  /** Records by the hour, oldest first; hours without any are left out. */
  activity(filter: AuditFilter): Promise<readonly { readonly hour: number; readonly count: number }[]>;
  /** Walks the whole chain; the first record that does not fit is named. */
  verify(): Promise<
    | { readonly ok: true; readonly records: number; readonly lastHash: string }
    | { readonly ok: false; readonly seq: number; readonly reason: string }
  >;
}

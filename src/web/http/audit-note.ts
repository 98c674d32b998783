import type { AuditAction } from "../../contract/audit.ts";

/** What is noted before an action; no secrets. */
export interface AuditNote {
  /** `host.delete`, `run.start` … */
  readonly action: AuditAction;
  readonly object: string;
  /** Names of the hosts that it concerns; they are folded. */
  readonly hosts?: readonly string[];
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Only where nobody is signed in yet. */
  readonly actor?: string;
}

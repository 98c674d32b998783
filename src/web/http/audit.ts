import { OmError } from "../../contract/errors.ts";
import { foldHosts } from "../../contract/host-range.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { AuditNote } from "./audit-note.ts";
import type { Services } from "./parts.ts";

const mostHostsNamed = 100_000;

/**
 * Writes the record before its action. Resolves when it is durable; otherwise `audit.unavailable`, and the caller does
 * nothing.
 */
export async function writeAudit(
  services: Pick<Services, "store" | "clock">,
  note: AuditNote,
  signedIn: string | undefined,
  source: string,
): Promise<void> {
  try {
    await services.store.audit.append({
      at: services.clock(),
      actor: signedIn ?? note.actor ?? "nobody",
      source,
      action: note.action,
      object: note.object,
      hosts: auditHosts(note.hosts ?? []),
      detail: note.detail ?? {},
    });
  } catch (cause) {
    if (cause instanceof OmError && cause.code === "audit.unavailable") throw cause;
    throw new OmError("audit.unavailable", reasonText("audit_not_written", { action: note.action }), { cause });
  }
}

/** `3 hosts: web[01-03]`; of more than 100,000 only the number; empty for none. */
export function auditHosts(names: readonly string[]): string {
  if (names.length === 0) return "";
  const count = names.length === 1 ? "1 host" : `${names.length} hosts`;
  return names.length > mostHostsNamed ? count : `${count}: ${foldHosts(names)}`;
}

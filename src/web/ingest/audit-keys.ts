import { foldHosts } from "../../contract/host-range.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import type { FoldedNotice } from "./fold-events.ts";

/**
 * One audit record for the host keys that a batch says were trusted on first use. Written before the batch is stored:
 * after a crash in between it is written again rather than not at all.
 */
export async function auditTrustedKeys(
  store: Store,
  run: Run,
  controller: string,
  notices: readonly FoldedNotice[],
  now: number,
): Promise<void> {
  const trusted = notices.filter((notice) => notice.code === "host_key_trusted");
  if (trusted.length === 0) return;
  const positions = [...new Set(trusted.map((notice) => notice.position))].sort((a, b) => a - b);
  const first = positions[0] ?? 0;
  const wanted = new Set(positions);
  const executions = await store.runs.executions(run.id, {
    after: first - 1,
    limit: (positions.at(-1) ?? first) - first + 1,
  });
  const names = executions.filter((execution) => wanted.has(execution.position)).map((execution) => execution.hostName);
  await store.audit.append({
    at: now,
    actor: run.requestedBy,
    source: controller,
    action: "host_key.trust",
    object: `run ${run.id}`,
    hosts: foldHosts(names),
    detail: { count: trusted.length, keys: trusted.map((notice) => notice.message) },
  });
}

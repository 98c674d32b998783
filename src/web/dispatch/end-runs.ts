import type { AttachParts } from "./attach-parts.ts";

/**
 * Runs that the controller had accepted and no longer knows: its folder was lost, or this store is from a backup. Their
 * open hosts become `unknown`.
 */
export async function endLostRuns(
  parts: AttachParts,
  controller: string,
  alive: ReadonlySet<string>,
  progress: ReadonlyMap<string, number>,
): Promise<void> {
  const { store, log } = parts;
  const waiting = new Set((await store.runs.pendingOrders(controller)).map(({ runUid }) => runUid));
  for (const [runUid, lastSeq] of progress) {
    if (waiting.has(runUid) || alive.has(runUid)) continue;
    log.error({ controller, run: runUid }, "a controller no longer knows a run that it had accepted");
    await endUntold(parts, controller, runUid, lastSeq + 1);
  }
}

/** Ends a run's hosts at a controller that will not tell of them any more. */
async function endUntold(
  { store, live, releases }: AttachParts,
  controller: string,
  runUid: string,
  seq: number,
): Promise<void> {
  const nothing = { dispatching: [], running: [], output: [], ended: [] };
  const run = await store.runs.apply({ runUid, controller, firstSeq: seq, lastSeq: seq, ...nothing, runEnded: true });
  live.changed(run.id);
  releases.changed(run);
}

/**
 * What a revoked controller still had: an order that has certainly not been sent ends `not_started`, of everything else
 * nobody will ever tell what became of it.
 */
export async function endRevoked(parts: AttachParts, controller: string): Promise<void> {
  const { store, live, releases, unsent, clock } = parts;
  const reason = `The controller “${controller}” was revoked before it was sent the order.`;
  for (const { runUid } of await store.runs.pendingOrders(controller)) {
    if (!unsent.withdraw(runUid, controller)) continue;
    const run = await store.runs.orderRefused(runUid, controller, reason, clock());
    unsent.forget(runUid, controller);
    live.changed(run.id);
    releases.changed(run);
  }
  for (const { runUid, lastSeq } of await store.runs.progress(controller)) {
    await endUntold(parts, controller, runUid, lastSeq + 1);
  }
}

import { reasonText } from "../../contract/reasons.ts";
import type { AttachParts } from "./attach-parts.ts";
import type { ControllerLink } from "./controller-link.ts";

const answerMilliseconds = 30_000;

/**
 * Runs that the controller had accepted and no longer knows: its folder was lost, or this store is from a backup. Their
 * open hosts become `unknown`. What its Hello does not name is asked about: another web server may have sent it an order
 * since, or have taken the end of a run.
 */
export async function endLostRuns(parts: AttachParts, link: ControllerLink, alive: ReadonlySet<string>): Promise<void> {
  const { store, log } = parts;
  const { controller } = link;
  async function accepted(): Promise<ReadonlyMap<string, number>> {
    const [waiting, progress] = [await store.runs.pendingOrders(controller), await store.runs.progress(controller)];
    const unanswered = new Set(waiting.map(({ runUid }) => runUid));
    return new Map(
      progress.filter(({ runUid }) => !unanswered.has(runUid)).map(({ runUid, lastSeq }) => [runUid, lastSeq]),
    );
  }
  const unnamed = [...(await accepted()).keys()].filter((runUid) => !alive.has(runUid));
  if (unnamed.length === 0) return;
  const { answer } = await link.ask("", { case: "knownRuns", value: { runUids: unnamed } }, answerMilliseconds);
  const known = new Set(answer.case === "knownRuns" ? answer.value.runUids : unnamed);
  const now = await accepted();
  for (const runUid of unnamed) {
    const lastSeq = now.get(runUid);
    if (known.has(runUid) || lastSeq === undefined) continue;
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
  const reason = reasonText("controller_revoked_before", { controller });
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

import { createHash } from "node:crypto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { OmError } from "../../contract/errors.ts";
import { type Plan, PlanSchema } from "../../contract/link/controller_pb.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { AttachParts } from "./attach-parts.ts";
import type { Actor, Decision, PlacedHost, StartRun } from "./dispatcher.ts";
import { frozenHosts, frozenRun } from "./new-run.ts";
import { signShares } from "./signed-shares.ts";

/**
 * Runs that wait for a second person. Until then the frozen plan lies in the store, sealed as orders are; no order is
 * signed and no controller knows of it, so that whatever is lost, killed or restarted, nothing starts without the
 * approval. With it the orders are stored in the transaction that makes the run `queued`, and go the way of all orders.
 */
export interface Approvals {
  /** Durable, `awaiting_approval`, when it resolves. */
  wait(request: StartRun, uid: string, milliseconds: number): Promise<Run>;
  approve(decision: Decision): Promise<Run>;
  reject(decision: Decision): Promise<Run>;
  /** Undefined when it no longer waits. */
  cancel(runId: number, actor: Actor): Promise<Run | undefined>;
  close(): Promise<void>;
}

export interface ApprovalParts extends AttachParts {
  /** Where hosts go just now. */
  readonly placement: () => Promise<(host: PlacedHost) => string>;
  /** Between two looks for runs that nobody has approved in time. */
  readonly overdueMilliseconds: number;
}

export function createApprovals(parts: ApprovalParts): Approvals {
  const { store, live, keeper, log, clock, placement } = parts;
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= expireOverdue().finally(() => {
      looking = undefined;
    });
  }, parts.overdueMilliseconds);
  timer.unref();

  async function waitingRun(runId: number): Promise<Run> {
    const run = await store.runs.get(runId, "all");
    if (run === undefined) throw new OmError("request.not_found", reasonText("missing_run", { id: runId }));
    return run;
  }

  async function frozenPlan(run: Run): Promise<Plan | undefined> {
    const sealed = await store.runs.waitingPlan(run.id);
    if (sealed === undefined) return undefined;
    const bytes = keeper.open(sealed);
    // What the second person was shown is the record; the plan must be the one that it names.
    if (createHash("sha256").update(bytes).digest("hex") === run.planSha256) return fromBinary(PlanSchema, bytes);
    throw new OmError("order.refused", reasonText("waiting_plan_differs", { run: run.id }));
  }

  async function controllersOf(run: Run): Promise<Map<number, string>> {
    const place = await placement();
    const hosts = new Map((await store.inventory.snapshot()).hosts.map((host) => [host.id, host]));
    const open = await store.runs.executions(run.id, { limit: run.hostCount, state: ["pending"] });
    return new Map(
      open.map(({ position, hostId, appCategoryId }) => [
        position,
        place(hosts.get(hostId) ?? { id: hostId, appCategoryId }),
      ]),
    );
  }

  /** Ends it when its time is over; undefined while it is not, or when it no longer waits. */
  async function expire(run: Run): Promise<Run | undefined> {
    const reason = reasonText("approval_expired");
    const { run: after, done } = await store.runs.endWaiting(run.id, { state: "expired", reason, at: clock() });
    if (!done) return undefined;
    log.info({ run: run.uid }, "a run was not approved in time");
    live.changed(after.id);
    return after;
  }

  async function expireOverdue(): Promise<void> {
    try {
      for (const run of await store.runs.overdue(clock())) await expire(run);
    } catch (error) {
      log.warn({ error }, "runs that nobody approved in time could not be ended");
    }
  }

  return {
    async wait(request, uid, milliseconds) {
      const plan = keeper.seal(toBinary(PlanSchema, request.planned.plan));
      const { run, repeated } = await store.runs.create({
        ...frozenRun(request, uid),
        approval: { until: clock() + milliseconds, plan },
        orders: [],
        executions: frozenHosts(request),
      });
      if (repeated && run.planSha256 !== request.planned.planSha256) {
        throw new OmError("run.duplicate", reasonText("key_used", { run: run.id }));
      }
      if (!repeated) live.changed(run.id);
      return run;
    },

    async approve({ runId, actor, comment }) {
      const run = await waitingRun(runId);
      if (run.state !== "awaiting_approval") throw notWaiting(run);
      const plan = await frozenPlan(run);
      if (plan === undefined) throw notWaiting(await waitingRun(runId));
      const controllerOf = await controllersOf(run);
      const at = clock();
      const who = { actor: run.requestedBy, approvers: [actor.name] };
      const shares = signShares(parts, { runUid: run.uid, ...who, plan, controllerOf, now: at });
      const { orders, coordinated } = shares;
      const approved = { by: actor.name, comment, at, orders, coordinated, controllerOf };
      const { run: after, done } = await store.runs.approve(run.id, approved);
      if (!done) throw notWaiting((await expire(after)) ?? (await waitingRun(runId)));
      live.changed(after.id);
      shares.send();
      return after;
    },

    async reject({ runId, actor, comment }) {
      const reason =
        comment === ""
          ? reasonText("run_rejected", { actor: actor.name })
          : reasonText("run_rejected_because", { actor: actor.name, comment });
      const end = { state: "rejected", by: actor.name, comment, reason, at: clock() } as const;
      const { run, done } = await store.runs.endWaiting(runId, end);
      if (!done) throw notWaiting(run);
      live.changed(run.id);
      return run;
    },

    async cancel(runId, actor) {
      const reason = reasonText("cancelled_before_start", { actor: actor.name });
      const { run, done } = await store.runs.endWaiting(runId, {
        state: "cancelled",
        by: actor.name,
        reason,
        at: clock(),
      });
      return done ? run : undefined;
    },

    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Why nothing is left to decide about this run. */
export function notWaiting(run: Run): OmError {
  return new OmError("run.not_waiting", reasonFor(run));
}

function reasonFor({ id: run, state, approval, cancelRequestedBy }: Run): string {
  const user = approval?.by ?? "";
  if (approval === undefined) return reasonText("run_waits_for_nobody", { run });
  if (approval.decision === "approved") return reasonText("run_approved_before", { run, user });
  if (approval.decision === "rejected") return reasonText("run_rejected_before", { run, user });
  if (state === "cancelled") return reasonText("run_cancelled_before", { run, user: cancelRequestedBy ?? "" });
  return reasonText("run_expired_before", { run });
}

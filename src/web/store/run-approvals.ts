import type { Transaction } from "kysely";
import { slices } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database } from "./database.ts";
import type { RunRepository } from "./repositories/runs.ts";
import { insertShares } from "./run-create.ts";
import { endNotStarted } from "./run-orders.ts";
import { lockRun, type RunDraft, toRun, writeRun } from "./run-rows.ts";
import type { Tables } from "./tables.ts";

type ApprovalMethods = Pick<RunRepository, "waitingPlan" | "approve" | "endWaiting" | "overdue">;

/** Longest comment that is kept. */
const commentLength = 1000;

/**
 * Runs that wait for a second person. A decision is made under the lock of the run's row and only while it waits, so of
 * two that come at once, from whichever web server, the second finds nothing left to decide.
 */
export function createRunApprovals(database: Database): ApprovalMethods {
  return {
    async waitingPlan(id) {
      const rows = await database.reader
        .selectFrom("run_waiting_plan")
        .select("plan_bytes")
        .where("run_id", "=", id)
        .orderBy("part")
        .execute();
      return rows.length === 0 ? undefined : Buffer.concat(rows.map((row) => row.plan_bytes));
    },

    async approve(id, approved) {
      return await database.transaction(async (transaction) => {
        const draft = await lockRun(database, transaction, { id });
        const { row } = draft;
        if (!isWaiting(draft) || isOverdue(draft, approved.at)) return { run: toRun(row), done: false };
        decide(draft, "approved", approved);
        row.state = "queued";
        row.live_seq += 1;
        row.coordinated = approved.coordinated ? 1 : 0;
        await insertShares(database, transaction, id, approved.orders, false);
        await placeExecutions(transaction, id, approved.controllerOf);
        await forgetPlan(transaction, id);
        return { run: await writeRun(transaction, draft), done: true };
      });
    },

    async endWaiting(id, { state, by, comment = "", reason, at }) {
      return await database.transaction(async (transaction) => {
        const draft = await lockRun(database, transaction, { id });
        const { row } = draft;
        const early = state === "expired" && !isOverdue(draft, at);
        if (!isWaiting(draft) || early) return { run: toRun(row), done: false };
        if (state === "rejected") decide(draft, "rejected", { by: by ?? "", comment, at });
        if (state === "cancelled") row.cancel_requested_by = by ?? "";
        row.state = state;
        row.reason = storableText(reason, 4000);
        row.finished_at = at;
        row.live_seq += 1;
        // No controller has any of them yet.
        await endNotStarted(transaction, draft, "", row.reason, at);
        await forgetPlan(transaction, id);
        return { run: await writeRun(transaction, draft), done: true };
      });
    },

    async overdue(at) {
      const rows = await database.reader
        .selectFrom("run")
        .selectAll()
        .where("state", "=", "awaiting_approval")
        .where("approval_until", "<=", at)
        .orderBy("id")
        .execute();
      return rows.map(toRun);
    },
  };
}

function isWaiting({ row }: RunDraft): boolean {
  return row.state === "awaiting_approval";
}

function isOverdue({ row }: RunDraft, at: number): boolean {
  return row.approval_until !== null && row.approval_until <= at;
}

function decide(
  { row }: RunDraft,
  decision: "approved" | "rejected",
  { by, comment, at }: { readonly by: string; readonly comment: string; readonly at: number },
): void {
  row.approval_decision = decision;
  row.approval_by = by;
  row.approval_at = at;
  row.approval_comment = storableText(comment, commentLength);
}

/** Most hosts go to one controller: it gets all of them at once, and the others take theirs from it. */
async function placeExecutions(
  transaction: Transaction<Tables>,
  runId: number,
  controllerOf: ReadonlyMap<number, string>,
): Promise<void> {
  const groups = [...Map.groupBy(controllerOf, ([, controller]) => controller)];
  groups.sort(([, a], [, b]) => b.length - a.length);
  const all = () => transaction.updateTable("execution").where("run_id", "=", runId).where("state", "=", "pending");
  for (const [place, [controller, hosts]] of groups.entries()) {
    if (place === 0) {
      await all().set({ controller }).execute();
      continue;
    }
    for (const some of slices(hosts.map(([position]) => position))) {
      await all().set({ controller }).where("position", "in", some).execute();
    }
  }
}

async function forgetPlan(transaction: Transaction<Tables>, runId: number): Promise<void> {
  await transaction.deleteFrom("run_waiting_plan").where("run_id", "=", runId).execute();
}

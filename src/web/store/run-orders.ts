import type { Transaction } from "kysely";
import type { ExecutionState } from "../../contract/states.ts";
import { storableText } from "./check-text.ts";
import type { Database } from "./database.ts";
import { emptySha256 } from "./outputs.ts";
import type { RunRepository } from "./repositories/runs.ts";
import {
  finishWhenEnded,
  isOpenRun,
  lockRun,
  openExecutionStates,
  openRunStates,
  type RunDraft,
  toRun,
  writeRun,
} from "./run-rows.ts";
import type { Tables } from "./tables.ts";

type OrderMethods = Pick<
  RunRepository,
  "pendingOrders" | "orderAccepted" | "orderRefused" | "requestCancel" | "cancelling" | "progress"
>;

/** What the web server and a controller settle about a run besides its events. */
export function createRunOrders(database: Database): OrderMethods {
  return {
    async pendingOrders(controller) {
      const rows = await database.reader
        .selectFrom("run_order")
        .innerJoin("run", "run.id", "run_order.run_id")
        .select(["run.uid", "run_order.order_bytes"])
        .where("run_order.controller", "=", controller)
        .where("run.state", "in", openRunStates)
        .orderBy("run.id")
        .orderBy("run_order.part")
        .execute();
      const byRun = Map.groupBy(rows, (row) => row.uid);
      return [...byRun].map(([runUid, parts]) => ({
        runUid,
        order: Buffer.concat(parts.map((part) => part.order_bytes)),
      }));
    },

    async orderAccepted(runUid, controller) {
      await database.transaction(async (transaction) => {
        const { row } = await lockRun(database, transaction, { uid: runUid });
        await forgetOrder(transaction, row.id, controller);
      });
    },

    async orderRefused(runUid, controller, reason, at) {
      return await database.transaction(async (transaction) => {
        const draft = await lockRun(database, transaction, { uid: runUid });
        const forgotten = await forgetOrder(transaction, draft.row.id, controller);
        // Accepted before, or refused before: what the controller said first stands.
        if (!forgotten || !isOpenRun(draft.row)) return toRun(draft.row);
        const shown = storableText(reason, 4000);
        draft.row.live_seq += 1;
        await endNotStarted(transaction, draft, controller, shown, at);
        await transaction
          .updateTable("run_controller")
          .set({ ended: 1 })
          .where("run_id", "=", draft.row.id)
          .where("controller", "=", controller)
          .execute();
        draft.row.reason = shown;
        await finishWhenEnded(transaction, draft, at);
        return await writeRun(transaction, draft);
      });
    },

    async requestCancel(id, by) {
      return await database.transaction(async (transaction) => {
        const draft = await lockRun(database, transaction, { id });
        if (!["queued", "running", "paused"].includes(draft.row.state)) return toRun(draft.row);
        draft.row.state = "cancelling";
        draft.row.cancel_requested_by = by;
        draft.row.live_seq += 1;
        return await writeRun(transaction, draft);
      });
    },

    async cancelling(controller) {
      const rows = await database.reader
        .selectFrom("run")
        .innerJoin("run_controller", "run_controller.run_id", "run.id")
        .select(["run.uid", "run.cancel_requested_by"])
        .where("run.state", "=", "cancelling")
        .where("run_controller.controller", "=", controller)
        .where("run_controller.ended", "=", 0)
        .orderBy("run.id")
        .execute();
      return rows.map((row) => ({ runUid: row.uid, by: row.cancel_requested_by ?? "" }));
    },

    async progress(controller) {
      const rows = await database.reader
        .selectFrom("run_controller")
        .innerJoin("run", "run.id", "run_controller.run_id")
        .select(["run.uid", "run_controller.last_seq"])
        .where("run_controller.controller", "=", controller)
        .where("run_controller.ended", "=", 0)
        .where("run.state", "in", openRunStates)
        .orderBy("run.id")
        .execute();
      return rows.map((row) => ({ runUid: row.uid, lastSeq: row.last_seq }));
    },
  };
}

async function forgetOrder(transaction: Transaction<Tables>, runId: number, controller: string): Promise<boolean> {
  const deleted = await transaction
    .deleteFrom("run_order")
    .where("run_id", "=", runId)
    .where("controller", "=", controller)
    .executeTakeFirst();
  return deleted.numDeletedRows > 0n;
}

/** Ends what is open of the run at a controller; before it has one, with the name "". */
export async function endNotStarted(
  transaction: Transaction<Tables>,
  draft: RunDraft,
  controller: string,
  reason: string,
  at: number,
): Promise<void> {
  const open = await transaction
    .selectFrom("execution")
    .select((build) => ["state", build.fn.countAll<number>().as("count")])
    .where("run_id", "=", draft.row.id)
    .where("controller", "=", controller)
    .where("state", "in", openExecutionStates)
    .groupBy("state")
    .execute();
  for (const { state, count } of open) {
    draft.counts[state as ExecutionState] -= Number(count);
    draft.counts.not_started += Number(count);
  }
  await transaction
    .updateTable("execution")
    .set({
      state: "not_started",
      reason,
      finished_at: at,
      completeness: "complete",
      stdout_sha256: emptySha256,
      stderr_sha256: emptySha256,
      live_seq: draft.row.live_seq,
    })
    .where("run_id", "=", draft.row.id)
    .where("controller", "=", controller)
    .where("state", "in", openExecutionStates)
    .execute();
}

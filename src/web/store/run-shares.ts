import { sql } from "kysely";
import { byteParts, insertRows, slices } from "./bulk.ts";
import type { Database } from "./database.ts";
import type { RunRelease, RunRepository } from "./repositories/runs.ts";
import { isOpenRun, lockRun, openExecutionStates, openRunStates, toRun } from "./run-rows.ts";

type ShareMethods = Pick<RunRepository, "openShares" | "adoptShare" | "coordinated" | "releases">;

/** What runs have at which controller, and how far each of these may go. */
export function createRunShares(database: Database): ShareMethods {
  const { reader } = database;
  return {
    async openShares(runIds) {
      const shares = [];
      for (const some of slices(runIds)) {
        const rows = await reader
          .selectFrom("run_controller")
          .leftJoin("run_order", (join) =>
            join
              .onRef("run_order.run_id", "=", "run_controller.run_id")
              .onRef("run_order.controller", "=", "run_controller.controller")
              .on("run_order.part", "=", 0),
          )
          .select(["run_controller.run_id", "run_controller.controller", "run_order.part"])
          .where("run_controller.run_id", "in", some)
          .where("run_controller.ended", "=", 0)
          .orderBy("run_controller.run_id")
          .orderBy("run_controller.controller")
          .execute();
        for (const row of rows) {
          shares.push({ runId: row.run_id, controller: row.controller, unanswered: row.part !== null });
        }
      }
      return shares;
    },

    async adoptShare(runUid, from, to, order) {
      return await database.transaction(async (transaction) => {
        const { row } = await lockRun(database, transaction, { uid: runUid });
        if (!isOpenRun(row) || row.state === "cancelling") return undefined;
        const shares = await transaction
          .selectFrom("run_controller")
          .select("controller")
          .where("run_id", "=", row.id)
          .where("controller", "in", [from, to])
          .execute();
        if (shares.length !== 1 || shares[0]?.controller !== from) return undefined;
        const deleted = await transaction
          .deleteFrom("run_order")
          .where("run_id", "=", row.id)
          .where("controller", "=", from)
          .executeTakeFirst();
        if (deleted.numDeletedRows === 0n) return undefined;
        const parts = byteParts(order).map((order_bytes, part) => ({
          run_id: row.id,
          controller: to,
          part,
          order_bytes,
        }));
        await insertRows(database, transaction, "run_order", ["run_id", "controller", "part", "order_bytes"], parts);
        for (const table of ["run_controller", "execution"] as const) {
          await transaction
            .updateTable(table)
            .set({ controller: to })
            .where("run_id", "=", row.id)
            .where("controller", "=", from)
            .execute();
        }
        return toRun(row);
      });
    },

    async coordinated(controller) {
      const rows = await reader
        .selectFrom("run")
        .innerJoin("run_controller", "run_controller.run_id", "run.id")
        .select("run.uid")
        .where("run.state", "in", openRunStates)
        .where("run.coordinated", "=", 1)
        .where("run_controller.controller", "=", controller)
        .where("run_controller.ended", "=", 0)
        .orderBy("run.id")
        .execute();
      return rows.map(({ uid }) => uid);
    },

    async releases(runUid): Promise<readonly RunRelease[]> {
      const rows = await reader
        .selectFrom("execution")
        .innerJoin("run", "run.id", "execution.run_id")
        .select((build) => [
          "execution.controller",
          sql<
            number | null
          >`min(case when ${build("execution.state", "in", openExecutionStates)} then execution.wave end)`.as(
            "openWave",
          ),
          sql<number>`sum(case when ${build("execution.state", "not in", ["ok", "skipped", ...openExecutionStates])} then 1 else 0 end)`.as(
            "failures",
          ),
        ])
        .where("run.uid", "=", runUid)
        .groupBy("execution.controller")
        .execute();
      const open = rows.flatMap(({ openWave }) => (openWave === null ? [] : [Number(openWave)]));
      if (open.length === 0) return [];
      const wave = Math.min(...open);
      const failures = rows.reduce((sum, row) => sum + Number(row.failures), 0);
      return rows
        .filter(({ openWave }) => openWave !== null)
        .map((row) => ({ controller: row.controller, wave, failuresElsewhere: failures - Number(row.failures) }));
    },
  };
}

import type { Transaction } from "kysely";
import type { StepStatus } from "../../contract/engine.ts";
import { insertRows } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database, Queries } from "./database.ts";
import type { ExecutionStep, HostFacts, RunChange } from "./repositories/executions.ts";
import type { Tables } from "./tables.ts";

const stepColumns = [
  "run_id",
  "position",
  "seq",
  "path",
  "name",
  "action",
  "status",
  "message",
  "diff",
  "milliseconds",
] as const satisfies readonly (keyof Tables["execution_step"])[];

/** Steps are only ever added; their event's number keeps them in order and from being written twice. */
export async function writeSteps(
  database: Database,
  transaction: Transaction<Tables>,
  runId: number,
  steps: NonNullable<RunChange["steps"]>,
): Promise<void> {
  const rows = steps.map(({ position, seq, step }) => ({
    run_id: runId,
    position,
    seq,
    path: JSON.stringify(step.path.map((part) => storableText(part, 255))),
    name: storableText(step.name, 255),
    action: storableText(step.action, 255),
    status: step.status,
    message: storableText(step.message, 4096),
    diff: storableText(step.diff, 65_536),
    milliseconds: step.milliseconds ?? null,
  }));
  await insertRows(database, transaction, "execution_step", stepColumns, rows);
}

/** By their order; `after` is the `seq` of the last one that the reader has. */
export async function readSteps(
  queries: Queries,
  runId: number,
  position: number,
  { after, limit }: { readonly after?: number; readonly limit: number },
): Promise<readonly ExecutionStep[]> {
  const rows = await queries
    .selectFrom("execution_step")
    .selectAll()
    .where("run_id", "=", runId)
    .where("position", "=", position)
    .where("seq", ">", after ?? 0)
    .orderBy("seq")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    seq: row.seq,
    path: JSON.parse(row.path) as string[],
    name: row.name,
    action: row.action,
    status: row.status as StepStatus,
    message: row.message,
    diff: row.diff,
    ...(row.milliseconds === null ? {} : { milliseconds: row.milliseconds }),
  }));
}

/** The newest facts of each host replace the older ones; a host that was deleted meanwhile keeps none. */
export async function writeFacts(
  database: Database,
  transaction: Transaction<Tables>,
  facts: readonly (HostFacts & { readonly hostId: number })[],
): Promise<void> {
  const newest = new Map(facts.map((each) => [each.hostId, each]));
  if (newest.size === 0) return;
  const there = await transaction
    .selectFrom("host")
    .select("id")
    .where("id", "in", [...newest.keys()])
    .execute();
  const rows = there.flatMap(({ id }) => {
    const found = newest.get(id);
    if (found === undefined) return [];
    return [{ host_id: id, gathered_at: found.at, run_id: found.runId ?? null, facts: JSON.stringify(found.facts) }];
  });
  await insertRows(database, transaction, "host_facts", ["host_id", "gathered_at", "run_id", "facts"], rows, {
    key: ["host_id"],
    update: ["gathered_at", "run_id", "facts"],
  });
}

export async function readFacts(queries: Queries, hostId: number): Promise<HostFacts | undefined> {
  const row = await queries.selectFrom("host_facts").selectAll().where("host_id", "=", hostId).executeTakeFirst();
  if (row === undefined) return undefined;
  const facts = JSON.parse(row.facts) as HostFacts["facts"];
  return { at: row.gathered_at, ...(row.run_id === null ? {} : { runId: row.run_id }), facts };
}

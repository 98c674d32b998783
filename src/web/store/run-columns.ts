import { sharedReason } from "../../contract/shared-reason.ts";
import type { ExecutionState, OutputCompleteness } from "../../contract/states.ts";
import type { Database } from "./database.ts";
import type { ColumnAnswer, RunColumns } from "./repositories/runs.ts";

const rowsAtOnce = 5000;

const columns = [
  "position",
  "host_id",
  "host_name",
  "address",
  "engine",
  "wave",
  "state",
  "exit_code",
  "end_signal",
  "reason",
  "started_at",
  "finished_at",
  "stdout_bytes",
  "stderr_bytes",
  "completeness",
  "stdout_sha256",
  "stderr_sha256",
  "live_seq",
] as const;

/** See `RunRepository.columns`. */
export async function runColumns(database: Database, runId: number, seq: number): Promise<RunColumns> {
  const answers: ColumnAnswer[] = [];
  const known = new Map<string, number>();
  const result = {
    hostIds: [] as number[],
    hostNames: [] as string[],
    addresses: [] as string[],
    answers,
    answerOf: [] as number[],
    reasons: new Map<number, string>(),
    startedAt: [] as (number | null)[],
    finishedAt: [] as (number | null)[],
    newer: new Map<number, number>(),
  };
  for (let after = -1; ; ) {
    const rows = await database.reader
      .selectFrom("execution")
      .select(columns)
      .where("run_id", "=", runId)
      .where("position", ">", after)
      .orderBy("position")
      .limit(rowsAtOnce)
      .execute();
    for (const row of rows) {
      const reason = sharedReason(row.reason, row.host_name, row.address);
      if (reason !== row.reason) result.reasons.set(row.position, row.reason);
      // No field but the reason, which is last, can hold a line break.
      const key = `${row.engine}\n${row.wave}\n${row.state}\n${row.exit_code}\n${row.end_signal}\n${row.stdout_bytes}\n${row.stderr_bytes}\n${row.completeness}\n${row.stdout_sha256}\n${row.stderr_sha256}\n${reason}`;
      let number = known.get(key);
      if (number === undefined) {
        number = answers.length;
        known.set(key, number);
        answers.push({
          engine: row.engine,
          wave: row.wave,
          state: row.state as ExecutionState,
          ...(row.exit_code === null ? {} : { exitCode: row.exit_code }),
          signal: row.end_signal,
          reason,
          stdoutBytes: row.stdout_bytes,
          stderrBytes: row.stderr_bytes,
          ...(row.completeness === null ? {} : { output: row.completeness as OutputCompleteness }),
          ...(row.stdout_sha256 === null ? {} : { stdoutSha256: row.stdout_sha256 }),
          ...(row.stderr_sha256 === null ? {} : { stderrSha256: row.stderr_sha256 }),
        });
      }
      result.answerOf.push(number);
      result.hostIds.push(row.host_id);
      result.hostNames.push(row.host_name);
      result.addresses.push(row.address);
      result.startedAt.push(row.started_at);
      result.finishedAt.push(row.finished_at);
      if (row.live_seq > seq) result.newer.set(row.position, row.live_seq);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) return result;
    after = last.position;
    await database.breathe();
  }
}

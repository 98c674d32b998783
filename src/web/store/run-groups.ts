import { sharedReason } from "../../contract/shared-reason.ts";
import { type ExecutionState, finalExecutionStates, type OutputCompleteness } from "../../contract/states.ts";
import type { Database } from "./database.ts";
import type { OutputGroup } from "./repositories/runs.ts";

const rowsAtOnce = 5000;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** See `RunRepository.groups`. Outputs are compared by their hashes, which are there already. */
export async function groupOutputs(database: Database, runId: number): Promise<readonly OutputGroup[]> {
  const groups = new Map<string, Mutable<OutputGroup> & { hostNames: string[] }>();
  let after = -1;
  for (;;) {
    const rows = await database.reader
      .selectFrom("execution")
      .select(["position", "host_name", "address", "state", "exit_code", "end_signal", "reason"])
      .select(["stdout_sha256", "stderr_sha256", "stdout_bytes", "stderr_bytes", "completeness"])
      .where("run_id", "=", runId)
      .where("position", ">", after)
      .where("state", "in", finalExecutionStates)
      .orderBy("position")
      .limit(rowsAtOnce)
      .execute();
    for (const row of rows) {
      const { state, exit_code, end_signal, stdout_sha256, stderr_sha256, completeness } = row;
      const reason = sharedReason(row.reason, row.host_name, row.address);
      // Where output was cut, its length is all that is known of the rest.
      const length = completeness === "truncated" ? [row.stdout_bytes, row.stderr_bytes] : [];
      const answer = [stdout_sha256, stderr_sha256, completeness, ...length];
      const key = JSON.stringify([state, exit_code, end_signal, reason, ...answer]);
      const group = groups.get(key);
      if (group !== undefined) {
        group.hostNames.push(row.host_name);
        group.count += 1;
        continue;
      }
      groups.set(key, {
        state: state as ExecutionState,
        ...(exit_code === null ? {} : { exitCode: exit_code }),
        signal: end_signal,
        ...(stdout_sha256 === null ? {} : { stdoutSha256: stdout_sha256 }),
        ...(stderr_sha256 === null ? {} : { stderrSha256: stderr_sha256 }),
        stdoutBytes: row.stdout_bytes,
        stderrBytes: row.stderr_bytes,
        ...(completeness === null ? {} : { output: completeness as OutputCompleteness }),
        reason,
        count: 1,
        hostNames: [row.host_name],
      });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) break;
    after = last.position;
    await database.breathe();
  }
  return [...groups.values()].sort((left, right) => right.count - left.count);
}

import { CompiledQuery, type Selectable, type Transaction } from "kysely";
import type { OutputStream } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type ExecutionState, isFinalExecutionState } from "../../contract/states.ts";
import { byteParts, insertRows, slices } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database, DatabaseKind } from "./database.ts";
import { chunkColumns, type KeptStream, type KnownOutputs, OutputWriter, streamNumber } from "./outputs.ts";
import { writeNotices } from "./run-notices.ts";
import {
  finishWhenEnded,
  isOpenRun,
  lockRun,
  openExecutionStates,
  type RunDraft,
  toRun,
  writeRun,
} from "./run-rows.ts";
import { writeFacts, writeSteps } from "./run-steps.ts";
import type { EndedExecution, Run, RunChange } from "./store.ts";
import type { ExecutionTable, Tables } from "./tables.ts";

type ExecutionRow = Selectable<ExecutionTable>;

/** What folding may change of an execution; the rest of the row is frozen with the run. */
const changingColumns = [
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
] as const satisfies readonly (keyof ExecutionTable)[];

type ChangingRow = Pick<
  ExecutionRow,
  "run_id" | "position" | "controller" | "host_id" | (typeof changingColumns)[number]
>;

/** See `RunRepository.apply`. A dozen statements a batch, whatever its size. */
export async function applyRunChange(database: Database, known: KnownOutputs, change: RunChange): Promise<Run> {
  const { run, written } = await database.transaction(async (transaction) => {
    const folding = new Folding(database, transaction, known, change);
    return await folding.fold();
  });
  known.commit(written);
  return run;
}

class Folding {
  readonly #database: Database;
  readonly #transaction: Transaction<Tables>;
  readonly #change: RunChange;
  readonly #outputs: OutputWriter;
  readonly #rows = new Map<number, ChangingRow>();
  readonly #changed = new Set<ChangingRow>();
  /** As the rows were stored, for the counts and for what is kept of their streams. */
  readonly #before = new Map<number, ChangingRow>();
  /** Chunks of this batch by execution and stream; what ends in the batch whole never becomes a stored chunk. */
  readonly #chunks = new Map<string, Tables["output_chunk"][]>();

  constructor(database: Database, transaction: Transaction<Tables>, known: KnownOutputs, change: RunChange) {
    this.#database = database;
    this.#transaction = transaction;
    this.#change = change;
    this.#outputs = new OutputWriter(database, transaction, known);
  }

  async fold(): Promise<{ run: Run; written: readonly string[] }> {
    const change = this.#change;
    const draft = await lockRun(this.#database, this.#transaction, { uid: change.runUid });
    const lastSeq = await this.#lastSeq(draft.row.id);
    if (change.lastSeq <= lastSeq || !isOpenRun(draft.row)) return { run: toRun(draft.row), written: [] };
    draft.row.live_seq += change.lastSeq - lastSeq;
    await this.#readExecutions(draft.row.id);
    this.#foldStarts();
    this.#foldOutput(draft.row.id);
    await this.#foldSteps(draft.row.id, lastSeq);
    for (const ended of change.ended) await this.#foldEnded(draft.row.id, ended);
    if (change.runEnded) await this.#loseOpenExecutions(draft.row.id);
    await this.#writeChunks([...this.#chunks.values()].flat());
    await this.#outputs.flush();
    await this.#writeExecutions(draft);
    await this.#foldRun(draft, lastSeq);
    return { run: await writeRun(this.#transaction, draft), written: this.#outputs.written };
  }

  async #lastSeq(runId: number): Promise<number> {
    const { controller, firstSeq, runUid } = this.#change;
    const row = await this.#transaction
      .selectFrom("run_controller")
      .select("last_seq")
      .where("run_id", "=", runId)
      .where("controller", "=", controller)
      .executeTakeFirst();
    if (row === undefined) {
      throw new OmError(
        "store.conflict",
        `Controller “${controller}” has no part in run ${runUid}: its events are refused`,
      );
    }
    if (firstSeq > row.last_seq + 1) {
      throw new OmError(
        "store.conflict",
        `Events ${row.last_seq + 1} to ${firstSeq - 1} of run ${runUid} are missing. Ask controller “${controller}” to send from ${row.last_seq + 1} on`,
      );
    }
    return row.last_seq;
  }

  /** Those that the batch speaks of, as far as they are this controller's. */
  async #readExecutions(runId: number): Promise<void> {
    const change = this.#change;
    const positions = new Set(change.dispatching);
    const told = [change.steps ?? [], change.facts ?? [], change.notices ?? []];
    for (const list of [change.running, change.output, ...told, change.ended]) {
      for (const { position } of list) positions.add(position);
    }
    for (const some of slices([...positions])) {
      const { rows } = await this.#transaction.executeQuery<ChangingRow>(
        CompiledQuery.raw(executionsText(this.#database.kind, some.length), [runId, ...some]),
      );
      this.#keepRows(rows);
    }
  }

  #keepRows(rows: readonly ChangingRow[]): void {
    for (const row of rows) {
      if (row.controller !== this.#change.controller || this.#rows.has(row.position)) continue;
      this.#rows.set(row.position, row);
      this.#before.set(row.position, { ...row });
    }
  }

  /** The row, if it may still change. */
  #open(position: number): ChangingRow | undefined {
    const row = this.#rows.get(position);
    if (row === undefined || isFinalExecutionState(row.state as ExecutionState)) return undefined;
    this.#changed.add(row);
    return row;
  }

  #foldStarts(): void {
    for (const position of this.#change.dispatching) {
      const row = this.#open(position);
      if (row?.state === "pending") row.state = "dispatching";
    }
    for (const { position, at } of this.#change.running) {
      const row = this.#open(position);
      if (row === undefined || row.state === "running") continue;
      row.state = "running";
      row.started_at = at;
    }
  }

  #foldOutput(runId: number): void {
    for (const { position, stream, offset, data } of this.#change.output) {
      const row = this.#open(position);
      if (row === undefined) continue;
      const column = bytesColumn(stream);
      const fresh = data.subarray(Math.max(0, Math.min(row[column] - offset, data.byteLength)));
      if (fresh.byteLength === 0) continue;
      const key = chunkKey(position, stream);
      const chunks = this.#chunks.get(key) ?? [];
      this.#chunks.set(key, chunks);
      let chunkOffset = offset + data.byteLength - fresh.byteLength;
      for (const part of byteParts(fresh)) {
        const place = { run_id: runId, position, stream: streamNumber(stream), chunk_offset: chunkOffset };
        chunks.push({ ...place, bytes: part.byteLength, data: part });
        chunkOffset += part.byteLength;
      }
      row[column] = offset + data.byteLength;
    }
  }

  /** Steps and notices are rows of their own, so those that an earlier batch brought must not come again. */
  async #foldSteps(runId: number, lastSeq: number): Promise<void> {
    const { steps = [], facts = [], notices = [] } = this.#change;
    const isOpen = (each: { readonly position: number; readonly seq: number }) =>
      each.seq > lastSeq && this.#open(each.position) !== undefined;
    await writeSteps(this.#database, this.#transaction, runId, steps.filter(isOpen));
    await writeNotices(this.#database, this.#transaction, runId, notices.filter(isOpen));
    const known = facts.flatMap(({ position, at, facts: learnt }) => {
      const row = this.#open(position);
      return row === undefined ? [] : [{ hostId: row.host_id, runId, at, facts: learnt }];
    });
    await writeFacts(this.#database, this.#transaction, known);
  }

  async #writeChunks(chunks: readonly Tables["output_chunk"][]): Promise<void> {
    await insertRows(this.#database, this.#transaction, "output_chunk", chunkColumns, chunks);
  }

  async #foldEnded(runId: number, ended: EndedExecution): Promise<void> {
    const row = this.#open(ended.position);
    if (row === undefined) return;
    const stdout = await this.#keepStream(runId, row, "stdout", ended.stdout);
    const stderr = await this.#keepStream(runId, row, "stderr", ended.stderr);
    const isShort = stdout.bytes < ended.stdoutBytes || stderr.bytes < ended.stderrBytes;
    const isPartial = stdout.hasHole || stderr.hasHole || (ended.output === "complete" && isShort);
    row.state = ended.state;
    row.exit_code = ended.exitCode ?? null;
    row.end_signal = storableText(ended.signal, 64);
    row.reason = storableText(ended.reason, 4000);
    row.finished_at = ended.at;
    // A controller that lost track of the host does not know what it sent before.
    row.stdout_bytes = Math.max(ended.stdoutBytes, stdout.bytes);
    row.stderr_bytes = Math.max(ended.stderrBytes, stderr.bytes);
    row.completeness = isPartial ? "partial" : ended.output;
    row.stdout_sha256 = stdout.sha256;
    row.stderr_sha256 = stderr.sha256;
  }

  async #keepStream(
    runId: number,
    row: ChangingRow,
    stream: OutputStream,
    rest: EndedExecution["stdout"],
  ): Promise<KeptStream> {
    const key = chunkKey(row.position, stream);
    const chunks = this.#chunks.get(key) ?? [];
    this.#chunks.delete(key);
    const storedBytes = this.#before.get(row.position)?.[bytesColumn(stream)] ?? 0;
    const whole = storedBytes === 0 ? joined(chunks, rest) : undefined;
    if (whole !== undefined) return this.#outputs.addWhole(whole);
    await this.#writeChunks(chunks);
    const kept = await this.#outputs.addChunked(runId, { position: row.position, stream, rest });
    await this.#transaction
      .deleteFrom("output_chunk")
      .where("run_id", "=", runId)
      .where("position", "=", row.position)
      .where("stream", "=", streamNumber(stream))
      .execute();
    return kept;
  }

  /** The controller has ended the run and never said what became of these. */
  async #loseOpenExecutions(runId: number): Promise<void> {
    const rows = await this.#transaction
      .selectFrom("execution")
      .select(["run_id", "position", "controller", "host_id", ...changingColumns])
      .where("run_id", "=", runId)
      .where("controller", "=", this.#change.controller)
      .where("state", "in", openExecutionStates)
      .execute();
    this.#keepRows(rows);
    for (const { position } of rows) {
      const row = this.#open(position);
      if (row === undefined) continue;
      const atEnd = (offset: number) => ({ offset, data: new Uint8Array() });
      row.stdout_sha256 = (await this.#keepStream(runId, row, "stdout", atEnd(row.stdout_bytes))).sha256;
      row.stderr_sha256 = (await this.#keepStream(runId, row, "stderr", atEnd(row.stderr_bytes))).sha256;
      row.state = "unknown";
      row.reason = reasonText("run_ended_without_result");
      row.finished_at = this.#database.clock();
      row.completeness = "partial";
    }
  }

  async #writeExecutions(draft: RunDraft): Promise<void> {
    const rows = [...this.#changed];
    for (const row of rows) {
      row.live_seq = draft.row.live_seq;
      const before = this.#before.get(row.position) ?? row;
      draft.counts[before.state as ExecutionState] -= 1;
      draft.counts[row.state as ExecutionState] += 1;
    }
    await insertRows(this.#database, this.#transaction, "execution", ["run_id", "position", ...changingColumns], rows, {
      key: ["run_id", "position"],
      update: changingColumns,
    });
  }

  async #foldRun(draft: RunDraft, lastSeq: number): Promise<void> {
    const { controller, runEnded } = this.#change;
    if (draft.row.state === "queued") draft.row.state = "running";
    draft.row.started_at ??= this.#database.clock();
    await this.#transaction
      .updateTable("run_controller")
      .set({ last_seq: this.#change.lastSeq, ...(runEnded ? { ended: 1 } : {}) })
      .where("run_id", "=", draft.row.id)
      .where("controller", "=", controller)
      .execute();
    // Its first event says that it has the order.
    if (lastSeq === 0) {
      await this.#transaction
        .deleteFrom("run_order")
        .where("run_id", "=", draft.row.id)
        .where("controller", "=", controller)
        .execute();
    }
    if (runEnded) await finishWhenEnded(this.#transaction, draft, this.#database.clock());
  }
}

/** Hand-built for the same reason as bulk inserts. */
function executionsText(kind: DatabaseKind, count: number): string {
  const columns = ["run_id", "position", "controller", "host_id", ...changingColumns].join(",");
  const mark = (at: number) => (kind === "postgres" ? `$${at + 1}` : "?");
  const positions = Array.from({ length: count }, (_, at) => mark(at + 1)).join(",");
  return `select ${columns} from execution where run_id = ${mark(0)} and position in (${positions})`;
}

function bytesColumn(stream: OutputStream): "stdout_bytes" | "stderr_bytes" {
  return stream === "stdout" ? "stdout_bytes" : "stderr_bytes";
}

function chunkKey(position: number, stream: OutputStream): string {
  return `${position}/${stream}`;
}

/** A stream that lies in one batch whole, or undefined where bytes between its pieces are not here. */
function joined(chunks: readonly Tables["output_chunk"][], rest: EndedExecution["stdout"]): Uint8Array | undefined {
  if (chunks.length === 0) return rest.offset === 0 ? rest.data : undefined;
  let end = 0;
  for (const chunk of chunks) {
    if (chunk.chunk_offset !== end) return undefined;
    end += chunk.bytes;
  }
  if (rest.offset > end) return undefined;
  return Buffer.concat([...chunks.map((chunk) => chunk.data), rest.data.subarray(end - rest.offset)]);
}

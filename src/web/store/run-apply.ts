import { CompiledQuery, type Selectable, type Transaction } from "kysely";
import type { OutputStream } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type ExecutionState, isFinalExecutionState } from "../../contract/states.ts";
import { insertRows, slices } from "./bulk.ts";
import { storableText } from "./check-text.ts";
import type { Database, DatabaseKind } from "./database.ts";
import {
  chunkColumns,
  chunkKey,
  chunkRow,
  freshPart,
  type GrowingHashes,
  joined,
  type Piece,
  packOutput,
  rawPiece,
  type StreamPiece,
} from "./output-chunks.ts";
import { type KeptStream, type KnownOutputs, OutputWriter } from "./outputs.ts";
import type { EndedExecution, RunChange } from "./repositories/executions.ts";
import type { Run } from "./repositories/runs.ts";
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

/** What this process remembers of committed output. */
export interface Remembered {
  readonly outputs: KnownOutputs;
  readonly growing: GrowingHashes;
}

/** See `RunRepository.apply`. A dozen statements a batch, whatever its size. */
export async function applyRunChange(database: Database, known: Remembered, change: RunChange): Promise<Run> {
  const output = await packOutput(change);
  const { run, committed } = await database.transaction(async (transaction) => {
    const folding = new Folding(database, transaction, known, change, output);
    return { run: await folding.fold(), committed: () => folding.remember() };
  });
  committed();
  return run;
}

class Folding {
  readonly #database: Database;
  readonly #transaction: Transaction<Tables>;
  readonly #change: RunChange;
  readonly #output: readonly StreamPiece[];
  readonly #known: Remembered;
  readonly #rows = new Map<number, ChangingRow>();
  readonly #changed = new Set<ChangingRow>();
  /** As the rows were stored, for the counts and for what is kept of their streams. */
  readonly #before = new Map<number, ChangingRow>();
  /** Pieces of this batch by execution and stream; what ends in the batch whole never becomes a stored piece. */
  readonly #pieces = new Map<string, { position: number; stream: OutputStream; pieces: Piece[] }>();
  /** Streams that have ended and grow no more. */
  readonly #endedStreams: string[] = [];
  #runId = 0;
  #writer: OutputWriter | undefined;

  constructor(
    database: Database,
    transaction: Transaction<Tables>,
    known: Remembered,
    change: RunChange,
    output: readonly StreamPiece[],
  ) {
    this.#database = database;
    this.#transaction = transaction;
    this.#change = change;
    this.#output = output;
    this.#known = known;
  }

  /** To be called once it is committed. */
  remember(): void {
    if (this.#writer !== undefined) this.#known.outputs.commit(this.#runId, this.#writer.written);
    for (const [key, { pieces }] of this.#pieces) this.#known.growing.committed(`${this.#runId}/${key}`, pieces);
    for (const key of this.#endedStreams) this.#known.growing.forget(`${this.#runId}/${key}`);
  }

  async fold(): Promise<Run> {
    const change = this.#change;
    const draft = await lockRun(this.#database, this.#transaction, { uid: change.runUid });
    const lastSeq = await this.#lastSeq(draft.row.id);
    if (change.lastSeq <= lastSeq || !isOpenRun(draft.row)) return toRun(draft.row);
    this.#runId = draft.row.id;
    draft.row.live_seq += change.lastSeq - lastSeq;
    await this.#readExecutions(draft.row.id);
    this.#foldStarts();
    this.#foldOutput();
    await this.#foldSteps(draft.row.id, lastSeq);
    for (const ended of change.ended) await this.#foldEnded(ended);
    if (change.runEnded) await this.#loseOpenExecutions();
    for (const { position, stream, pieces } of this.#pieces.values()) await this.#writePieces(position, stream, pieces);
    await this.#outputs.flush();
    await this.#writeExecutions(draft);
    await this.#foldRun(draft, lastSeq);
    return await writeRun(this.#transaction, draft);
  }

  get #outputs(): OutputWriter {
    this.#writer ??= new OutputWriter(this.#database, this.#transaction, this.#known.outputs, this.#runId);
    return this.#writer;
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

  #foldOutput(): void {
    for (const piece of this.#output) {
      const { position, stream, offset, data } = piece;
      const row = this.#open(position);
      if (row === undefined) continue;
      const fresh = freshPart(row[bytesColumn(stream)], piece);
      if (fresh === undefined) continue;
      const key = chunkKey(position, stream);
      const grown = this.#pieces.get(key) ?? { position, stream, pieces: [] };
      this.#pieces.set(key, grown);
      grown.pieces.push(fresh);
      row[bytesColumn(stream)] = offset + data.byteLength;
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

  async #writePieces(position: number, stream: OutputStream, pieces: readonly Piece[]): Promise<void> {
    const rows = pieces.map((piece) => chunkRow(this.#runId, position, stream, piece));
    await insertRows(this.#database, this.#transaction, "output_chunk", chunkColumns, rows);
  }

  async #foldEnded(ended: EndedExecution): Promise<void> {
    const row = this.#open(ended.position);
    if (row === undefined) return;
    const stdout = await this.#keepStream(row, "stdout", ended.stdout);
    const stderr = await this.#keepStream(row, "stderr", ended.stderr);
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

  async #keepStream(row: ChangingRow, stream: OutputStream, rest: EndedExecution["stdout"]): Promise<KeptStream> {
    const { position } = row;
    const key = chunkKey(position, stream);
    const pieces = this.#pieces.get(key)?.pieces ?? [];
    this.#pieces.delete(key);
    this.#endedStreams.push(key);
    const storedBytes = this.#before.get(position)?.[bytesColumn(stream)] ?? 0;
    const whole = storedBytes === 0 ? joined(pieces, rest) : undefined;
    if (whole !== undefined) return this.#outputs.addWhole(whole);
    const last = freshPart(row[bytesColumn(stream)], rawPiece(rest.offset, rest.data));
    if (last !== undefined) pieces.push(last);
    await this.#writePieces(position, stream, pieces);
    const bytes = Math.max(row[bytesColumn(stream)], rest.offset + rest.data.byteLength);
    const known = this.#known.growing.finish(`${this.#runId}/${key}`, pieces, bytes);
    return await this.#outputs.addPieces({ runId: this.#runId, position, stream }, known);
  }

  /** The controller has ended the run and never said what became of these. */
  async #loseOpenExecutions(): Promise<void> {
    const rows = await this.#transaction
      .selectFrom("execution")
      .select(["run_id", "position", "controller", "host_id", ...changingColumns])
      .where("run_id", "=", this.#runId)
      .where("controller", "=", this.#change.controller)
      .where("state", "in", openExecutionStates)
      .execute();
    this.#keepRows(rows);
    for (const { position } of rows) {
      const row = this.#open(position);
      if (row === undefined) continue;
      const atEnd = (offset: number) => ({ offset, data: new Uint8Array() });
      row.stdout_sha256 = (await this.#keepStream(row, "stdout", atEnd(row.stdout_bytes))).sha256;
      row.stderr_sha256 = (await this.#keepStream(row, "stderr", atEnd(row.stderr_bytes))).sha256;
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

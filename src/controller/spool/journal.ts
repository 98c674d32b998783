import type { SealingKey } from "../credentials/sealing-key.ts";
import type { JournalDatabase } from "./database.ts";
import { encodeEvents, frameOf } from "./encode-events.ts";
import { eventBytes, type NewEvent } from "./new-event.ts";
import { prepareStatements } from "./statements.ts";

/** A run that the web server has not yet acknowledged to its end. */
export interface JournaledRun {
  readonly id: number;
  readonly uid: string;
  /** Highest event on disk. */
  lastSeq: number;
  acknowledgedSeq: number;
  /** Its last event is on disk. */
  ended: boolean;
  cancelledBy?: string;
  /** How far a coordinated run has come as a whole; only ever becomes more. */
  released: Released;
}

export interface Released {
  /** Hosts of this wave and lower ones may start. */
  readonly wave: number;
  /** Hosts at other controllers that ended neither ok nor skipped. */
  readonly failuresElsewhere: number;
}

/** What one group commit adds to one run. */
export interface RunEntry {
  readonly run: JournaledRun;
  readonly events: readonly NewEvent[];
  readonly intended: readonly number[];
  /** Run all the same, though their hosts can keep nothing. */
  readonly unclaimed?: readonly number[];
  readonly ended: Readonly<Record<EndKind, readonly number[]>>;
  /** Of hosts that ended: they keep nothing more. */
  readonly settled: readonly number[];
  readonly runEnded: boolean;
}

/** `well` is ok or skipped; `badly` another end that the host told itself; `otherwise` what was concluded about it. */
export type EndKind = "well" | "badly" | "otherwise";
export const endKinds = ["well", "badly", "otherwise"] as const satisfies readonly EndKind[];

export interface SpooledBatch {
  readonly run: JournaledRun;
  /** A ControllerFrame, encoded. */
  readonly frame: Uint8Array;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly bytes: number;
}

/** Which hosts of a run were begun and which ended, for recovery. */
export interface Marks {
  readonly intended: ReadonlySet<number>;
  readonly ended: ReadonlySet<number>;
  /** Ended neither ok nor skipped. */
  readonly failures: number;
  /** Begun though their hosts can keep nothing. */
  readonly unclaimed: ReadonlySet<number>;
  /** Ended by themselves, and their hosts may not have heard that this is durable. */
  readonly unsettled: ReadonlySet<number>;
  /** Bytes of output that are in events already, of hosts that had some. */
  readonly output: ReadonlyMap<number, { readonly stdout: number; readonly stderr: number }>;
}

export type Seen =
  | { readonly kind: "new" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "accepted"; readonly planSha256: Uint8Array };

/** A batch that was written just now. */
export interface WrittenBatch extends SpooledBatch {
  /** Of its events that are nothing but output. */
  readonly outputBytes: number;
}

/** What a commit wrote, on disk after the next `sync`. */
export interface Written {
  readonly batches: readonly WrittenBatch[];
  /** To be called when it is on disk: from then on the runs count the events as theirs. */
  settle(): void;
}

/** Every method is one transaction, durable when `sync` has resolved after it; in the order in which they are called. */
export interface Journal {
  sync(): Promise<void>;
  /** What is known of a run id. */
  seen(uid: string): Seen;
  /** Records the run; undefined when its id is there already, whatever the caller saw before. */
  accept(uid: string, planSha256: Uint8Array, order: Uint8Array): JournaledRun | undefined;
  /** Never again takes a run of this id. False when it was accepted already. */
  refuse(uid: string, reason: string): boolean;
  refusals(): number;
  /** Also before the order has come; it is then cancelled from its start. */
  cancel(uid: string, actor: string): void;
  /** False where it says nothing new. A run goes on by it after a restart, when the web server is away. */
  release(run: JournaledRun, released: Released): boolean;
  openRuns(): JournaledRun[];
  order(run: JournaledRun): Uint8Array;
  marks(run: JournaledRun): Marks;
  /** Numbers the events and writes all of it, or nothing. The one before it must have been settled. */
  write(entries: readonly RunEntry[], acknowledged: readonly JournaledRun[]): Written;
  /** First batch of the run that has an event above `seq`. */
  batchAfter(run: JournaledRun, seq: number): SpooledBatch | undefined;
  /** The web server already has events up to `seq`: later ones count on from there. */
  continueAfter(run: JournaledRun, seq: number): void;
  spoolBytes(): number;
}

const maximumBatchEvents = 500;
const maximumBatchBytes = 256 * 1024;

export function createJournal({ sql: database, sync }: JournalDatabase, key: SealingKey): Journal {
  const sql = prepareStatements(database);
  let spoolBytes = sql.spoolBytes.get()?.bytes ?? 0;

  function mark(run: JournaledRun, kind: string, positions: readonly number[]): void {
    if (positions.length > 0) sql.mark.run(run.id, kind, Buffer.from(Uint32Array.from(positions).buffer));
  }

  function writeEntry(entry: RunEntry, written: WrittenBatch[]): void {
    const { run } = entry;
    mark(run, "intended", entry.intended);
    if (entry.unclaimed !== undefined) mark(run, "unclaimed", entry.unclaimed);
    const told = toldOutput(entry.events);
    if (told.length > 0) sql.mark.run(run.id, "output", Buffer.from(Float64Array.from(told).buffer));
    for (const kind of endKinds) mark(run, `ended_${kind}`, entry.ended[kind]);
    if (!isThrough(run)) mark(run, "settled", entry.settled);
    let seq = run.lastSeq;
    for (const events of split(entry.events)) {
      const firstSeq = seq + 1;
      seq += events.length;
      const { frame, batch, outputBytes } = encodeEvents(run.uid, firstSeq, events);
      sql.spool.run(run.id, firstSeq, seq, batch);
      written.push({ run, frame, firstSeq, lastSeq: seq, bytes: batch.byteLength, outputBytes });
    }
    sql.progress.run(seq, entry.runEnded || run.ended ? 1 : 0, run.id);
  }

  function forget(run: JournaledRun): number {
    const freed = sql.acknowledgedBytes.get(run.id, run.acknowledgedSeq)?.bytes ?? 0;
    sql.forgetSpool.run(run.id, run.acknowledgedSeq);
    sql.acknowledged.run(run.acknowledgedSeq, run.id);
    if (isThrough(run)) {
      sql.forgetMarks.run(run.id);
      sql.forgetRelease.run(run.id);
      sql.close.run(run.id);
    }
    return freed;
  }

  const journal: Journal = {
    sync,
    seen(uid) {
      const row = sql.seen.get(uid);
      if (row === undefined) return { kind: "new" };
      if (row.plan_sha256 === null) return { kind: "refused", reason: row.refused ?? "" };
      return { kind: "accepted", planSha256: row.plan_sha256 };
    },
    accept(uid, planSha256, order) {
      return database.transaction(() => {
        const cancelledBy = sql.takeEarlyCancel.get(uid)?.actor;
        const added = sql.accept.run(uid, planSha256, key.seal(order, `order ${uid}`), cancelledBy ?? null);
        if (added.changes === 0) return undefined;
        const run: JournaledRun = {
          id: Number(added.lastInsertRowid),
          uid,
          lastSeq: 0,
          acknowledgedSeq: 0,
          ended: false,
          released: unreleased,
        };
        if (cancelledBy !== undefined) run.cancelledBy = cancelledBy;
        return run;
      })();
    },
    refuse(uid, reason) {
      return database.transaction(() => {
        sql.refuse.run(uid, reason);
        return sql.seen.get(uid)?.plan_sha256 === null;
      })();
    },
    refusals: () => sql.refusals.get()?.count ?? 0,
    cancel(uid, actor) {
      database.transaction(() => {
        if (sql.seen.get(uid) === undefined) sql.cancelEarly.run(uid, actor);
        else sql.cancel.run(actor, uid);
      })();
    },
    release(run, { wave, failuresElsewhere }) {
      const before = run.released;
      const next = {
        wave: Math.max(before.wave, wave),
        failuresElsewhere: Math.max(before.failuresElsewhere, failuresElsewhere),
      };
      if (next.wave === before.wave && next.failuresElsewhere === before.failuresElsewhere) return false;
      sql.release.run(run.id, next.wave, next.failuresElsewhere);
      run.released = next;
      return true;
    },
    openRuns: () =>
      sql.openRuns.all().map((row) => ({
        id: row.id,
        uid: row.uid,
        lastSeq: row.last_seq,
        acknowledgedSeq: row.acknowledged_seq,
        ended: row.ended === 1,
        released: { wave: row.wave ?? 0, failuresElsewhere: row.failures_elsewhere ?? 0 },
        ...(row.cancelled_by === null ? {} : { cancelledBy: row.cancelled_by }),
      })),
    order(run) {
      const sealed = sql.order.get(run.id)?.sealed_order;
      if (sealed == null) throw new Error(`the order of run ${run.uid} is gone`);
      return key.open(sealed, `order ${run.uid}`);
    },
    marks(run) {
      const intended = new Set<number>();
      const ended = new Set<number>();
      const unclaimed = new Set<number>();
      const told = new Set<number>();
      const settled = new Set<number>();
      const output = new Map<number, { stdout: number; stderr: number }>();
      let failures = 0;
      for (const row of sql.marks.all(run.id)) {
        if (row.kind === "output") {
          addOutput(output, row.positions);
          continue;
        }
        const positions = unpack(row.positions);
        for (const marked of setsOf(row.kind)) for (const position of positions) marked.add(position);
        if (row.kind === "ended_badly" || row.kind === "ended_otherwise") failures += positions.length;
      }
      const unsettled = [...told].filter(
        (position) => intended.has(position) && !settled.has(position) && !unclaimed.has(position),
      );
      return { intended, ended, failures, unclaimed, unsettled: new Set(unsettled), output };

      function setsOf(kind: string): readonly Set<number>[] {
        if (kind === "intended") return [intended];
        if (kind === "unclaimed") return [unclaimed];
        if (kind === "settled") return [settled];
        return kind === "ended_otherwise" ? [ended] : [ended, told];
      }
    },
    write(entries, acknowledged) {
      const written: WrittenBatch[] = [];
      let freed = 0;
      database.transaction(() => {
        written.length = 0;
        freed = 0;
        for (const entry of entries) writeEntry(entry, written);
        for (const run of acknowledged) freed += forget(run);
      })();
      return {
        batches: written,
        settle() {
          for (const { run, lastSeq, bytes } of written) {
            run.lastSeq = lastSeq;
            spoolBytes += bytes;
          }
          for (const entry of entries) if (entry.runEnded) entry.run.ended = true;
          spoolBytes -= freed;
        },
      };
    },
    batchAfter(run, seq) {
      const row = sql.batchAfter.get(run.id, seq);
      if (row === undefined) return undefined;
      const frame = frameOf(row.events);
      return { run, frame, firstSeq: row.first_seq, lastSeq: row.last_seq, bytes: row.events.byteLength };
    },
    continueAfter(run, seq) {
      sql.progress.run(seq, run.ended ? 1 : 0, run.id);
      run.lastSeq = seq;
    },
    spoolBytes: () => spoolBytes,
  };
  return journal;
}

/** The web server has all of it. */
function isThrough(run: JournaledRun): boolean {
  return run.ended && run.acknowledgedSeq >= run.lastSeq;
}

const unreleased: Released = { wave: 0, failuresElsewhere: 0 };

function* split(events: readonly NewEvent[]): Generator<readonly NewEvent[]> {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < events.length; i += 1) {
    bytes += eventBytes(events[i]);
    if (i + 1 - start < maximumBatchEvents && bytes < maximumBatchBytes) continue;
    yield events.slice(start, i + 1);
    start = i + 1;
    bytes = 0;
  }
  if (start < events.length) yield start === 0 ? events : events.slice(start);
}

/** How far the output of hosts has come with these events: position, stdout, stderr, and so on. */
function toldOutput(events: readonly NewEvent[]): number[] {
  const told: number[] = [];
  for (const { kind } of events) {
    if (kind?.case !== "output") continue;
    const { position = 0, stderr = false, offset = 0n, data } = kind.value;
    const end = Number(offset) + (data?.byteLength ?? 0);
    told.push(position, stderr ? 0 : end, stderr ? end : 0);
  }
  return told;
}

function addOutput(output: Map<number, { stdout: number; stderr: number }>, blob: Buffer): void {
  const told = new Float64Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength));
  for (let at = 0; at + 2 < told.length; at += 3) {
    const [position = 0, stdout = 0, stderr = 0] = told.subarray(at, at + 3);
    const known = output.get(position) ?? { stdout: 0, stderr: 0 };
    output.set(position, { stdout: Math.max(known.stdout, stdout), stderr: Math.max(known.stderr, stderr) });
  }
}

function unpack(blob: Buffer): Uint32Array {
  return new Uint32Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength));
}

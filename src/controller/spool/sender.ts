import type { ControllerEnd } from "../../contract/link/link.ts";
import { reasonText } from "../../contract/reasons.ts";
import { encodeEvents } from "./encode-events.ts";
import type { Journal, JournaledRun, SpooledBatch } from "./journal.ts";
import type { NewEvent } from "./new-event.ts";

/** Sent and not acknowledged, at most; the rest waits on disk. */
const windowBytes = 4 * 1024 * 1024;
/**
 * The same for one run, so that a host that prints without end leaves room for the others. Twice what the web server
 * writes at a time: while it writes one half, the other is on its way.
 */
const runWindowBytes = 2 * 1024 * 1024;
/** Batches that are kept in memory between being written and being sent, so that they are not read back. */
const recentBytes = 4 * 1024 * 1024;

interface Progress {
  sentSeq: number;
  inFlight: { readonly lastSeq: number; readonly bytes: number }[];
  inFlightBytes: number;
  recent: Map<number, SpooledBatch>;
}

/** Sends what is on disk, run by run in turn, and resends after every new link what the web server does not have. */
export interface Sender {
  spooled(batches: readonly SpooledBatch[]): void;
  /** Sends over this link until it closes. `progress` is what the web server said in its Welcome. */
  serve(end: ControllerEnd, progress: ReadonlyMap<string, number>): Promise<void>;
  /** The web server has made events up to `seq` durable. True when that was the end of the run. */
  acknowledged(run: JournaledRun, seq: number): boolean;
}

export function createSender(journal: Journal, runs: ReadonlyMap<string, JournaledRun>): Sender {
  const progressOf = new Map<JournaledRun, Progress>();
  let unsent = new Set<JournaledRun>();
  let inFlightBytes = 0;
  let keptBytes = 0;
  let wake: (() => void) | undefined;

  function progress(run: JournaledRun): Progress {
    let found = progressOf.get(run);
    if (found === undefined) {
      found = { sentSeq: run.acknowledgedSeq, inFlight: [], inFlightBytes: 0, recent: new Map() };
      progressOf.set(run, found);
    }
    return found;
  }

  function dropRecent(state: Progress, upTo: number): void {
    for (const [seq, batch] of state.recent) {
      if (batch.lastSeq > upTo) break;
      state.recent.delete(seq);
      keptBytes -= batch.bytes;
    }
  }

  /** What was sent on an earlier link does not count; the web server says what it has. */
  function begin(said: ReadonlyMap<string, number>): void {
    inFlightBytes = 0;
    unsent = new Set();
    for (const run of runs.values()) {
      const state = progress(run);
      const had = said.get(run.uid) ?? run.acknowledgedSeq;
      state.inFlight = [];
      state.inFlightBytes = 0;
      state.sentSeq = had;
      if (had > run.lastSeq) journal.continueAfter(run, had);
      if (run.lastSeq > state.sentSeq) unsent.add(run);
    }
  }

  function next(run: JournaledRun): SpooledBatch | undefined {
    const state = progress(run);
    const kept = state.recent.get(state.sentSeq + 1);
    if (kept !== undefined) return kept;
    // What was acknowledged is no longer here; a web server restored from a backup asks for it all the same.
    if (state.sentSeq < run.acknowledgedSeq) return lostEvents(run, state.sentSeq);
    return journal.batchAfter(run, state.sentSeq);
  }

  /** In turn. A run of which nothing is underway may always send: others that fill the window do not hold it up. */
  function nextRun(): JournaledRun | undefined {
    for (const run of unsent) {
      const own = progress(run).inFlightBytes;
      if (own === 0 || (own < runWindowBytes && inFlightBytes < windowBytes)) return run;
    }
    return undefined;
  }

  async function serve(end: ControllerEnd, said: ReadonlyMap<string, number>): Promise<void> {
    begin(said);
    let open = true;
    void end.closed.then(() => {
      open = false;
      wake?.();
    });
    while (open) {
      const run = nextRun();
      if (run === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      unsent.delete(run);
      const batch = next(run);
      if (batch === undefined) continue;
      const state = progress(run);
      dropRecent(state, batch.lastSeq);
      state.sentSeq = batch.lastSeq;
      state.inFlight.push({ lastSeq: batch.lastSeq, bytes: batch.bytes });
      state.inFlightBytes += batch.bytes;
      inFlightBytes += batch.bytes;
      if (run.lastSeq > state.sentSeq) unsent.add(run);
      await end.send({ encoded: batch.frame });
    }
  }

  return {
    spooled(batches) {
      for (const batch of batches) {
        const state = progress(batch.run);
        if (keptBytes < recentBytes) {
          state.recent.set(batch.firstSeq, batch);
          keptBytes += batch.bytes;
        }
        unsent.add(batch.run);
      }
      if (batches.length > 0) wake?.();
    },
    serve,
    acknowledged(run, seq) {
      const state = progress(run);
      run.acknowledgedSeq = Math.max(run.acknowledgedSeq, Math.min(seq, run.lastSeq));
      while (state.inFlight[0] !== undefined && state.inFlight[0].lastSeq <= seq) {
        const bytes = state.inFlight.shift()?.bytes ?? 0;
        state.inFlightBytes -= bytes;
        inFlightBytes -= bytes;
      }
      dropRecent(state, seq);
      wake?.();
      const finished = run.ended && run.acknowledgedSeq >= run.lastSeq;
      if (finished) progressOf.delete(run);
      return finished;
    },
  };
}

/** Stands in for events that only the web server kept, and lost: it can go on, and says of those hosts that it does not know. */
function lostEvents(run: JournaledRun, after: number): SpooledBatch {
  const lastSeq = Math.min(run.acknowledgedSeq, after + 500);
  const value = { code: "events_lost", message: reasonText("event_gone") };
  const lost: NewEvent = { atMs: BigInt(Date.now()), kind: { case: "notice", value } };
  const events = Array.from({ length: lastSeq - after }, () => lost);
  const { frame, batch } = encodeEvents(run.uid, after + 1, events);
  return { run, frame, firstSeq: after + 1, lastSeq, bytes: batch.byteLength };
}

import type { Logger } from "pino";
import type { Observe } from "../observe.ts";
import {
  eventBytes,
  type Journal,
  type JournaledRun,
  type NewEvent,
  type SpooledBatch,
  type Written,
} from "./journal.ts";

/** How long a write waits for others to share its commit, in milliseconds. */
const intentDelay = 3;
const eventDelay = 25;
const acknowledgeDelay = 250;
const retryDelay = 500;
/** Commits at once when so much waits. */
const fullBytes = 512 * 1024;
const fullEvents = 400;

/**
 * Group commit: intents and events of all runs that come within a few milliseconds become durable together, in the
 * order in which they came. When the disk refuses (full), everything waits and is tried again: nothing is lost, and
 * as intents wait too, nothing new starts.
 */
export interface Recorder {
  /** Resolves when the intent to start these hosts is on disk, and with it their `dispatching` event. */
  intend(run: JournaledRun, positions: readonly number[]): Promise<void>;
  started(run: JournaledRun, position: number): void;
  add(run: JournaledRun, event: NewEvent): void;
  ended(run: JournaledRun, position: number, well: boolean, event: NewEvent): void;
  /** Resolves when it and everything before it is on disk. */
  runEnded(run: JournaledRun): Promise<void>;
  /** Resolves when everything added so far is on disk. */
  flushed(): Promise<void>;
  /** The web server has everything up to the run's `acknowledgedSeq`; the disk space is given back soon. */
  acknowledged(run: JournaledRun): void;
  /** Undefined when there is room; else resolves when there is again. Awaiting it is what slows engines down. */
  room(): Promise<void> | undefined;
  /** Writes what is left, then takes nothing more. Idempotent. */
  close(): Promise<void>;
}

interface Pending {
  events: NewEvent[];
  running: number[] | undefined;
  dispatching: number[] | undefined;
  intended: number[];
  endedWell: number[];
  endedOtherwise: number[];
  runEnded: boolean;
}

export interface RecorderOptions {
  readonly journal: Journal;
  readonly log: Logger;
  /** Events on disk but not acknowledged; past it engines are held back. */
  readonly spoolLimitBytes: number;
  /** Events not yet on disk; past it engines are held back. */
  readonly memoryLimitBytes: number;
  readonly onSpooled: (batches: readonly SpooledBatch[]) => void;
  readonly observe: Observe;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { journal, log, observe } = options;
  let pending = new Map<JournaledRun, Pending>();
  let acknowledgedRuns = new Set<JournaledRun>();
  let pendingBytes = 0;
  let pendingEvents = 0;
  let waiters: (() => void)[] = [];
  let roomWaiters: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let failing = false;
  let syncing: Promise<void> | undefined;
  let again = false;
  let closed = false;

  function entryOf(run: JournaledRun): Pending {
    let entry = pending.get(run);
    if (entry === undefined) {
      entry = {
        events: [],
        running: undefined,
        dispatching: undefined,
        intended: [],
        endedWell: [],
        endedOtherwise: [],
        runEnded: false,
      };
      pending.set(run, entry);
    }
    return entry;
  }

  function push(entry: Pending, event: NewEvent): void {
    entry.events.push(event);
    pendingBytes += eventBytes(event);
    pendingEvents += 1;
  }

  function schedule(delay: number): void {
    if (failing || closed) return;
    const wait = pendingBytes > fullBytes || pendingEvents > fullEvents ? 0 : delay;
    const due = performance.now() + wait;
    if (due >= dueAt) return;
    clearTimeout(timer);
    dueAt = due;
    timer = setTimeout(commit, wait);
  }

  /** While one commit is on its way to the disk, the next gathers. */
  function commit(): void {
    clearTimeout(timer);
    dueAt = Number.POSITIVE_INFINITY;
    if (syncing !== undefined) {
      again = true;
      return;
    }
    const entries = [...pending].map(([run, entry]) => ({ run, ...entry }));
    const acknowledged = [...acknowledgedRuns];
    if (entries.length === 0 && acknowledged.length === 0 && waiters.length === 0) return;
    let written: Written;
    try {
      observe("journal.before");
      written = journal.write(entries, acknowledged);
    } catch (error) {
      if (!failing) log.error({ error }, "the controller's journal cannot be written; nothing new starts until it can");
      failing = true;
      timer = setTimeout(retry, retryDelay);
      return;
    }
    pending = new Map();
    acknowledgedRuns = new Set();
    pendingBytes = 0;
    pendingEvents = 0;
    const waiting = waiters;
    waiters = [];
    syncing = journal.sync().then(
      () => {
        syncing = undefined;
        observe("journal.after");
        written.settle();
        for (const resolve of waiting) resolve();
        options.onSpooled(written.batches);
        wakeRoom();
        if (again) commit();
        again = false;
      },
      (error: unknown) => {
        // `syncing` stays set: nothing is written or started any more.
        log.fatal(
          { error },
          "the disk failed under the controller's journal; nothing starts until the controller is restarted",
        );
      },
    );
  }

  function retry(): void {
    failing = false;
    commit();
    if (!failing) log.info("the controller's journal is written again");
  }

  function isFull(): boolean {
    return pendingBytes > options.memoryLimitBytes || journal.spoolBytes() > options.spoolLimitBytes;
  }

  function wakeRoom(): void {
    if (roomWaiters.length === 0 || isFull()) return;
    const ready = roomWaiters;
    roomWaiters = [];
    for (const resolve of ready) resolve();
  }

  function durable(delay: number): Promise<void> {
    return new Promise((resolve) => {
      waiters.push(resolve);
      schedule(delay);
    });
  }

  return {
    intend(run, positions) {
      const entry = entryOf(run);
      entry.intended.push(...positions);
      if (entry.dispatching === undefined) {
        entry.dispatching = [];
        push(entry, {
          atMs: BigInt(Date.now()),
          kind: { case: "dispatching", value: { positions: entry.dispatching } },
        });
      }
      entry.dispatching.push(...positions);
      return durable(intentDelay);
    },
    started(run, position) {
      const entry = entryOf(run);
      if (entry.running === undefined) {
        entry.running = [];
        push(entry, { atMs: BigInt(Date.now()), kind: { case: "running", value: { positions: entry.running } } });
      }
      entry.running.push(position);
      schedule(eventDelay);
    },
    add(run, event) {
      push(entryOf(run), event);
      schedule(eventDelay);
    },
    ended(run, position, well, event) {
      const entry = entryOf(run);
      (well ? entry.endedWell : entry.endedOtherwise).push(position);
      push(entry, event);
      schedule(eventDelay);
    },
    runEnded(run) {
      const entry = entryOf(run);
      entry.runEnded = true;
      push(entry, { atMs: BigInt(Date.now()), kind: { case: "runEnded", value: {} } });
      return durable(intentDelay);
    },
    flushed: () => (pending.size === 0 ? Promise.resolve() : durable(intentDelay)),
    acknowledged(run) {
      acknowledgedRuns.add(run);
      schedule(acknowledgeDelay);
    },
    room() {
      if (closed || !isFull()) return undefined;
      return new Promise((resolve) => {
        roomWaiters.push(resolve);
      });
    },
    async close() {
      if (closed) return;
      closed = true;
      failing = false;
      await syncing;
      commit();
      await syncing;
      clearTimeout(timer);
      for (const resolve of roomWaiters) resolve();
    },
  };
}

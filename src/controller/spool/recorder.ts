import type { Logger } from "pino";
import {
  type EndKind,
  endKinds,
  type Journal,
  type JournaledRun,
  type RunEntry,
  type Written,
  type WrittenBatch,
} from "./journal.ts";
import { eventBytes, type NewEvent } from "./new-event.ts";

/**
 * How long a write waits for others to share its commit, in milliseconds. Hosts wait for intents, but less than for
 * their connection; where the last commit was just now, many hosts are about to start. People wait for events, which share
 * a commit of intents when they are due soon.
 */
const intentDelay = 2;
const busyIntentDelay = 30;
const busyMilliseconds = 100;
const eventDelay = 50;
const soon = 30;
const acknowledgeDelay = 250;
const retryDelay = 500;
/** Events are committed at once when so much of them waits. */
const fullBytes = 256 * 1024;
const fullEvents = 400;

/**
 * Group commit: what comes from all runs within a few milliseconds becomes durable together, events in the order in
 * which they came. When the disk refuses (full), everything waits and is tried again: nothing is lost, and as intents
 * wait too, nothing new starts.
 */
export interface Recorder {
  /** Resolves when the intent to start these hosts is on disk; their `dispatching` event follows. */
  intend(run: JournaledRun, positions: readonly number[]): Promise<void>;
  /** Resolves when it is on disk that these hosts run though they can keep nothing. */
  forgoClaim(run: JournaledRun, positions: readonly number[]): Promise<void>;
  started(run: JournaledRun, position: number): void;
  add(run: JournaledRun, event: NewEvent): void;
  ended(run: JournaledRun, position: number, kind: EndKind, event: NewEvent): void;
  /** These hosts keep nothing more. On disk soon; when it is not, they are only told once more. */
  settled(run: JournaledRun, positions: readonly number[]): void;
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

/** What waits for the next commit. */
class Waiting {
  readonly intents = new Map<JournaledRun, number[]>();
  readonly intended: (() => void)[] = [];
  readonly entries = new Map<JournaledRun, RunEvents>();
  readonly flushed: (() => void)[] = [];
  readonly acknowledged = new Set<JournaledRun>();
  bytes = 0;
  events = 0;
}

interface RunEvents {
  readonly events: NewEvent[];
  running: number[] | undefined;
  dispatching: number[] | undefined;
  readonly ended: Record<EndKind, number[]>;
  readonly settled: number[];
  readonly unclaimed: number[];
  runEnded: boolean;
}

export interface RecorderOptions {
  readonly journal: Journal;
  readonly log: Logger;
  /** Events on disk but not acknowledged; past it engines are held back. */
  readonly spoolLimitBytes: number;
  /** Events not yet on disk; past it engines are held back. */
  readonly memoryLimitBytes: number;
  readonly onSpooled: (batches: readonly WrittenBatch[]) => void;
  /** The ends of these hosts are on disk. */
  readonly onEnded?: (run: JournaledRun, positions: readonly number[]) => void;
}

export function createRecorder(options: RecorderOptions): Recorder {
  const { journal, log } = options;
  let waiting = new Waiting();
  let roomWaiters: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let committedAt = Number.NEGATIVE_INFINITY;
  /** Until then a commit leaves events to the next one. */
  let eventsDueAt = Number.POSITIVE_INFINITY;
  let failing = false;
  let syncing: Promise<void> | undefined;
  let again = false;
  let closed = false;

  function eventsOf(run: JournaledRun): RunEvents {
    let entry = waiting.entries.get(run);
    if (entry === undefined) {
      entry = {
        events: [],
        running: undefined,
        dispatching: undefined,
        ended: { well: [], badly: [], otherwise: [] },
        settled: [],
        unclaimed: [],
        runEnded: false,
      };
      waiting.entries.set(run, entry);
    }
    return entry;
  }

  function push(entry: RunEvents, event: NewEvent, delay = eventDelay): void {
    entry.events.push(event);
    waiting.bytes += eventBytes(event);
    waiting.events += 1;
    scheduleEvents(waiting.bytes > fullBytes || waiting.events > fullEvents ? 0 : delay);
  }

  function scheduleEvents(delay: number): void {
    eventsDueAt = Math.min(eventsDueAt, performance.now() + delay);
    schedule(delay);
  }

  function schedule(delay: number): void {
    if (failing || closed) return;
    const due = performance.now() + delay;
    if (due >= dueAt) return;
    clearTimeout(timer);
    dueAt = due;
    timer = setTimeout(commit, Math.max(0, delay));
  }

  /** Takes what is due; intents always are. */
  function takeDue(): Waiting {
    const due = waiting;
    waiting = new Waiting();
    dueAt = Number.POSITIVE_INFINITY;
    if (eventsDueAt > performance.now() + soon) {
      const rest = waiting;
      for (const [run, entry] of due.entries) rest.entries.set(run, entry);
      rest.bytes = due.bytes;
      rest.events = due.events;
      rest.flushed.push(...due.flushed);
      due.entries.clear();
      due.flushed.length = 0;
      if (eventsDueAt !== Number.POSITIVE_INFINITY) schedule(eventsDueAt - performance.now());
    } else {
      eventsDueAt = Number.POSITIVE_INFINITY;
    }
    return due;
  }

  function putBack(due: Waiting): void {
    const newer = waiting;
    waiting = due;
    for (const [run, entry] of newer.entries) if (!due.entries.has(run)) due.entries.set(run, entry);
    due.bytes += newer.bytes;
    due.events += newer.events;
    eventsDueAt = 0;
  }

  /** While one commit is on its way to the disk, the next gathers. */
  function commit(): void {
    clearTimeout(timer);
    if (syncing !== undefined) {
      dueAt = Number.POSITIVE_INFINITY;
      again = true;
      return;
    }
    const due = takeDue();
    if (isEmpty(due)) return;
    let written: Written;
    try {
      written = journal.write(entriesOf(due), [...due.acknowledged]);
    } catch (error) {
      if (!failing) log.error({ error }, "the controller's journal cannot be written; nothing new starts until it can");
      failing = true;
      putBack(due);
      clearTimeout(timer);
      timer = setTimeout(retry, retryDelay);
      return;
    }
    committedAt = performance.now();
    syncing = journal.sync().then(
      () => settle(due, written),
      (error: unknown) => {
        // `syncing` stays set: nothing is written or started any more.
        log.fatal(
          { error },
          "the disk failed under the controller's journal; restart the controller when it is mended",
        );
      },
    );
  }

  function settle(due: Waiting, written: Written): void {
    syncing = undefined;
    written.settle();
    for (const resolve of due.intended) resolve();
    for (const resolve of due.flushed) resolve();
    options.onSpooled(written.batches);
    for (const [run, { ended }] of due.entries) {
      const positions = endKinds.flatMap((kind) => ended[kind]);
      if (positions.length > 0) options.onEnded?.(run, positions);
    }
    wakeRoom();
    if (again) commit();
    again = false;
  }

  function retry(): void {
    failing = false;
    dueAt = Number.POSITIVE_INFINITY;
    commit();
    if (!failing) log.info("the controller's journal is written again");
  }

  function isFull(): boolean {
    return waiting.bytes > options.memoryLimitBytes || journal.spoolBytes() > options.spoolLimitBytes;
  }

  function wakeRoom(): void {
    if (roomWaiters.length === 0 || isFull()) return;
    const ready = roomWaiters;
    roomWaiters = [];
    for (const resolve of ready) resolve();
  }

  function durable(): Promise<void> {
    return new Promise((resolve) => {
      waiting.flushed.push(resolve);
      scheduleEvents(intentDelay);
    });
  }

  return {
    intend(run, positions) {
      const intents = waiting.intents.get(run);
      if (intents === undefined) waiting.intents.set(run, [...positions]);
      else intents.push(...positions);
      const entry = eventsOf(run);
      if (entry.dispatching === undefined) {
        entry.dispatching = [];
        push(entry, {
          atMs: BigInt(Date.now()),
          kind: { case: "dispatching", value: { positions: entry.dispatching } },
        });
      }
      entry.dispatching.push(...positions);
      return new Promise((resolve) => {
        waiting.intended.push(resolve);
        schedule(performance.now() - committedAt < busyMilliseconds ? busyIntentDelay : intentDelay);
      });
    },
    forgoClaim(run, positions) {
      eventsOf(run).unclaimed.push(...positions);
      return durable();
    },
    started(run, position) {
      const entry = eventsOf(run);
      if (entry.running === undefined) {
        entry.running = [];
        push(entry, { atMs: BigInt(Date.now()), kind: { case: "running", value: { positions: entry.running } } });
      }
      entry.running.push(position);
    },
    add(run, event) {
      push(eventsOf(run), event);
    },
    ended(run, position, kind, event) {
      const entry = eventsOf(run);
      entry.ended[kind].push(position);
      push(entry, event);
    },
    settled(run, positions) {
      if (closed) return;
      eventsOf(run).settled.push(...positions);
      scheduleEvents(acknowledgeDelay);
    },
    runEnded(run) {
      const entry = eventsOf(run);
      entry.runEnded = true;
      push(entry, { atMs: BigInt(Date.now()), kind: { case: "runEnded", value: {} } });
      return durable();
    },
    flushed: () => (waiting.events === 0 && syncing === undefined ? Promise.resolve() : durable()),
    acknowledged(run) {
      waiting.acknowledged.add(run);
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
      eventsDueAt = 0;
      commit();
      await syncing;
      clearTimeout(timer);
      for (const resolve of roomWaiters) resolve();
    },
  };
}

function isEmpty({ intents, entries, acknowledged, flushed }: Waiting): boolean {
  return intents.size + entries.size + acknowledged.size + flushed.length === 0;
}

function entriesOf({ intents, entries }: Waiting): RunEntry[] {
  const runs = new Set([...intents.keys(), ...entries.keys()]);
  return [...runs].map((run) => ({ ...(entries.get(run) ?? nothing), run, intended: intents.get(run) ?? [] }));
}

const nothing = { events: [], ended: { well: [], badly: [], otherwise: [] }, settled: [], runEnded: false };

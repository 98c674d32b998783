import type { Logger } from "pino";
import { OmError } from "../../contract/errors.ts";
import type { Event, EventBatch } from "../../contract/link/controller_pb.ts";
import type { RunChange } from "../store/repositories/executions.ts";
import type { Run } from "../store/repositories/runs.ts";
import type { Store } from "../store/store.ts";
import { auditTrustedKeys } from "./audit-keys.ts";
import { foldEvents } from "./fold-events.ts";

/** A change is written when it has so many events or so many bytes; */
const groupEvents = 500;
const groupBytes = 256 * 1024;
/** else soon where a run was quiet, and four times a second where it is busy: each write has a price of its own. */
const quietMilliseconds = 20;
const busyMilliseconds = 250;
/** Events in memory for all runs of a link; past it the link is not read. */
const memoryBytes = 8 * 1024 * 1024;
const retryMilliseconds = 500;

export interface IngestOptions {
  readonly store: Store;
  /** Told after each commit. */
  readonly live: { changed(runId: number): void };
  readonly log: Logger;
  readonly clock?: () => number;
}

/** Events of one link on their way into the store. */
export interface IngestSession {
  /** Resolves when there is room for more; not awaiting it would let memory grow. */
  push(batch: EventBatch): Promise<void>;
  /** Lets the write that is underway end and drops the rest, which the controller sends again. */
  close(): Promise<void>;
}

export interface IngestLink {
  readonly controller: string;
  /** What the store had when the link was opened. */
  readonly progress: ReadonlyMap<string, number>;
  /** Events up to `seq` are durable in the store. */
  readonly acknowledge: (runUid: string, seq: number) => void;
  /** Told of the run after each of its batches is in the store. */
  readonly applied?: (run: Run) => void;
  /** A gap: only a new link, on which the controller sends again, mends it. */
  readonly broken: (error: OmError) => void;
}

interface RunQueue {
  readonly uid: string;
  /** Highest event taken into the queue; undefined until the first. */
  lastSeq: number | undefined;
  events: Event[];
  bytes: number;
  writing: boolean;
  writtenAt: number;
  timer: NodeJS.Timeout | undefined;
  run: Run | undefined;
}

/**
 * Groups events per run, folds them, and writes each group as one transaction; then acknowledges, then wakes live
 * views. One write per run at a time, in order. A database that does not answer is tried again for as long as it takes,
 * while the controllers wait.
 */
export function createIngest(options: IngestOptions): Ingest {
  return { open: (link) => openSession(options, link) };
}

export interface Ingest {
  open(link: IngestLink): IngestSession;
}

function openSession(options: IngestOptions, link: IngestLink): IngestSession {
  const { store, live, log } = options;
  const queues = new Map<string, RunQueue>();
  let heldBytes = 0;
  let closed = false;
  let roomWaiters: (() => void)[] = [];
  const writes = new Set<Promise<void>>();

  function queueOf(uid: string): RunQueue {
    let queue = queues.get(uid);
    if (queue === undefined) {
      queue = {
        uid,
        lastSeq: link.progress.get(uid),
        events: [],
        bytes: 0,
        writing: false,
        writtenAt: 0,
        timer: undefined,
        run: undefined,
      };
      queues.set(uid, queue);
    }
    return queue;
  }

  function add(queue: RunQueue, events: readonly Event[]): void {
    for (const event of events) {
      const seq = Number(event.seq);
      if (queue.lastSeq !== undefined && seq <= queue.lastSeq) continue;
      if (queue.lastSeq !== undefined && seq !== queue.lastSeq + 1) {
        throw new OmError(
          "store.conflict",
          `Events ${queue.lastSeq + 1} to ${seq - 1} of run ${queue.uid} are missing.`,
        );
      }
      queue.lastSeq = seq;
      queue.events.push(event);
      const bytes = sizeOf(event);
      queue.bytes += bytes;
      heldBytes += bytes;
    }
  }

  function flushSoon(queue: RunQueue): void {
    if (queue.writing || closed || queue.events.length === 0) return;
    const ending = queue.events.at(-1)?.kind.case === "runEnded";
    if (ending || queue.events.length >= groupEvents || queue.bytes >= groupBytes) flush(queue);
    else queue.timer ??= setTimeout(() => flush(queue), untilDue(queue));
  }

  function untilDue(queue: RunQueue): number {
    return Math.max(quietMilliseconds, queue.writtenAt + busyMilliseconds - performance.now());
  }

  function flush(queue: RunQueue): void {
    clearTimeout(queue.timer);
    queue.timer = undefined;
    if (queue.writing || closed) return;
    const { events, bytes } = queue;
    queue.events = [];
    queue.bytes = 0;
    queue.writing = true;
    const write = writeGroup(queue, events).finally(() => {
      writes.delete(write);
      heldBytes -= bytes;
      queue.writing = false;
      queue.writtenAt = performance.now();
      wakeRoom();
      flushSoon(queue);
    });
    writes.add(write);
  }

  async function writeGroup(queue: RunQueue, events: readonly Event[]): Promise<void> {
    for (let attempt = 1; !closed; attempt += 1) {
      try {
        return await writeOnce(queue, events);
      } catch (error) {
        if (error instanceof OmError && error.code === "store.conflict") return link.broken(error);
        log.error({ error, run: queue.uid, attempt }, "events could not be stored; they are tried again");
        await new Promise((resolve) => setTimeout(resolve, Math.min(retryMilliseconds * attempt, 5000)));
      }
    }
  }

  async function writeOnce(queue: RunQueue, events: readonly Event[]): Promise<void> {
    const { change, notices } = foldEvents(queue.uid, link.controller, events);
    queue.run ??= await store.runs.getByUid(queue.uid);
    if (queue.run === undefined) {
      log.error(
        { run: queue.uid, controller: link.controller },
        "a controller tells of a run that the store does not have",
      );
    } else {
      await auditTrustedKeys(store, queue.run, link.controller, notices, (options.clock ?? Date.now)());
      queue.run = await applied(change);
    }
    for (const { code, position, message } of notices) {
      log.info({ run: queue.uid, controller: link.controller, code, position, message }, "notice of a controller");
    }
    link.acknowledge(queue.uid, change.lastSeq);
    if (queue.run !== undefined) {
      live.changed(queue.run.id);
      link.applied?.(queue.run);
    }
    if (change.runEnded && queue.events.length === 0) queues.delete(queue.uid);
  }

  /** Undefined where the run was deleted meanwhile: it had ended, and what comes late of it is nobody's. */
  async function applied(change: RunChange): Promise<Run | undefined> {
    try {
      return await store.runs.apply(change);
    } catch (error) {
      if (error instanceof OmError && error.code === "request.not_found") return undefined;
      throw error;
    }
  }

  function wakeRoom(): void {
    if (heldBytes > memoryBytes && !closed) return;
    const ready = roomWaiters;
    roomWaiters = [];
    for (const resolve of ready) resolve();
  }

  return {
    async push(batch) {
      if (closed) return;
      const queue = queueOf(batch.runUid);
      try {
        add(queue, batch.events);
      } catch (error) {
        return link.broken(
          error instanceof OmError ? error : new OmError("internal.error", String(error), { cause: error }),
        );
      }
      // Nothing new in it: the acknowledgement was lost with the last link.
      if (queue.events.length === 0 && !queue.writing && queue.lastSeq !== undefined)
        link.acknowledge(queue.uid, queue.lastSeq);
      flushSoon(queue);
      if (heldBytes <= memoryBytes) return;
      await new Promise<void>((resolve) => {
        roomWaiters.push(resolve);
      });
    },
    async close() {
      closed = true;
      for (const queue of queues.values()) clearTimeout(queue.timer);
      wakeRoom();
      await Promise.all(writes);
    },
  };
}

function sizeOf({ kind }: Event): number {
  switch (kind.case) {
    case "output":
      return 200 + kind.value.data.byteLength;
    case "ended":
      return 400 + kind.value.stdout.byteLength + kind.value.stderr.byteLength;
    case "dispatching":
    case "running":
      return 100 + 8 * kind.value.positions.length;
    case "step":
      return 400 + kind.value.diff.length + kind.value.message.length;
    case "facts":
      return 200 + kind.value.facts.byteLength;
    case "notice":
    case "runEnded":
    case undefined:
      return 300;
  }
}

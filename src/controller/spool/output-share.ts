import type { JournaledRun, WrittenBatch } from "./journal.ts";

/** Output of all hosts between their engines and the web server's store; past it hosts that print much wait. */
const shareBytes = 512 * 1024;
/** A host that has printed no more never waits. */
const freeBytes = 64 * 1024;
/** About what a host tells when its turn has come. */
const turnBytes = 64 * 1024;
/** When nothing is acknowledged for so long, hosts tell one share more all the same. Milliseconds. */
const patience = 1000;
const againMilliseconds = 20;

/**
 * Keeps output that is on its way short, so that the small events of other hosts never wait behind much of it: they share
 * the sequence of their run, the link and the store with it. Hosts that print much take turns, all runs alike, at the pace
 * at which the web server makes their output durable. While it is away nobody waits here: what comes is kept on disk, up
 * to the spool's limit. Where it is there and does not answer, they go on slowly, so that the way is not full of output
 * when it does.
 */
export interface OutputShare {
  /** Undefined while this host may tell more of its output; else resolves when it may. Resolves in any case soon. */
  room(run: JournaledRun, position: number): Promise<void> | undefined;
  /** The host has told so much more. */
  told(run: JournaledRun, position: number, bytes: number): void;
  spooled(batches: readonly WrittenBatch[]): void;
  acknowledged(run: JournaledRun, seq: number): void;
  /** Whether a link carries events just now. Not at first. */
  linked(delivering: boolean): void;
  /** Nobody waits any more. */
  close(): void;
}

interface RunOutput {
  readonly printed: Map<number, number>;
  /** What batches hold of it, oldest first. */
  readonly spooled: { readonly lastSeq: number; readonly bytes: number }[];
  /** Told, and not acknowledged. */
  bytes: number;
}

export function createOutputShare(): OutputShare {
  const outputOf = new Map<JournaledRun, RunOutput>();
  let waiting: (() => void)[] = [];
  let total = 0;
  /** No link carries events: the spool takes everything. */
  let open = true;
  let impatient: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let closed = false;

  function of(run: JournaledRun): RunOutput {
    let output = outputOf.get(run);
    if (output === undefined) {
      output = { printed: new Map(), spooled: [], bytes: 0 };
      outputOf.set(run, output);
    }
    return output;
  }

  function wakeAll(): void {
    const ready = waiting;
    waiting = [];
    for (const resolve of ready) resolve();
  }

  /** As many as there is room for, in the order in which they came. What they tell counts when it is told. */
  function wakeSome(): void {
    again = undefined;
    if (waiting.length === 0 || total >= shareBytes) return;
    const turns = Math.max(1, Math.floor((shareBytes - total) / turnBytes));
    for (const resolve of waiting.splice(0, turns)) resolve();
    // Those may have nothing more to tell, and then nothing would wake the others.
    if (waiting.length > 0) again = setTimeout(wakeSome, againMilliseconds);
  }

  function expectProgress(): void {
    clearTimeout(impatient);
    impatient = undefined;
    if (waiting.length === 0) return;
    impatient = setTimeout(() => {
      for (const resolve of waiting.splice(0, shareBytes / turnBytes)) resolve();
      expectProgress();
    }, patience);
  }

  function take(output: RunOutput, bytes: number): void {
    output.bytes -= bytes;
    total -= bytes;
  }

  return {
    room(run, position) {
      if (open || closed) return undefined;
      if (total < shareBytes && waiting.length === 0) return undefined;
      if ((outputOf.get(run)?.printed.get(position) ?? 0) <= freeBytes) return undefined;
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (impatient === undefined) expectProgress();
      });
    },
    told(run, position, bytes) {
      const output = of(run);
      output.printed.set(position, (output.printed.get(position) ?? 0) + bytes);
      output.bytes += bytes;
      total += bytes;
    },
    spooled(batches) {
      for (const { run, outputBytes, lastSeq } of batches) {
        if (outputBytes > 0) outputOf.get(run)?.spooled.push({ lastSeq, bytes: outputBytes });
      }
    },
    acknowledged(run, seq) {
      const output = outputOf.get(run);
      if (output !== undefined) {
        while (output.spooled[0] !== undefined && output.spooled[0].lastSeq <= seq) {
          take(output, output.spooled.shift()?.bytes ?? 0);
        }
        if (run.ended && run.acknowledgedSeq >= run.lastSeq) {
          take(output, output.bytes);
          outputOf.delete(run);
        }
      }
      clearTimeout(again);
      wakeSome();
      expectProgress();
    },
    linked(delivering) {
      open = !delivering;
      if (open) wakeAll();
    },
    close() {
      closed = true;
      clearTimeout(impatient);
      clearTimeout(again);
      wakeAll();
    },
  };
}

import type { Logger } from "pino";
import type { Store } from "../store/store.ts";

/** A sweep an hour, of all web servers together; a little less, so that none is missed for a timer that came early. */
const everyMilliseconds = 60 * 60_000;
const oneInMilliseconds = 55 * 60_000;
/** After the start, when controllers and browsers have come back. */
const firstAfterMilliseconds = 5 * 60_000;
const hiddenAtOnce = 500;
export const dayMilliseconds = 86_400_000;

export interface RunRetentionOptions {
  readonly store: Store;
  /** Days that ended runs are kept; null for ever. Asked anew for each sweep. */
  readonly keepRunsDays: () => Promise<number | null>;
  readonly log: Logger;
  readonly clock?: () => number;
}

export interface RunRetention {
  /** Deletes what is due, unless a web server has done so within the hour. Never throws: a fault is logged, and the next sweep goes on. */
  sweep(): Promise<void>;
  /** Lets the piece that is under way end; what is left the next sweep finds. */
  close(): Promise<void>;
}

/**
 * Deletes runs that ended longer ago than they are kept, with all that is theirs. The audit says so before it happens;
 * it is the only thing that stays. What an earlier sweep had begun is brought to its end, also when runs are kept for
 * ever by now.
 */
export function createRunRetention(options: RunRetentionOptions): RunRetention {
  const { store, keepRunsDays, log } = options;
  const clock = options.clock ?? Date.now;
  const stop = new AbortController();
  let sweeping: Promise<void> | undefined;

  async function sweepOnce(): Promise<void> {
    try {
      const claim = await store.retention.claimSweep(clock(), oneInMilliseconds);
      if (claim === "early") return;
      const days = claim === "due" ? await keepRunsDays() : null;
      if (days !== null) await hideEnded(clock() - days * dayMilliseconds, days);
      let deleted = 0;
      while (!stop.signal.aborted && (await store.retention.deleteHidden(stop.signal))) deleted += 1;
      if (days === null && deleted === 0) return;
      const outputs = await store.retention.deleteOutputs(stop.signal);
      if (deleted + outputs > 0) log.info({ runs: deleted, outputs }, "runs that ended long ago were deleted");
    } catch (error) {
      log.warn({ error }, "runs that ended long ago could not be deleted; the next sweep goes on");
    }
  }

  async function hideEnded(before: number, days: number): Promise<void> {
    const { runs, upTo } = await store.retention.ended(before);
    if (runs === 0 || stop.signal.aborted) return;
    await store.audit.append({
      at: clock(),
      actor: "run retention",
      source: "web server",
      action: "run.delete",
      object: runs === 1 ? `run ${upTo}` : `${runs} runs up to run ${upTo}`,
      hosts: "",
      detail: { runs, upTo, endedBefore: new Date(before).toISOString(), keepRunsDays: days },
    });
    // To the end, also when the server closes: it takes little, and the audit has said it.
    while ((await store.retention.hide(before, hiddenAtOnce)) > 0);
  }

  function sweep(): Promise<void> {
    sweeping ??= sweepOnce().finally(() => {
      sweeping = undefined;
    });
    return sweeping;
  }

  const first = setTimeout(() => void sweep(), firstAfterMilliseconds).unref();
  const timer = setInterval(() => void sweep(), everyMilliseconds).unref();
  return {
    sweep,
    async close() {
      stop.abort();
      clearTimeout(first);
      clearInterval(timer);
      await sweeping;
    },
  };
}

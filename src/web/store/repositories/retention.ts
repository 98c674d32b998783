export interface EndedRuns {
  readonly runs: number;
  /** The highest number among them; 0 where there are none. */
  readonly upTo: number;
}

/**
 * How old runs go. First a run is hidden: from that commit on nobody sees it, though its rows are still there. Then
 * they are deleted in pieces, and last the output that no other run has. Each step may be cut anywhere and is taken up
 * again; several web servers may be at it at once.
 *
 * Never hidden: a run that is not final, one that waits, and the newest one of all, so that its number is not given out
 * again, whatever the database or a restored backup counts by.
 */
export interface RetentionRepository {
  /** Final runs that ended before. */
  ended(before: number): Promise<EndedRuns>;
  /**
   * Other than `early` once in `milliseconds`, whoever of several web servers asks: that one sweeps. `unsure` where the last
   * sweep lies more than two days back, or ahead, or there was none: so it is after a long stop, and so it is when a clock
   * has jumped, by which nothing must be deleted. The next sweep knows better.
   */
  claimSweep(now: number, milliseconds: number): Promise<"early" | "unsure" | "due">;
  /**
   * Hides at most `limit` final runs that ended before, in one short transaction; how many. Their idempotency keys are
   * free again, and reruns of them say that they are gone.
   */
  hide(before: number, limit: number): Promise<number>;
  /** The highest number of a run that was ever hidden; 0 before the first. */
  hiddenUpTo(): Promise<number>;
  /**
   * Deletes one hidden run with all that is its own, in transactions of a few hundred rows. False when none is left, or
   * when it was aborted.
   */
  deleteHidden(signal: AbortSignal): Promise<boolean>;
  /**
   * Deletes kept output that belongs to no run any more, in transactions of a few hundred rows or a few mebibytes; how
   * many different ones. What it deletes a writer that needs the same content writes anew.
   */
  deleteOutputs(signal: AbortSignal): Promise<number>;
}

import type { Execution } from "../store/repositories/executions.ts";
import type { Run, Scope } from "../store/repositories/runs.ts";

export interface LiveRun {
  readonly seq: number;
  readonly run: Run;
  /** Executions that changed after the reader's seq, by position; all of them in a new reader's first frame. */
  readonly executions: readonly Execution[];
}

export interface LiveOutput {
  readonly position: number;
  readonly stream: "stdout" | "stderr";
  readonly offset: number;
  readonly data: Uint8Array;
}

export type LiveItem =
  | { readonly kind: "run"; readonly frame: LiveRun }
  | { readonly kind: "output"; readonly output: LiveOutput };

/**
 * What a reader of a run page sees as it comes. It reads the store, which is the truth, and is only woken by ingest: a
 * reader that resumes with the last seq it saw misses nothing and gets nothing twice.
 */
export interface Live {
  /**
   * At most ten `run` frames a second, each the sum of what changed since the last; output of `output.position` in order
   * without holes. Ends after the frame of a final run. A slow reader gets fewer, larger frames: nothing is queued for it.
   */
  follow(
    runId: number,
    scope: Scope,
    options: { since?: number; output?: { position: number; stdoutOffset: number; stderrOffset: number } },
    signal: AbortSignal,
  ): AsyncIterable<LiveItem>;
  /** Told by ingest and dispatch after a commit. */
  changed(runId: number): void;
}

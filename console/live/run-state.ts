import type { Execution, LiveFrame, Run } from "../api/types.ts";

/** What the console knows of a run. Immutable; executions stand at their position. */
export interface RunView {
  /** Highest frame seen: where a new connection resumes. */
  readonly seq: number;
  readonly run: Run | undefined;
  readonly executions: readonly (Execution | undefined)[];
}

export const emptyRunView: RunView = { seq: 0, run: undefined, executions: [] };

/**
 * The view after a frame. Applying a frame twice, or an older one after a newer, changes nothing (the same object comes
 * back): every part carries its own version and only a newer one replaces what is there.
 */
export function applyFrame(view: RunView, frame: LiveFrame): RunView {
  const run = view.run === undefined || frame.run.liveSeq > view.run.liveSeq ? frame.run : view.run;
  let executions: (Execution | undefined)[] | undefined;
  for (const execution of frame.executions) {
    const held = (executions ?? view.executions)[execution.position];
    if (held !== undefined && held.liveSeq >= execution.liveSeq) continue;
    executions ??= [...view.executions];
    executions[execution.position] = execution;
  }
  const seq = Math.max(view.seq, frame.seq);
  if (run === view.run && executions === undefined && seq === view.seq) return view;
  return { seq, run, executions: executions ?? view.executions };
}

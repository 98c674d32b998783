import type { Execution, LiveFrame, Run, RunHosts } from "../api/types.ts";

/** What the console knows of a run. Immutable; executions stand at their position. */
export interface RunView {
  /** Highest frame seen: where a new connection resumes. */
  readonly seq: number;
  readonly run: Run | undefined;
  readonly executions: readonly (Execution | undefined)[];
}

export const emptyRunView: RunView = { seq: 0, run: undefined, executions: [] };

/** The view of a run whose hosts came in columns. Texts that many hosts share are held once. */
export function openRunView(hosts: RunHosts): { readonly view: RunView; readonly executions: readonly Execution[] } {
  const { createdAt } = hosts.run;
  const executions = hosts.answerOf.map((number, position): Execution => {
    const answer = hosts.answers[number];
    if (answer === undefined) throw new Error(`the hosts of run ${hosts.run.id} name an answer that is not there`);
    const started = hosts.startedAfter[position] ?? undefined;
    const finished = hosts.finishedAfter[position] ?? undefined;
    return {
      position,
      hostId: hosts.hostIds[position] ?? 0,
      hostName: hosts.hostNames[position] ?? "",
      address: hosts.addresses[position] ?? "",
      engine: answer.engine,
      wave: answer.wave,
      state: answer.state,
      exitCode: answer.exitCode,
      signal: answer.signal,
      reason: answer.reason,
      startedAt: started === undefined ? undefined : createdAt + started,
      finishedAt: finished === undefined ? undefined : createdAt + finished,
      stdoutBytes: answer.stdoutBytes,
      stderrBytes: answer.stderrBytes,
      output: answer.output,
      stdoutSha256: answer.stdoutSha256,
      stderrSha256: answer.stderrSha256,
      liveSeq: hosts.seq,
    };
  });
  for (const [position, reason] of hosts.reasons) change(executions, position, { reason });
  for (const [position, liveSeq] of hosts.newer) change(executions, position, { liveSeq });
  return { view: { seq: hosts.seq, run: hosts.run, executions }, executions };
}

/**
 * The view after a frame. Applying a frame twice, or an older one after a newer, changes nothing (the same object comes
 * back): every part carries its own version and only a newer one replaces what is there. `onChange` hears of every
 * execution that is replaced.
 */
export function applyFrame(view: RunView, frame: LiveFrame, onChange?: (execution: Execution) => void): RunView {
  const run = view.run === undefined || frame.run.liveSeq > view.run.liveSeq ? frame.run : view.run;
  let executions: (Execution | undefined)[] | undefined;
  for (const execution of frame.executions) {
    const held = (executions ?? view.executions)[execution.position];
    if (held !== undefined && held.liveSeq >= execution.liveSeq) continue;
    executions ??= [...view.executions];
    executions[execution.position] = execution;
    onChange?.(execution);
  }
  const seq = Math.max(view.seq, frame.seq);
  if (run === view.run && executions === undefined && seq === view.seq) return view;
  return { seq, run, executions: executions ?? view.executions };
}

function change(executions: Execution[], position: number, part: Partial<Execution>): void {
  const execution = executions[position];
  if (execution !== undefined) executions[position] = { ...execution, ...part };
}

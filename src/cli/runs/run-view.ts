import type { z } from "zod";
import { foldHosts } from "../../contract/host-range.ts";
import type { execution, run } from "../../contract/http/schemas/runs.ts";
import { type ExecutionState, executionStates, isFinalExecutionState } from "../../contract/states.ts";
import { safeLine } from "../terminal/safe-text.ts";
import { count, timeText } from "../terminal/table.ts";
import { fitted, padded } from "../terminal/text-width.ts";
import type { LiveFrame } from "./live-stream.ts";

export type RunRow = z.output<typeof run>;
export type ExecutionRow = z.output<typeof execution>;

/** A run as its frames tell it. */
export interface RunView {
  readonly run: RunRow;
  readonly executions: ReadonlyMap<number, ExecutionRow>;
}

/** Takes a frame in; a frame that was there before changes nothing. */
export function withFrame(view: RunView | undefined, frame: LiveFrame): RunView {
  const executions = new Map(view?.executions);
  for (const each of frame.executions) executions.set(each.position, each);
  return { run: frame.run, executions };
}

/** Hosts whose answers are the same so far. */
export interface ViewGroup {
  readonly state: ExecutionState;
  readonly exitCode?: number;
  readonly signal: string;
  readonly reason: string;
  readonly stdoutSha256?: string;
  readonly stderrSha256?: string;
  readonly count: number;
  /** Folded: `web[01-12]`. */
  readonly hosts: string;
}

/** Ended ones first, worst first, then what still goes on; larger groups before smaller ones. */
export function groupsOf(executions: Iterable<ExecutionRow>): ViewGroup[] {
  const groups = Map.groupBy(executions, (each) => {
    const { state, exitCode, signal, reason, stdoutSha256, stderrSha256 } = each;
    return JSON.stringify(
      isFinalExecutionState(state) ? [state, exitCode, signal, reason, stdoutSha256, stderrSha256] : state,
    );
  });
  return [...groups.values()]
    .flatMap((members) => {
      const [first] = members;
      if (first === undefined) return [];
      const { state, exitCode, signal, stdoutSha256, stderrSha256 } = first;
      const reason = isFinalExecutionState(state) ? first.reason : "";
      const hosts = foldHosts(members.map(({ hostName }) => hostName));
      return [{ state, exitCode, signal, reason, stdoutSha256, stderrSha256, count: members.length, hosts }];
    })
    .sort(
      (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.count - a.count || (a.hosts < b.hosts ? -1 : 1),
    );
}

const order: readonly ExecutionState[] = [
  "unknown",
  "failed",
  "timed_out",
  "unreachable",
  "cancelled",
  "not_started",
  "skipped",
  "ok",
  "running",
  "dispatching",
  "pending",
];

/** `ok`, `failed, exit 3`, `failed by KILL`, `timed out`. */
export function outcomeText(group: Pick<ViewGroup, "state" | "exitCode" | "signal">): string {
  const state = group.state.replaceAll("_", " ");
  if (group.signal !== "") return `${state} by ${safeLine(group.signal)}`;
  return group.exitCode === undefined || group.exitCode === 0 ? state : `${state}, exit ${group.exitCode}`;
}

/** What is missing of an answer, or nothing to say: `Cut at the limit; the host printed 1,000,000 bytes.` */
export function missingText({
  output,
  stdoutBytes,
  stderrBytes,
}: Pick<ExecutionRow, "output" | "stdoutBytes" | "stderrBytes">): string {
  if (output === "partial") return "Some of the output was lost on the way.";
  if (output !== "truncated") return "";
  const errors = stderrBytes === 0 ? "" : ` and ${count(stderrBytes, "byte")} of stderr`;
  return `Cut at the limit: it printed ${count(stdoutBytes, "byte")} of stdout${errors}.`;
}

/** For whom a run waits before anything starts, or who let it start; empty where no second person was needed. */
export function approvalText({ state, approval }: Pick<RunRow, "state" | "approval">): string {
  if (approval === undefined) return "";
  if (state === "awaiting_approval") {
    return `waits for a second person who may run this module on these hosts, until ${timeText(approval.until)}`;
  }
  if (approval.decision === undefined) return "";
  const comment = approval.comment === "" ? "" : `: ${approval.comment}`;
  return `${approval.decision} by ${approval.by ?? ""}${comment}`;
}

/** `38 of 42 done: 37 ok, 1 failed; 4 running`. */
export function progressText({ run: { counts, hostCount } }: Pick<RunView, "run">): string {
  function told(states: readonly ExecutionState[]): string {
    return states
      .filter((state) => (counts[state] ?? 0) > 0)
      .map((state) => `${counts[state]} ${state.replaceAll("_", " ")}`)
      .join(", ");
  }
  const final = executionStates.filter(isFinalExecutionState);
  const done = final.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const ended = told(final);
  const open = told(executionStates.filter((state) => !isFinalExecutionState(state)));
  return `${done} of ${hostCount} done${ended === "" ? "" : `: ${ended}`}${open === "" ? "" : `; ${open}`}`;
}

/**
 * The lines of a live view: a title, then a line a group, cut to the terminal's size. `firstLine` gives the first line
 * that a group printed, as far as it is known.
 */
export function viewLines(
  view: RunView,
  size: { readonly columns: number; readonly rows: number },
  firstLine: (group: ViewGroup) => string | undefined,
): string[] {
  const { run } = view;
  const title = `Run ${run.id}  ${safeLine(run.moduleName.en)}  ${run.state.replaceAll("_", " ")}  ${progressText(view)}`;
  const groups = groupsOf(view.executions.values());
  const room = Math.max(1, size.rows - 3);
  const lines = groups.slice(0, room).map((group) => {
    const outcome = padded(`${String(group.count).padStart(6)}  ${outcomeText(group)}`, 24);
    const answer = firstLine(group) ?? group.reason;
    return `${outcome}  ${safeLine(group.hosts)}${answer === "" ? "" : `  ${safeLine(answer)}`}`;
  });
  if (groups.length > room) lines.push(`        … and ${groups.length - room} more groups`);
  return [title, ...lines].map((line) => fitted(line, Math.max(20, size.columns - 1)));
}

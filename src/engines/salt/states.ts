import type { StepEvent, StepStatus } from "../../contract/engine.ts";
import { asRecord } from "./record.ts";

const mostName = 200;
const mostMessage = 4096;
const mostDiff = 64 * 1024;
const mostSteps = 10_000;

/** Whether a return is of states: every key is `module_|-id_|-name_|-function`. */
export function isStates(value: unknown): value is Readonly<Record<string, unknown>> {
  const keys = Object.keys(asRecord(value));
  return keys.length > 0 && keys.every((key) => key.split("_|-").length >= 4);
}

/** One step for each state, in the order in which they ran. */
export function stateSteps(states: Readonly<Record<string, unknown>>, position: number): StepEvent[] {
  return Object.entries(states)
    .map(([key, value]) => ({ key, state: asRecord(value) }))
    .sort((left, right) => number(left.state.__run_num__) - number(right.state.__run_num__))
    .slice(0, mostSteps)
    .map(({ key, state }) => {
      const parts = key.split("_|-");
      const diff = diffOf(state.changes);
      const message = text(state.comment);
      const sls = text(state.__sls__);
      return {
        kind: "step",
        position,
        path: sls === "" ? [] : [cut(sls, mostName)],
        name: cut(text(state.__id__) || (parts[1] ?? ""), mostName),
        action: cut(`${parts[0] ?? ""}.${parts.at(-1) ?? ""}`, mostName),
        status: statusOf(state),
        ...(message === "" ? {} : { message: cut(message, mostMessage) }),
        ...(diff === undefined ? {} : { diff }),
        ...(typeof state.duration === "number" && state.duration >= 0 ? { milliseconds: state.duration } : {}),
      };
    });
}

/** The same words as Salt's own summary. */
export function stateSummary(steps: readonly StepEvent[]): string {
  const count = (status: StepStatus) => steps.filter((step) => step.status === status).length;
  const failed = count("failed");
  const changed = count("changed");
  const succeeded = steps.length - failed;
  return `Succeeded: ${succeeded}${changed === 0 ? "" : ` (changed=${changed})`}\nFailed:    ${failed}\nTotal states run: ${steps.length}\n`;
}

/** `null` is what a dry run says of a state that would change something. */
function statusOf(state: Readonly<Record<string, unknown>>): StepStatus {
  if (state.__state_ran__ === false) return "skipped";
  if (state.result === false) return "failed";
  if (state.skip_watch === true && isEmpty(state.changes)) return "skipped";
  if (state.result === null) return "changed";
  return isEmpty(state.changes) ? "ok" : "changed";
}

function isEmpty(changes: unknown): boolean {
  return changes === undefined || changes === null || changes === "" || Object.keys(Object(changes)).length === 0;
}

/** The unified diff of a file state with what else it changed; of other states their changes as readable JSON. */
function diffOf(changes: unknown): string | undefined {
  if (isEmpty(changes)) return undefined;
  const { diff, ...rest } = asRecord(changes);
  const more = typeof diff === "string" ? rest : changes;
  const parts = [
    ...(typeof diff === "string" ? [diff.trimEnd()] : []),
    ...(isEmpty(more) ? [] : [typeof more === "string" ? more : JSON.stringify(more, undefined, 2)]),
  ];
  const whole = parts.join("\n");
  if (Buffer.byteLength(whole) <= mostDiff) return whole;
  const last = "\n… (cut: the changes are longer than 64 KiB)";
  return (
    Buffer.from(whole)
      .subarray(0, mostDiff - Buffer.byteLength(last) - 4)
      .toString("utf8") + last
  );
}

function text(value: unknown): string {
  return typeof value === "string"
    ? value
    : Array.isArray(value)
      ? value.filter((each) => typeof each === "string").join("\n")
      : "";
}

function cut(value: string, most: number): string {
  return value.length <= most ? value : `${value.slice(0, most - 1)}…`;
}

function number(value: unknown): number {
  return typeof value === "number" ? value : Number.MAX_SAFE_INTEGER;
}

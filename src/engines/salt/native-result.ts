import type { EngineEvent } from "../../contract/engine.ts";
import type { Danger } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type Ending, exitEnding, unknown } from "./ending.ts";
import type { SaltReturn } from "./jobs.ts";
import { oneLine } from "./one-line.ts";
import { asRecord } from "./record.ts";
import { isStates, stateSteps, stateSummary } from "./states.ts";

export interface NativeResult {
  readonly events: readonly Extract<EngineEvent, { kind: "step" | "facts" | "notice" }>[];
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly ending: Ending;
  /** Salt has no such function there; nothing ran, and this says so. */
  readonly notRun?: string;
}

const mostFactBytes = 256 * 1024;

/**
 * What a minion's return means. Text is the output as it is, everything else readable JSON, and what `cmd.run_all` and
 * its like return goes apart again. States become steps. A bare `false` is a failure where the module changes something
 * (`service.restart`), and an answer where it only reads (`service.status`).
 */
export function nativeResult(fun: string, answer: SaltReturn, position: number, danger: Danger): NativeResult {
  const { value } = answer;
  if (answer.trimmed) {
    const message = reasonText("salt_return_too_large");
    const ending = { ...exitOf(answer, danger), lost: true };
    return { ...texts("", ""), events: [{ kind: "notice", position, message }], ending };
  }
  if (typeof value === "string" && isMissing(value, fun)) {
    return { ...texts("", ""), events: [], ending: unknown(""), notRun: oneLine(value) };
  }
  if (isStates(value)) {
    const steps = stateSteps(value, position);
    const failed = steps.filter((step) => step.status === "failed").length;
    const ending: Ending =
      failed === 0 && answer.code === 0
        ? exitEnding({ code: 0 })
        : {
            state: "failed",
            exitCode: answer.code > 0 ? answer.code : 1,
            reason: reasonText("salt_states_failed", { failed, count: steps.length }),
          };
    return { ...texts(stateSummary(steps), ""), events: steps, ending };
  }
  const { stdout, stderr, retcode, pid } = asRecord(value);
  if (
    typeof stdout === "string" &&
    typeof stderr === "string" &&
    typeof retcode === "number" &&
    typeof pid === "number"
  ) {
    const ending = retcode < 0 ? exitEnding({ signal: `${-retcode}` }) : exitEnding({ code: retcode });
    return { ...texts(stdout, stderr), events: [], ending };
  }
  const ending = exitOf(answer, danger);
  const text = textOf(value);
  const facts = fun === "grains.items" ? asRecord(value) : {};
  const events =
    Object.keys(facts).length > 0 && Buffer.byteLength(text) <= mostFactBytes
      ? [{ kind: "facts", position, facts } as const]
      : [];
  return { ...(ending.state === "ok" ? texts(text, "") : texts("", text)), events, ending };
}

function exitOf({ code, success, value }: SaltReturn, danger: Danger): Ending {
  if (code > 0) return exitEnding({ code });
  if (!success || code < 0) return { ...exitEnding({ code: 1 }), reason: reasonText("salt_said_failed") };
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => typeof each === "string" && /fail|error/i.test(each))
  )
    return { ...exitEnding({ code: 1 }), reason: oneLine(String(value[0])) };
  if (value === false && danger !== "read") {
    return { ...exitEnding({ code: 1 }), reason: reasonText("salt_returned_false") };
  }
  return exitEnding({ code: 0 });
}

function isMissing(text: string, fun: string): boolean {
  return (
    text.startsWith(`'${fun}' is not available`) ||
    text.startsWith(`'${fun}' __virtual__ returned`) ||
    text.startsWith(`Passed invalid arguments`) ||
    new RegExp(`^'${fun.split(".")[0]}' __virtual__ returned`).test(text)
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function texts(stdout: string, stderr: string): { stdout: Uint8Array; stderr: Uint8Array } {
  return { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) };
}

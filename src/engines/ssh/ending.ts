import type { EndedEvent } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";

/** How a host's share of a job ended; `lost` when it may have printed more than arrived. */
export type Ending = Pick<EndedEvent, "state" | "exitCode" | "signal" | "reason"> & { readonly lost?: boolean };

export const cancelledBeforeStart = {
  state: "not_started",
  reason: reasonText("run_cancelled_before_start"),
} as const satisfies Ending;

export function exitEnding(exit: { readonly code?: number; readonly signal?: string }): Ending {
  if (exit.code === 0) return { state: "ok", exitCode: 0 };
  if (exit.code !== undefined) {
    return { state: "failed", exitCode: exit.code, reason: reasonText("exit_code", { code: exit.code }) };
  }
  const signal = exit.signal ?? "unknown";
  return { state: "failed", signal, reason: reasonText("exit_signal", { signal }) };
}

export function notStarted(reason: string): Ending {
  return { state: "not_started", reason };
}

export function unknown(reason: string): Ending {
  return { state: "unknown", reason, lost: true };
}

/** A host's words, fit to stand in a sentence: one line, no control characters, at most 300 characters. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** A timer takes at most 2³¹ − 1 ms (24 days); more would fire at once. */
export function timerMilliseconds(milliseconds: number): number {
  return Math.min(milliseconds, 2 ** 31 - 1);
}

/** True when the promise resolved in time; false when it takes longer or, before that, `enough` holds. */
export async function within(milliseconds: number, promise: Promise<void>, enough?: () => boolean): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeout.resolve(false), milliseconds);
  const poll = enough === undefined ? undefined : setInterval(() => enough() && timeout.resolve(false), 50);
  try {
    return await Promise.race([promise.then(() => true), timeout.promise]);
  } finally {
    clearTimeout(timer);
    clearInterval(poll);
  }
}

import type { EndedEvent, EngineHost } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";

/** How a host's share of a job ended; `lost` when it may have printed more than arrived. */
export type Ending = Pick<EndedEvent, "state" | "exitCode" | "signal" | "reason"> & { readonly lost?: boolean };

/** How a host's share ended, with the bytes that it printed. */
export interface HostEnd {
  readonly ending: Ending;
  readonly stdout: number;
  readonly stderr: number;
}

/** Runs a job's task on one minion that is there and may start. */
export interface Carrier {
  carry(host: EngineHost): Promise<HostEnd>;
  close(): Promise<void>;
}

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

/** Without any output. */
export function nothing(ending: Ending): HostEnd {
  return { ending, stdout: 0, stderr: 0 };
}

export function noKey({ name }: EngineHost): Ending {
  return { state: "unreachable", reason: reasonText("salt_key_gone", { minion: name }) };
}

/** The promise's value, or undefined when it takes longer. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const timeout = Promise.withResolvers<undefined>();
  // A timer takes at most 2³¹ − 1 ms; more would fire at once.
  const timer = setTimeout(() => timeout.resolve(undefined), Math.min(milliseconds, 2 ** 31 - 1));
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

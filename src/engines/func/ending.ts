import type { EndedEvent } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { signalName } from "./captured.ts";

/** How a host ended; `lost` when output may be missing. */
export type Ending = Pick<EndedEvent, "state" | "exitCode" | "signal" | "reason"> & { readonly lost?: boolean };

/** By Python's return code: negative for a signal. */
export function exitEnding(code: number): Ending {
  if (code === 0) return { state: "ok", exitCode: 0 };
  if (code > 0) return { state: "failed", exitCode: code, reason: reasonText("exit_code", { code }) };
  const signal = signalName(-code);
  return { state: "failed", signal, reason: reasonText("exit_signal", { signal }) };
}

export function notStarted(reason: string): Ending {
  return { state: "not_started", reason };
}

export function unreachable(reason: string): Ending {
  return { state: "unreachable", reason };
}

/** Whatever it may have printed is not here. */
export function unknown(reason: string): Ending {
  return { state: "unknown", reason, lost: true };
}

export const cancelledBeforeStart = notStarted(reasonText("run_cancelled_before_start"));

import type { Approach, Lease } from "./connections.ts";
import { cancelledBeforeStart, type Ending } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import { UnusableCredential } from "./reasons.ts";

export function approachOf({ host, limits, cancellation, checkHostKey, outbox }: ExecutionParts): Approach {
  return {
    name: host.name,
    route: host.route,
    milliseconds: limits.connectMilliseconds,
    cancellation,
    checkHostKey,
    notice: (message) => outbox.event({ kind: "notice", position: host.position, message }),
  };
}

/** A connection to a host on which nothing was begun, or how it ends for want of one. */
export async function reach(parts: ExecutionParts, approach: Approach): Promise<Lease | Ending> {
  if (parts.cancellation.cancelled) return cancelledBeforeStart;
  try {
    return await parts.connections.acquire(approach, parts.secrets);
  } catch (error) {
    if (parts.cancellation.cancelled) return cancelledBeforeStart;
    const reason = error instanceof Error ? error.message : String(error);
    return { state: error instanceof UnusableCredential ? "not_started" : "unreachable", reason };
  }
}

import type { Controller } from "../../api/types.ts";

export type Health = "ok" | "behind" | "clock" | "draining" | "away" | "never" | "revoked";

/** Orders are refused when the clocks differ by five minutes; this is well before. */
export const clockMilliseconds = 30_000;
/** Behind by so much that people would notice. */
const spoolEvents = 5000;

/** The one thing to know of a controller first; the worst where several hold. */
export function healthOf({ state, connected, lastSeenAt, spool, clockSkewMilliseconds = 0 }: Controller): Health {
  if (state === "revoked") return "revoked";
  if (!connected) return lastSeenAt === undefined ? "never" : "away";
  if (state === "draining") return "draining";
  if (Math.abs(clockSkewMilliseconds) >= clockMilliseconds) return "clock";
  return spool.events >= spoolEvents ? "behind" : "ok";
}

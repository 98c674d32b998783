import { isIPv6 } from "node:net";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/** `request.too_many` that knows when to try again. */
export class TooManyRequests extends OmError {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super("request.too_many", message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface AttemptsOptions {
  /** Attempts a window for one key; the next one is refused. */
  readonly max: number;
  readonly windowMilliseconds: number;
  readonly clock: () => number;
  /** What there are too many of; default `failed attempts`. */
  readonly what?: "reports";
  /** Keys kept at most; the oldest are forgotten first. */
  readonly keys?: number;
}

/**
 * Counts attempts by key. An attempt is taken before it is made and given back when it was right, so that a hundred
 * at once do not slip through between check and count.
 */
export interface Attempts {
  /** Throws {@link TooManyRequests} when the key has used its attempts; else takes one. */
  take(key: string): void;
  /** Throws when the key has used its attempts; takes none. */
  check(key: string): void;
  giveBack(key: string): void;
}

/** What counts as one address: an IPv6 customer has a whole /64 of them. */
export function addressGroup(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = "", tail] = (ip.split("%")[0] ?? "").split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const filled = [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill("0"), ...back];
  return `${filled
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

export function createAttempts(options: AttemptsOptions): Attempts {
  const counts = new Map<string, { count: number; readonly until: number }>();
  const limit = options.keys ?? 50_000;

  function current(key: string): { count: number; readonly until: number } | undefined {
    const entry = counts.get(key);
    if (entry === undefined || entry.until > options.clock()) return entry;
    counts.delete(key);
    return undefined;
  }

  function check(key: string): void {
    const entry = current(key);
    if (entry === undefined || entry.count < options.max) return;
    const seconds = Math.max(1, Math.ceil((entry.until - options.clock()) / 1000));
    throw new TooManyRequests(
      reasonText(options.what === "reports" ? "too_many_reports" : "too_many_attempts", { seconds }),
      seconds,
    );
  }

  return {
    check,
    take(key) {
      check(key);
      const entry = current(key);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      if (counts.size >= limit) counts.delete(counts.keys().next().value ?? "");
      counts.set(key, { count: 1, until: options.clock() + options.windowMilliseconds });
    },
    giveBack(key) {
      const entry = current(key);
      if (entry !== undefined) entry.count = Math.max(0, entry.count - 1);
    },
  };
}

import { uptime as machineUptime } from "node:os";

/**
 * Notices that this process stood still for long: stopped by a signal, or with its machine suspended. By the machine's
 * uptime, which goes on meanwhile and which no step of the wall clock moves.
 */
export interface SleepWatch {
  /** Tells now what the timer would tell soon: whoever is about to begin something asks first. */
  look(): void;
  close(): void;
}

/** Both ends of a link have long given it up by then. Milliseconds. */
const longestPause = 30_000;
const tickMilliseconds = 1000;

/** `onWake` is told how long it was, once, in the turn that notices it. `uptime` is in milliseconds. */
export function watchSleep(
  onWake: (milliseconds: number) => void,
  uptime: () => number = () => machineUptime() * 1000,
): SleepWatch {
  let last = uptime();
  function look(): void {
    const now = uptime();
    const paused = now - last;
    last = now;
    if (paused >= longestPause) onWake(paused);
  }
  const timer = setInterval(look, tickMilliseconds).unref();
  return { look, close: () => clearInterval(timer) };
}

import type { Http2Session } from "node:http2";

export interface KeepAlive {
  /** Pause between two pings, in milliseconds. */
  readonly pingMilliseconds: number;
  /** How long an answer may take before the connection counts as lost, in milliseconds. */
  readonly answerMilliseconds: number;
}

/**
 * Half-open connections are known after at most 30 s. A slow line is not taken for one: no more than the stream's
 * window (`receiveWindowBytes`) can stand before a ping, and 20 s carry that at 50 KB/s.
 */
export const defaultKeepAlive: KeepAlive = { pingMilliseconds: 10_000, answerMilliseconds: 20_000 };

/** Bytes that may be underway to a side that does not read, for each stream and for the whole connection. */
export const receiveWindowBytes = 1024 * 1024;

/** Pings the peer for as long as the session is open, and destroys the session when no answer comes in time. */
export function keepAlive(session: Http2Session, { pingMilliseconds, answerMilliseconds }: KeepAlive): void {
  let timer: NodeJS.Timeout;
  function ping(): void {
    timer = setTimeout(() => {
      session.destroy(new Error(`the peer did not answer a ping for ${answerMilliseconds} ms`));
    }, answerMilliseconds);
    try {
      session.ping(() => {
        clearTimeout(timer);
        if (!session.destroyed) timer = setTimeout(ping, pingMilliseconds);
      });
    } catch {
      // Too many pings underway or already destroyed: the timer or the close decides.
    }
  }
  timer = setTimeout(ping, pingMilliseconds);
  session.once("close", () => clearTimeout(timer));
}

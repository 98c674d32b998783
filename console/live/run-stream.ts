import type { LiveFrame, LiveOutput } from "../api/types.ts";
import { createWaits } from "./waits.ts";

/** `waiting`: the connection was cut and is made again soon. `refused`: asking again would not help. */
export type Connection = "connecting" | "live" | "waiting" | "ended" | "refused";

/** The part of EventSource that is used; a test hands in its own. */
export interface EventSourceLike {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface RunStreamOptions {
  readonly runId: number;
  /** Reads what is there before the first connection, once; rejects when it cannot. */
  begin?(): Promise<unknown>;
  /** Where to resume, asked before every connection. */
  position(): {
    readonly since: number;
    readonly output?: { readonly position: number; readonly stdout: number; readonly stderr: number };
  };
  onFrame(frame: LiveFrame): void;
  /** False: a piece is missing, connect again from `position()`. */
  onOutput(output: LiveOutput): boolean;
  onConnection(state: Connection): void;
  /** Asked after a connection that never opened; rejects when the run cannot be read at all. */
  readable(): Promise<unknown>;
  isRefusal(error: unknown): boolean;
  /** True once nothing more can come. */
  finished(): boolean;
  readonly open?: (address: string) => EventSourceLike;
}

const firstWaitMilliseconds = 500;
const longestWaitMilliseconds = 8_000;
/** A connection that says nothing for so long is made again: it may hang half-open. */
const silenceMilliseconds = 30_000;

/**
 * Follows a run's server-sent events until the returned function is called. Every connection states what was seen, so
 * that a cut costs nothing: no line is lost and none comes twice. Waits grow from half a second to eight, and stay short
 * while the server restarts.
 */
export function followRun(options: RunStreamOptions): () => void {
  const open = options.open ?? ((address: string) => new EventSource(address));
  let source: EventSourceLike | undefined;
  const waits = createWaits(firstWaitMilliseconds, longestWaitMilliseconds);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let begun = false;

  function connect(): void {
    if (stopped) return;
    if (begun || options.begin === undefined) {
      follow();
      return;
    }
    options.begin().then(
      () => {
        begun = true;
        if (!stopped) connect();
      },
      (error: unknown) => {
        if (!stopped) options.isRefusal(error) ? end("refused") : again();
      },
    );
  }

  function follow(): void {
    if (options.finished() && options.position().output === undefined) {
      end("ended");
      return;
    }
    const from = options.position();
    let opened = false;
    const mine = open(addressOf(options.runId, from));
    source = mine;
    const current = () => source === mine && !stopped;
    mine.addEventListener("open", () => {
      if (!current()) return;
      opened = true;
      waits.opened();
      options.onConnection("live");
      listenForSilence();
    });
    mine.addEventListener("run", (event) => {
      if (!current()) return;
      listenForSilence();
      options.onFrame(JSON.parse(String(event.data)) as LiveFrame);
      if (options.finished() && from.output === undefined) end("ended");
    });
    mine.addEventListener("output", (event) => {
      if (!current()) return;
      listenForSilence();
      if (!options.onOutput(JSON.parse(String(event.data)) as LiveOutput)) again(0);
    });
    mine.addEventListener("end", () => current() && end("ended"));
    mine.addEventListener("restart", () => {
      if (!current()) return;
      waits.restarting();
      again();
    });
    mine.addEventListener("error", () => {
      if (!current()) return;
      if (options.finished()) return end("ended");
      if (opened) return again();
      mine.close();
      options.onConnection("waiting");
      options.readable().then(
        () => current() && again(),
        (error: unknown) => {
          if (current()) options.isRefusal(error) ? end("refused") : again();
        },
      );
    });
  }

  function again(after = waits.next()): void {
    close();
    options.onConnection("waiting");
    clearTimeout(timer);
    timer = setTimeout(connect, after);
  }

  function end(state: Connection): void {
    close();
    clearTimeout(timer);
    options.onConnection(state);
  }

  function listenForSilence(): void {
    clearTimeout(silence);
    silence = setTimeout(() => again(0), silenceMilliseconds);
  }

  function close(): void {
    clearTimeout(silence);
    source?.close();
    source = undefined;
  }

  function backOnline(): void {
    if (source === undefined && timer !== undefined && !options.finished()) {
      clearTimeout(timer);
      connect();
    }
  }

  globalThis.addEventListener?.("online", backOnline);
  options.onConnection("connecting");
  connect();
  return () => {
    stopped = true;
    globalThis.removeEventListener?.("online", backOnline);
    clearTimeout(timer);
    close();
  };
}

function addressOf(runId: number, from: ReturnType<RunStreamOptions["position"]>): string {
  const search = new URLSearchParams({ since: String(from.since) });
  if (from.output !== undefined) {
    search.set("output", String(from.output.position));
    search.set("stdoutOffset", String(from.output.stdout));
    search.set("stderrOffset", String(from.output.stderr));
  }
  return `/api/v1/runs/${runId}/live?${search}`;
}

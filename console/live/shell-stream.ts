import type { ShellCommand } from "../api/types.ts";
import type { EventSourceLike } from "./run-stream.ts";

export interface ShellStreamOptions {
  /** Query string of the filter, without `after`. */
  readonly filter: string;
  /** Highest id that is shown, asked before every connection. */
  last(): number;
  onCommands(commands: readonly ShellCommand[]): void;
  onConnection(state: "live" | "waiting"): void;
  readonly open?: (address: string) => EventSourceLike;
}

const firstWaitMilliseconds = 1000;
const longestWaitMilliseconds = 15_000;

/** Follows commands as they come in until the returned function is called; a cut connection goes on where it was. */
export function followShellCommands(options: ShellStreamOptions): () => void {
  const open = options.open ?? ((address: string) => new EventSource(address));
  let source: EventSourceLike | undefined;
  let wait = firstWaitMilliseconds;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    const mine = open(`/api/v1/shell-commands/live?${options.filter}&after=${options.last()}`);
    source = mine;
    mine.addEventListener("open", () => {
      wait = firstWaitMilliseconds;
      options.onConnection("live");
    });
    mine.addEventListener("commands", (event) => {
      if (source === mine) options.onCommands(JSON.parse(String(event.data)) as ShellCommand[]);
    });
    mine.addEventListener("error", () => {
      if (source !== mine) return;
      mine.close();
      options.onConnection("waiting");
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, longestWaitMilliseconds);
    });
  }

  connect();
  return () => {
    clearTimeout(timer);
    const last = source;
    source = undefined;
    last?.close();
  };
}

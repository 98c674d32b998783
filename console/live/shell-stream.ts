import type { ShellCommand } from "../api/types.ts";
import type { EventSourceLike } from "./run-stream.ts";
import { createWaits } from "./waits.ts";

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
  const waits = createWaits(firstWaitMilliseconds, longestWaitMilliseconds);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    const mine = open(`/api/v1/shell-commands/live?${options.filter}&after=${options.last()}`);
    source = mine;
    mine.addEventListener("open", () => {
      waits.opened();
      options.onConnection("live");
    });
    mine.addEventListener("commands", (event) => {
      if (source === mine) options.onCommands(JSON.parse(String(event.data)) as ShellCommand[]);
    });
    mine.addEventListener("restart", () => {
      if (source !== mine) return;
      waits.restarting();
      again(mine);
    });
    mine.addEventListener("error", () => {
      if (source === mine) again(mine);
    });
  }

  function again(mine: EventSourceLike): void {
    mine.close();
    source = undefined;
    options.onConnection("waiting");
    timer = setTimeout(connect, waits.next());
  }

  connect();
  return () => {
    clearTimeout(timer);
    const last = source;
    source = undefined;
    last?.close();
  };
}

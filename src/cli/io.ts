import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { OmError } from "../contract/errors.ts";

/** What a command has of the world around it: results go to `out`, everything else to `err`. */
export interface CliIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** A person can be asked. */
  readonly canAsk: boolean;
  columns(): number;
  rows(): number;
  /** Resolves when the reader has taken it, so that nothing piles up. */
  out(data: string | Uint8Array): Promise<void>;
  err(text: string): void;
  readInput(): Promise<Buffer>;
  /** One line; what is typed does not show when `hidden`. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string>;
  /** Told of Ctrl-C instead of the process ending, until the answer is called. */
  onInterrupt(handler: () => void): () => void;
  setExitCode(code: number): void;
}

/**
 * The process's own streams. A reader of `out` that went away (`| head`) ends the process quietly, a full disk with a
 * message; a reader of `err` that went away is not missed.
 */
export function processIo(): CliIo {
  let watched = false;
  function watchOut(): void {
    if (watched) return;
    watched = true;
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
      const reason = error.code === "ENOSPC" ? "no room is left there" : error.message;
      process.stderr.write(`omserver: The output cannot be written: ${reason}.\n`, () => process.exit(1));
    });
    process.stderr.on("error", () => undefined);
  }
  return {
    environment: process.env,
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    columns: () => process.stderr.columns ?? 80,
    rows: () => process.stderr.rows ?? 24,
    out(data) {
      watchOut();
      return new Promise((resolve) => process.stdout.write(data, () => resolve()));
    },
    err: (text) => {
      watchOut();
      process.stderr.write(text);
    },
    readInput: () => buffer(process.stdin),
    ask: askTerminal,
    onInterrupt(handler) {
      process.on("SIGINT", handler);
      return () => process.off("SIGINT", handler);
    },
    setExitCode(code) {
      process.exitCode = code;
    },
  };
}

/** Lines that were typed before they were asked for. */
const typedAhead: string[] = [];

function askTerminal(question: string, { hidden = false }: { readonly hidden?: boolean } = {}): Promise<string> {
  process.stderr.write(question);
  const ahead = typedAhead.shift();
  if (ahead !== undefined) {
    process.stderr.write("\n");
    return Promise.resolve(ahead);
  }
  return new Promise((resolve, reject) => {
    // Without an output readline echoes nothing; the terminal's own echo is off in raw mode.
    const lines = createInterface({
      input: process.stdin,
      terminal: true,
      ...(hidden ? {} : { output: process.stderr, prompt: "" }),
    });
    let answered = false;
    lines.on("line", (line) => {
      if (answered) return void typedAhead.push(line);
      answered = true;
      if (hidden) process.stderr.write("\n");
      // What came in the same piece is told before; nothing of it is lost when this reader closes.
      setImmediate(() => {
        lines.close();
        resolve(line);
      });
    });
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => {
      if (!answered) reject(new OmError("request.invalid", "Nothing was answered, and nothing was done."));
    });
  });
}

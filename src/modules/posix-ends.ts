import type { Nonce } from "./posix-words.ts";

/** How a command ended. */
export interface Exit {
  readonly code?: number;
  /** Without `SIG`. */
  readonly signal?: string;
}

export interface EndHandlers {
  /** The command has ended; its output may still be on its way. */
  exit(exit: Exit): void;
  /** All of this stream is there; `both`: the other one ends with a mark of its own, which may still be on its way. */
  done(both: boolean): void;
  /** As `done`, but what watched over the command is gone and left no word of how it ended. */
  lost(both: boolean): void;
}

const longestMark = 64;

/**
 * Takes a claim's marks of the end (posix-claim.ts) out of one stream, wherever they stand in it; all else is the
 * command's own and goes through at once, but for a few bytes that could begin a mark.
 */
export class EndReader {
  readonly #nonce: Buffer;
  readonly #first: number;
  readonly #handlers: EndHandlers;
  #held: Buffer | undefined;

  constructor(nonce: Nonce, handlers: EndHandlers) {
    this.#nonce = Buffer.from(nonce);
    this.#first = this.#nonce[0] ?? 0;
    this.#handlers = handlers;
  }

  /** The command's own bytes in `data`, or undefined when there are none. */
  push(data: Uint8Array): Uint8Array | undefined {
    const chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = undefined;
    const own: Buffer[] = [];
    let from = 0;
    for (let at = bytes.indexOf(this.#nonce); at !== -1; at = bytes.indexOf(this.#nonce, at)) {
      const words = at + this.#nonce.length;
      const end = bytes.indexOf(10, words);
      if (end === -1 && bytes.length - words < longestMark && couldBeMark(bytes.subarray(words).toString("latin1"))) {
        this.#held = Buffer.from(bytes.subarray(at));
        if (at > from) own.push(bytes.subarray(from, at));
        return joined(own);
      }
      if (end === -1 || end - words > longestMark || !this.#take(bytes.subarray(words, end).toString("latin1"))) {
        at = words;
        continue;
      }
      if (at > from) own.push(bytes.subarray(from, at));
      from = end + 1;
      at = from;
    }
    const whole = bytes.length - this.#beginning(bytes, from);
    if (whole < bytes.length) this.#held = Buffer.from(bytes.subarray(whole));
    if (whole > from) own.push(from === 0 && whole === bytes.length ? bytes : bytes.subarray(from, whole));
    return joined(own);
  }

  /** What was held back because it could have begun a mark. */
  end(): Uint8Array | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  #take(line: string): boolean {
    const exit = /^ exit (?:c([0-9]{1,3})|s([A-Z0-9+-]{1,16}))$/.exec(line);
    if (exit !== null) {
      const [, code, signal] = exit;
      this.#handlers.exit(code === undefined ? { signal: signal ?? "unknown" } : { code: Number(code) });
      return true;
    }
    const end = /^ (done|lost)( both)?$/.exec(line);
    if (end === null) return false;
    if (end[1] === "done") this.#handlers.done(end[2] !== undefined);
    else this.#handlers.lost(end[2] !== undefined);
    return true;
  }

  /** Length of the longest end of the bytes that begins the nonce. */
  #beginning(bytes: Buffer, from: number): number {
    const start = Math.max(from, bytes.length - this.#nonce.length + 1);
    for (let at = bytes.indexOf(this.#first, start); at !== -1; at = bytes.indexOf(this.#first, at + 1)) {
      const length = bytes.length - at;
      if (bytes.compare(this.#nonce, 0, length, at) === 0) return length;
    }
    return 0;
  }
}

/** Behind the nonce: whether more bytes could make a mark of it. */
function couldBeMark(text: string): boolean {
  return [" exit ", " done", " lost"].some((word) => word.startsWith(text) || text.startsWith(word));
}

function joined(parts: readonly Buffer[]): Uint8Array | undefined {
  return parts.length < 2 ? parts[0] : Buffer.concat(parts);
}

/** The ends of both streams together: complete when both have told all. */
export class ClaimEnds {
  readonly stdout: EndReader;
  readonly stderr: EndReader;
  readonly #completed: () => void;
  #exit: Exit | undefined;
  #lost = false;
  #waitsFor: "stdout" | "stderr" | "nothing" = "stdout";
  #stderrDone = false;

  constructor(nonce: Nonce, exited: () => void, completed: () => void) {
    this.#completed = completed;
    const exit = (told: Exit) => {
      this.#exit ??= told;
      exited();
    };
    this.stdout = new EndReader(nonce, {
      exit,
      done: (both) => this.#stdoutEnded(both),
      lost: (both) => {
        this.#lost = true;
        this.#stdoutEnded(both);
      },
    });
    this.stderr = new EndReader(nonce, { exit, done: () => this.#stderrEnded(), lost: () => this.#stderrEnded() });
  }

  get exit(): Exit | undefined {
    return this.#exit;
  }

  get complete(): boolean {
    return this.#waitsFor === "nothing";
  }

  /** What watched over the command is gone, and how it ended is not known. */
  get lost(): boolean {
    return this.#lost;
  }

  #stdoutEnded(both: boolean): void {
    if (this.#waitsFor !== "stdout") return;
    this.#waitsFor = both && !this.#stderrDone ? "stderr" : "nothing";
    if (this.complete) this.#completed();
  }

  #stderrEnded(): void {
    this.#stderrDone = true;
    if (this.#waitsFor !== "stderr") return;
    this.#waitsFor = "nothing";
    this.#completed();
  }
}

import type { Nonce } from "./posix-words.ts";

/**
 * What the wrapper on a host (posix.ts) says about itself: lines on stderr that begin with the execution's nonce.
 * Everything before the program's start that is no mark is the login shell's or sudo's own talk.
 */
export type Mark =
  /** sudo is about to run; its process. */
  | { readonly kind: "sudo"; readonly pid: number }
  /** sudo asks for the password. */
  | { readonly kind: "prompt" }
  /** The reader behind sudo takes the program line. */
  | { readonly kind: "ready" }
  /** The program replaces the shell now (`exec`), or a file task begins (`work`). */
  | { readonly kind: "exec" | "work"; readonly pid: number; readonly session?: number }
  /** A file task wants the content; what follows on stderr is its own. */
  | { readonly kind: "content" }
  /** A file task needs no content; what follows on stderr is its own. */
  | { readonly kind: "pass" }
  /** Of {@link endProgram}: nothing is left, or these processes are. */
  | { readonly kind: "gone" }
  | { readonly kind: "left"; readonly pids: string };

const keptTalk = 4096;
const longestMark = 1024;

/**
 * Reads marks out of stderr until the program's own bytes begin. Bounded: keeps at most 4 kB of talk, and a mark that
 * does not end within 1 kB is talk as well.
 */
export class MarkReader {
  readonly #nonce: Nonce;
  #held = "";
  #talk = "";
  #passing = false;

  constructor(nonce: Nonce) {
    this.#nonce = nonce;
  }

  /** The program's own bytes have begun. */
  get passing(): boolean {
    return this.#passing;
  }

  /** What login shell and sudo said besides, trimmed; at most 4 kB. */
  get talk(): string {
    const held = this.#held.startsWith(this.#nonce) ? "" : this.#held;
    return Buffer.from(this.#talk + held, "latin1")
      .toString("utf8")
      .trim();
  }

  /** Marks in `data`, and the bytes behind them that are the program's own. */
  push(data: Uint8Array): { marks: Mark[]; own: Uint8Array | undefined } {
    if (this.#passing) return { marks: [], own: data };
    this.#held += Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
    const marks: Mark[] = [];
    while (!this.#passing) {
      const mark = this.#next();
      if (mark === undefined) return { marks, own: undefined };
      marks.push(mark);
      this.#passing = mark.kind === "exec" || mark.kind === "content" || mark.kind === "pass";
    }
    const own = this.#held === "" ? undefined : Buffer.from(this.#held, "latin1");
    this.#held = "";
    return { marks, own };
  }

  #next(): Mark | undefined {
    for (;;) {
      const at = this.#held.indexOf(this.#nonce);
      if (at === -1) {
        // Half a nonce at the end may be completed by the next chunk.
        this.#toTalk(Math.max(0, this.#held.length - this.#nonce.length + 1));
        return undefined;
      }
      this.#toTalk(at);
      const behind = this.#held[this.#nonce.length];
      if (behind === undefined) return undefined;
      if (behind === "?") {
        this.#held = this.#held.slice(this.#nonce.length + 1);
        return { kind: "prompt" };
      }
      const end = this.#held.indexOf("\n");
      if (end === -1 && this.#held.length < longestMark) return undefined;
      const line = end === -1 ? undefined : this.#held.slice(this.#nonce.length + 1, end);
      const mark = line === undefined ? undefined : parseMark(line);
      if (mark === undefined) {
        this.#toTalk(this.#nonce.length);
        continue;
      }
      this.#held = this.#held.slice(end + 1);
      return mark;
    }
  }

  #toTalk(length: number): void {
    this.#talk = (this.#talk + this.#held.slice(0, length)).slice(-keptTalk);
    this.#held = this.#held.slice(length);
  }
}

function parseMark(line: string): Mark | undefined {
  const [word, first = "", second = ""] = line.split(" ");
  switch (word) {
    case "sudo":
      return isPid(first) ? { kind: "sudo", pid: Number(first) } : undefined;
    case "exec":
    case "work": {
      if (!isPid(first)) return undefined;
      return { kind: word, pid: Number(first), ...(isPid(second) ? { session: Number(second) } : {}) };
    }
    case "ready":
    case "content":
    case "pass":
    case "gone":
      return { kind: word };
    case "left":
      return { kind: "left", pids: line.slice(5).trim() };
    default:
      return undefined;
  }
}

/** 0 and 1 would mean every process, and nothing here is ever the first process. */
function isPid(text: string): boolean {
  return /^[0-9]{1,10}$/.test(text) && Number(text) > 1;
}

/**
 * Reads the line on stdout that says that the program begins, and drops what came before it: a login script's talk.
 * Keeps no more than that line may be long.
 */
export class StartReader {
  readonly #nonce: Buffer;
  #held: Buffer | undefined = Buffer.alloc(0);
  #words: readonly string[] = [];

  constructor(nonce: Nonce) {
    this.#nonce = Buffer.from(nonce);
  }

  /** The line was there: the program has begun, or `words` say what became of it. */
  get found(): boolean {
    return this.#held === undefined;
  }

  /** What the line says behind the nonce; at most five words. */
  get words(): readonly string[] {
    return this.#words;
  }

  /** The program's process, where the line tells it. */
  get pid(): number | undefined {
    const [word, pid = ""] = this.#words;
    return word === "exec" ? pidOf(pid) : undefined;
  }

  /** The program's own bytes in `data`, or undefined when there are none. */
  push(data: Uint8Array): Uint8Array | undefined {
    if (this.#held === undefined) return data;
    const chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const at = held.indexOf(this.#nonce);
    if (at === -1) return this.#hold(held, Math.max(0, held.length - this.#nonce.length + 1));
    const end = held.indexOf(10, at);
    if (end === -1) return this.#hold(held, held.length - at > longestMark ? at + 1 : at);
    const line = held.subarray(at + this.#nonce.length, Math.min(end, at + longestMark)).toString("latin1");
    this.#words = line.trim().split(" ", 5);
    this.#held = undefined;
    return end + 1 === held.length ? undefined : held.subarray(end + 1);
  }

  #hold(bytes: Buffer, from: number): undefined {
    this.#held = Buffer.from(bytes.subarray(from));
  }
}

/** Undefined for what is no process that a program could be. */
export function pidOf(text: string): number | undefined {
  return isPid(text) ? Number(text) : undefined;
}

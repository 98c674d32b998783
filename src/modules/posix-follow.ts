import type { DialogHandlers } from "./posix-dialog.ts";
import { ClaimEnds, type Exit } from "./posix-ends.ts";
import { MarkReader, pidOf, StartReader } from "./posix-marks.ts";
import type { Nonce, Program } from "./posix-words.ts";

export interface FollowDialogOptions {
  /** {@link followProgram}, and its nonce. */
  readonly program: Program;
  readonly nonce: Nonce;
  /** The program said its own marks on stderr, which therefore is followed from its first byte. */
  readonly marksStderr: boolean;
  /** Own bytes of stderr that are here already; only with `marksStderr`, else the host leaves them out itself. */
  readonly stderrSkip: number;
}

/** What is there of an execution: never begun and barred from it, nothing at all, or the host cannot tell. */
export type FollowVerdict = "never" | "none" | "restarted";

export interface FollowHandlers extends Pick<DialogHandlers, "send" | "started" | "output" | "exited" | "complete"> {
  /** The claim was found; its wrapper has been at work for so long, if it lives. */
  found?(seconds: number): void;
}

/** The talk with {@link followProgram}: an execution that began on another connection, from where it stands. */
export class FollowDialog {
  readonly sent = true;
  readonly wrongPassword = false;
  readonly answer = undefined;
  readonly #options: FollowDialogOptions;
  readonly #handlers: FollowHandlers;
  readonly #start: StartReader;
  readonly #ends: ClaimEnds;
  #marks: MarkReader | undefined;
  #verdict: FollowVerdict | undefined;
  #begun = false;
  #process: { readonly pid: number; readonly session?: number } | undefined;
  #sudoPid: number | undefined;
  #keeper: number | undefined;
  #skip: number;

  constructor(options: FollowDialogOptions, handlers: FollowHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#skip = options.stderrSkip;
    this.#start = new StartReader(options.nonce);
    this.#ends = new ClaimEnds(
      options.nonce,
      () => this.#exited(),
      () => handlers.complete?.(),
    );
  }

  get verdict(): FollowVerdict | undefined {
    return this.#verdict;
  }

  get begun(): boolean {
    return this.#begun;
  }

  get exit(): Exit | undefined {
    return this.#ends.exit;
  }

  /** The host has nothing more to say: there is nothing to tell, or all is told. */
  get complete(): boolean {
    return this.#verdict !== undefined || this.#ends.complete;
  }

  get lost(): boolean {
    return this.#ends.lost;
  }

  get process(): { readonly pid: number; readonly session?: number } | undefined {
    return this.#process;
  }

  get sudoPid(): number | undefined {
    return this.#sudoPid;
  }

  /** The wrapper's process. */
  get keeper(): number | undefined {
    return this.#keeper;
  }

  /** What sudo said before the program began. */
  get talk(): string {
    return this.#marks?.talk ?? "";
  }

  open(): void {
    this.#handlers.send(this.#options.program.line);
  }

  stdout(data: Uint8Array): void {
    const starts = !this.#start.found;
    const rest = this.#start.push(data);
    if (starts && this.#start.found) this.#open();
    const own = rest === undefined ? undefined : this.#ends.stdout.push(rest);
    if (own !== undefined) this.#handlers.output?.("stdout", own);
  }

  stderr(data: Uint8Array): void {
    // The host speaks on stdout first: what comes before that is a login script's.
    if (!this.#start.found) return;
    const rest = this.#ends.stderr.push(data);
    if (rest === undefined) return;
    if (!this.#options.marksStderr) {
      this.#handlers.output?.("stderr", rest);
      return;
    }
    const { marks, own } = this.#marks?.push(rest) ?? { marks: [], own: undefined };
    for (const mark of marks) {
      if (mark.kind === "sudo") this.#sudoPid = mark.pid;
      if (mark.kind !== "exec" && mark.kind !== "work") continue;
      this.#process = mark;
      this.#begin();
    }
    if (own === undefined) return;
    const wanted = own.subarray(Math.min(this.#skip, own.length));
    this.#skip -= own.length - wanted.length;
    if (wanted.length > 0) this.#handlers.output?.("stderr", wanted);
  }

  #open(): void {
    const [word, nonce = "", pid = "", seconds = "0", keeper = ""] = this.#start.words;
    if (word === "never" || word === "none" || word === "restarted") {
      this.#verdict = word;
      this.#handlers.complete?.();
    }
    if (word !== "found") return;
    this.#keeper = pidOf(keeper);
    this.#handlers.found?.(Math.max(0, Number(seconds) || 0));
    const found = pidOf(pid);
    if (this.#options.marksStderr) {
      // A wrapper that did not come to write its nonce said nothing either.
      this.#marks = new MarkReader(/^[a-z0-9]{8,64}$/.test(nonce) ? nonce : this.#options.nonce);
    } else if (found !== undefined) {
      this.#process = { pid: found };
      this.#begin();
    }
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#handlers.started?.();
  }

  #exited(): void {
    if (!this.#options.marksStderr) this.#begin();
    this.#handlers.exited?.();
  }
}

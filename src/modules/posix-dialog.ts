import { becomeLine } from "./posix.ts";
import { type ClaimOptions, claimedBecomeLine } from "./posix-claim.ts";
import { ClaimEnds, type Exit } from "./posix-ends.ts";
import { type Mark, MarkReader, pidOf, StartReader } from "./posix-marks.ts";
import type { Nonce, Program } from "./posix-words.ts";

/** Another account by sudo. Without a password sudo is told not to ask (`-n`). */
export interface Sudo {
  readonly user: string;
  readonly password?: string;
}

export interface DialogHandlers {
  /** Bytes for the program's stdin. */
  send(data: string | Uint8Array): void;
  /** The end of its stdin. */
  endInput(): void;
  /** sudo did not take the password: the channel is to be closed. */
  giveUp(): void;
  /** The program has begun. */
  started?(): void;
  /** A file task asks for the content, then the end of stdin. */
  content?(): void;
  /** The program's own bytes. */
  output?(stream: "stdout" | "stderr", data: Uint8Array): void;
  /** Under a claim: how the command ended is known, though its output may still be on its way. */
  exited?(): void;
  /** Under a claim: the host has nothing more to say; it waits for the word that this is settled. */
  complete?(): void;
}

/** Why the wrapper started nothing: the claim was there, none can be made here, or the host was restarted since. */
export type ClaimVerdict = "taken" | "bare" | "restarted";

/** Bytes of stderr kept until the program has begun; more can only be a login script's. */
const keptEarly = 64 * 1024;

/**
 * The talk between an engine and the wrapper on a host (posix.ts), whatever carries it: sends sudo's line, its password
 * only when asked, then the program line and its input; tells the wrapper's marks from the program's own output.
 */
export class ProgramDialog {
  readonly #program: Program;
  readonly #nonce: Nonce;
  readonly #sudo: Sudo | undefined;
  readonly #handlers: DialogHandlers;
  readonly #marks: MarkReader;
  readonly #start: StartReader;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #sent = false;
  #begun = false;
  #prompts = 0;
  #wrongPassword = false;
  #sudoPid: number | undefined;
  #process: { readonly pid: number; readonly session?: number } | undefined;
  #answer: Extract<Mark, { kind: "gone" | "left" }> | undefined;
  readonly #claim: ClaimOptions | undefined;
  readonly #ends: ClaimEnds | undefined;
  #verdict: ClaimVerdict | undefined;
  #keeper: number | undefined;

  /** With a claim the program is one that goes with it: see `claimedProgram`, or `claimed` where sudo is to run it. */
  constructor(program: Program, nonce: Nonce, sudo: Sudo | undefined, handlers: DialogHandlers, claim?: ClaimOptions) {
    this.#program = program;
    this.#nonce = nonce;
    this.#sudo = sudo;
    this.#handlers = handlers;
    this.#marks = new MarkReader(nonce);
    this.#start = new StartReader(nonce);
    this.#claim = claim;
    if (claim !== undefined) {
      this.#ends = new ClaimEnds(
        nonce,
        () => handlers.exited?.(),
        () => handlers.complete?.(),
      );
    }
  }

  /** Under a claim: why nothing was started. */
  get verdict(): ClaimVerdict | undefined {
    return this.#verdict;
  }

  /** Under a claim: the wrapper's process. */
  get keeper(): number | undefined {
    return this.#keeper;
  }

  /** Under a claim: how the command ended. */
  get exit(): Exit | undefined {
    return this.#ends?.exit;
  }

  /** Under a claim: everything that the host keeps has arrived, or nothing was started. */
  get complete(): boolean {
    return this.#verdict !== undefined || this.#ends?.complete === true;
  }

  /** The program line has left; before that nothing of the program can have run. */
  get sent(): boolean {
    return this.#sent;
  }

  /** The program has begun, though its process may not be known yet. */
  get begun(): boolean {
    return this.#begun;
  }

  get process(): { readonly pid: number; readonly session?: number } | undefined {
    return this.#process;
  }

  /** sudo's process, once it was about to run. */
  get sudoPid(): number | undefined {
    return this.#sudoPid;
  }

  get wrongPassword(): boolean {
    return this.#wrongPassword;
  }

  /** What `endProgram` said. */
  get answer(): Extract<Mark, { kind: "gone" | "left" }> | undefined {
    return this.#answer;
  }

  /** What login shell and sudo said before the program began; at most 4 kB. */
  get talk(): string {
    const early = Buffer.concat(this.#early).subarray(0, 4096).toString("utf8");
    return `${early}${this.#marks.talk}`.trim();
  }

  /** The channel is open. */
  open(): void {
    const asks = this.#sudo?.password !== undefined;
    if (this.#sudo === undefined) this.#sendProgram();
    else if (this.#claim === undefined) this.#handlers.send(becomeLine(this.#sudo.user, this.#nonce, asks));
    else this.#handlers.send(claimedBecomeLine(this.#sudo.user, asks, this.#claim));
  }

  stdout(data: Uint8Array): void {
    const starts = !this.#start.found;
    const own = this.#start.push(data);
    if (starts && this.#start.found) this.#open();
    if (own !== undefined) this.#own("stdout", own);
  }

  stderr(data: Uint8Array): void {
    if (!this.#program.marksStderr && this.#sudo === undefined) {
      if (this.#begun) this.#own("stderr", data);
      else this.#holdEarly(data);
      return;
    }
    // Of a claim's marks only its last ones stand among the program's bytes, so those are taken out first.
    const rest = this.#ends === undefined ? data : this.#ends.stderr.push(data);
    if (rest === undefined) return;
    const { marks, own } = this.#marks.push(rest);
    for (const mark of marks) this.#take(mark);
    if (own !== undefined) this.#handlers.output?.("stderr", own);
  }

  /** The line that opens stdout has come. */
  #open(): void {
    const [word, first = "", second = ""] = this.#start.words;
    if (this.#claim !== undefined) this.#keeper = pidOf(word === "exec" ? second : first);
    if (this.#claim === undefined || word === "exec") {
      const { pid } = this.#start;
      if (pid !== undefined) this.#process = { pid };
      this.#begin();
    } else if (word === "taken" || word === "bare" || word === "restarted") {
      this.#verdict = word;
      this.#handlers.complete?.();
    }
  }

  #own(stream: "stdout" | "stderr", data: Uint8Array): void {
    const own = this.#ends === undefined ? data : this.#ends[stream].push(data);
    if (own !== undefined) this.#handlers.output?.(stream, own);
  }

  #holdEarly(data: Uint8Array): void {
    this.#early.push(data);
    this.#earlyBytes += data.length;
    while (this.#earlyBytes > keptEarly && this.#early.length > 1) this.#earlyBytes -= this.#early.shift()?.length ?? 0;
  }

  /** The two streams may arrive in either order. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#handlers.started?.();
    const early = this.#early;
    this.#early = [];
    // Under a claim the command begins only after its mark, so what came before it was a login script's.
    if (this.#claim !== undefined) return;
    for (const data of early) this.#handlers.output?.("stderr", data);
  }

  #sendProgram(): void {
    if (this.#sent) return;
    this.#sent = true;
    const { line, input, asksContent } = this.#program;
    this.#handlers.send(line);
    // A program without input has /dev/null as its own; the channel need not be told.
    if (asksContent || input === undefined) return;
    this.#handlers.send(input);
    // A claim goes on reading: the program takes exactly its own.
    if (this.#claim === undefined) this.#handlers.endInput();
  }

  #take(mark: Mark): void {
    switch (mark.kind) {
      case "sudo":
        this.#sudoPid = mark.pid;
        return;
      case "prompt":
        this.#prompts += 1;
        if (this.#prompts === 1 && this.#sudo?.password !== undefined) {
          this.#handlers.send(`${this.#sudo.password}\n`);
          return;
        }
        this.#wrongPassword = true;
        this.#handlers.giveUp();
        return;
      case "ready":
        this.#sendProgram();
        return;
      case "exec":
      case "work":
        this.#process = mark;
        this.#begin();
        return;
      case "content":
        this.#handlers.content?.();
        return;
      case "pass":
        if (this.#claim === undefined) this.#handlers.endInput();
        return;
      case "gone":
      case "left":
        this.#answer = mark;
        return;
    }
  }
}

import { becomeLine, type Nonce, type Program } from "./posix.ts";
import { type Mark, MarkReader, StartReader } from "./posix-marks.ts";

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
}

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

  constructor(program: Program, nonce: Nonce, sudo: Sudo | undefined, handlers: DialogHandlers) {
    this.#program = program;
    this.#nonce = nonce;
    this.#sudo = sudo;
    this.#handlers = handlers;
    this.#marks = new MarkReader(nonce);
    this.#start = new StartReader(nonce);
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
    if (this.#sudo === undefined) this.#sendProgram();
    else this.#handlers.send(becomeLine(this.#sudo.user, this.#nonce, this.#sudo.password !== undefined));
  }

  stdout(data: Uint8Array): void {
    const own = this.#start.push(data);
    if (!this.#begun && this.#start.found) {
      const { pid } = this.#start;
      if (pid !== undefined) this.#process = { pid };
      this.#begin();
    }
    if (own !== undefined) this.#handlers.output?.("stdout", own);
  }

  stderr(data: Uint8Array): void {
    if (!this.#program.marksStderr && this.#sudo === undefined) {
      if (this.#begun) this.#handlers.output?.("stderr", data);
      else this.#holdEarly(data);
      return;
    }
    const { marks, own } = this.#marks.push(data);
    for (const mark of marks) this.#take(mark);
    if (own !== undefined) this.#handlers.output?.("stderr", own);
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
    this.#handlers.endInput();
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
        this.#handlers.endInput();
        return;
      case "gone":
      case "left":
        this.#answer = mark;
        return;
    }
  }
}

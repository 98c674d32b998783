import type { Readable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { becomeLine, type Nonce, type Program, readerCommand } from "../../modules/posix.ts";
import { type Mark, MarkReader, StartLine } from "../../modules/posix-marks.ts";
import { narrowChannel } from "./tuned-ssh2.ts";

export interface Sudo {
  readonly user: string;
  readonly password?: string;
}

export interface ProgramHandlers {
  /** The program has begun on the host. */
  started?(): void;
  /** A file task asks for its content: write it to `stdin` and end that. */
  content?(stdin: ClientChannel): void;
  /** False pauses both streams until {@link RemoteProgram.resume}. */
  output?(stream: "stdout" | "stderr", data: Uint8Array): boolean;
}

/** How the channel of a program ended. */
export interface ProgramEnd {
  /** The program line has left; before that nothing of the program can have run. */
  readonly sent: boolean;
  readonly code?: number;
  readonly signal?: string;
  /** The session could not be opened. */
  readonly refusal?: string;
  readonly wrongPassword: boolean;
  /** What login shell and sudo said. */
  readonly talk: string;
}

/** A program on a channel of its own: through sudo if asked, then its line, its input, its marks and its output. */
export class RemoteProgram {
  /** Resolves when the channel is closed and its output read. Never rejects. */
  readonly end: Promise<ProgramEnd>;
  readonly #resolve: (end: ProgramEnd) => void;
  readonly #program: Program;
  readonly #nonce: Nonce;
  readonly #sudo: Sudo | undefined;
  readonly #handlers: ProgramHandlers;
  readonly #marks: MarkReader;
  readonly #start: StartLine;
  #channel: ClientChannel | undefined;
  #sent = false;
  #begun = false;
  #prompts = 0;
  #wrongPassword = false;
  #sudoPid: number | undefined;
  #exit: { code?: number; signal?: string } = {};
  #exited: (() => void) | undefined;
  #started: Extract<Mark, { kind: "exec" | "work" }> | undefined;
  /** What {@link endProgram} said. */
  #answer: Extract<Mark, { kind: "gone" | "left" }> | undefined;
  #moved = 0;

  constructor(client: Client, program: Program, nonce: Nonce, sudo: Sudo | undefined, handlers: ProgramHandlers) {
    this.#program = program;
    this.#nonce = nonce;
    this.#sudo = sudo;
    this.#handlers = handlers;
    this.#marks = new MarkReader(nonce);
    this.#start = new StartLine(nonce);
    const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
    this.end = promise;
    this.#resolve = resolve;
    try {
      client.exec(readerCommand, (error, channel) => {
        if (error) this.#finish(error.message);
        else this.#open(channel);
      });
    } catch (error) {
      this.#finish(error instanceof Error ? error.message : String(error));
    }
  }

  get sent(): boolean {
    return this.#sent;
  }

  get started(): Extract<Mark, { kind: "exec" | "work" }> | undefined {
    return this.#started;
  }

  /** The program has begun, though its process may not be known yet. */
  get begun(): boolean {
    return this.#begun;
  }

  get sudoPid(): number | undefined {
    return this.#sudoPid;
  }

  get answer(): Extract<Mark, { kind: "gone" | "left" }> | undefined {
    return this.#answer;
  }

  /** The exit code or signal is known, though the channel may still be open. */
  get exited(): boolean {
    return this.#exit.code !== undefined || this.#exit.signal !== undefined;
  }

  get exit(): { readonly code?: number; readonly signal?: string } {
    return this.#exit;
  }

  /** Counts what came in, to tell a quiet channel from a busy one. */
  get moved(): number {
    return this.#moved;
  }

  get talk(): string {
    return this.#marks.talk;
  }

  get paused(): boolean {
    return this.#channel?.isPaused() === true;
  }

  whenExited(callback: () => void): void {
    this.#exited = callback;
  }

  resume(): void {
    this.#channel?.resume();
    (this.#channel?.stderr as Readable | undefined)?.resume();
  }

  /** Closes the channel without waiting for the host. */
  abandon(): void {
    this.#channel?.close();
    this.#finish(undefined);
  }

  #open(channel: ClientChannel): void {
    this.#channel = channel;
    narrowChannel(channel);
    channel.on("data", (data: Buffer) => {
      this.#moved += 1;
      const own = this.#start.push(data);
      if (this.#start.found) this.#begin();
      if (own !== undefined) this.#output("stdout", own);
    });
    channel.stderr.on("data", (data: Buffer) => {
      this.#moved += 1;
      const { marks, own } = this.#marks.push(data);
      for (const mark of marks) this.#take(mark);
      if (own !== undefined) this.#output("stderr", own);
    });
    channel.on("exit", (code: number | null, signal?: string) => {
      this.#exit = typeof code === "number" ? { code } : { signal: signalName(signal) };
      this.#exited?.();
    });
    let open = 2;
    const closed = () => {
      open -= 1;
      if (open === 0) this.#finish(undefined);
    };
    channel.once("close", closed);
    channel.stderr.once("close", closed);
    channel.on("error", () => undefined);
    if (this.#sudo === undefined) this.#sendProgram();
    else channel.write(becomeLine(this.#sudo.user, this.#nonce, this.#sudo.password !== undefined));
  }

  #sendProgram(): void {
    const channel = this.#channel;
    if (channel === undefined || this.#sent) return;
    this.#sent = true;
    const { line, input, asksContent } = this.#program;
    channel.write(line);
    if (asksContent) return;
    if (input === undefined) channel.end();
    else channel.end(Buffer.from(input.buffer, input.byteOffset, input.byteLength));
  }

  #take(mark: Mark): void {
    switch (mark.kind) {
      case "sudo":
        this.#sudoPid = mark.pid;
        return;
      case "prompt":
        this.#prompts += 1;
        if (this.#prompts === 1 && this.#sudo?.password !== undefined) this.#channel?.write(`${this.#sudo.password}\n`);
        else {
          this.#wrongPassword = true;
          this.abandon();
        }
        return;
      case "ready":
        this.#sendProgram();
        return;
      case "exec":
      case "work":
        this.#started = mark;
        this.#begin();
        return;
      case "content":
        if (this.#channel !== undefined) this.#handlers.content?.(this.#channel);
        return;
      case "pass":
        this.#channel?.end();
        return;
      case "gone":
      case "left":
        this.#answer = mark;
        return;
    }
  }

  /** The two streams may arrive in either order. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#handlers.started?.();
  }

  #output(stream: "stdout" | "stderr", data: Uint8Array): void {
    if (this.#handlers.output?.(stream, data) !== false) return;
    this.#channel?.pause();
    (this.#channel?.stderr as Readable | undefined)?.pause();
  }

  #finish(refusal: string | undefined): void {
    this.#resolve({
      sent: this.#sent,
      ...this.#exit,
      ...(refusal === undefined ? {} : { refusal }),
      wrongPassword: this.#wrongPassword,
      talk: this.#marks.talk,
    });
  }
}

/** `TERM` of `SIGTERM`; a private name (`FOO@example.org`) stays. */
function signalName(signal: string | undefined): string {
  return (signal ?? "unknown").replace(/^SIG/, "");
}

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { homedir, userInfo } from "node:os";
import type { Writable } from "node:stream";
import { becomeLine, type Nonce, type Program, readerArguments } from "../../modules/posix.ts";
import { type Mark, MarkReader, StartLine } from "../../modules/posix-marks.ts";

export interface Sudo {
  readonly user: string;
  readonly password?: string;
}

export interface ProgramHandlers {
  /** The program has begun. */
  started?(): void;
  /** A file task asks for its content: write it and end the stream. */
  content?(stdin: Writable): void;
  /** False pauses both streams until {@link LocalProgram.resume}. */
  output?(stream: "stdout" | "stderr", data: Uint8Array): boolean;
}

/**
 * A program in a session of its own on this machine, through sudo if asked. It sees none of the controller's
 * environment beyond the account's own (home, name, language), so no secret of the controller reaches it.
 */
export class LocalProgram {
  /** Resolves when the process has ended and its output is read. Never rejects. */
  readonly end: Promise<void>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #program: Program;
  readonly #sudo: Sudo | undefined;
  readonly #handlers: ProgramHandlers;
  readonly #marks: MarkReader;
  readonly #start: StartLine;
  readonly #finish: () => void;
  #sent = false;
  #begun = false;
  #prompts = 0;
  #wrongPassword = false;
  #failure: string | undefined;
  #sudoPid: number | undefined;
  #exit: { readonly code?: number; readonly signal?: string } | undefined;
  #started: Extract<Mark, { kind: "exec" | "work" }> | undefined;
  #answer: Extract<Mark, { kind: "gone" | "left" }> | undefined;
  #moved = 0;

  constructor(program: Program, nonce: Nonce, sudo: Sudo | undefined, handlers: ProgramHandlers) {
    this.#program = program;
    this.#sudo = sudo;
    this.#handlers = handlers;
    this.#marks = new MarkReader(nonce);
    this.#start = new StartLine(nonce);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.end = promise;
    this.#finish = resolve;
    this.#child = spawn("/bin/sh", [...readerArguments], {
      detached: true,
      cwd: homedir(),
      env: accountEnvironment(),
      stdio: "pipe",
    });
    this.#listen();
    if (sudo === undefined) this.#sendProgram();
    else this.#child.stdin.write(becomeLine(sudo.user, nonce, sudo.password !== undefined));
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

  get wrongPassword(): boolean {
    return this.#wrongPassword;
  }

  /** Why the process could not be made. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Exit code or signal, as soon as the process has ended. */
  get exit(): { readonly code?: number; readonly signal?: string } | undefined {
    return this.#exit;
  }

  get talk(): string {
    return this.#marks.talk;
  }

  /** Resolves when the process has ended and, though nothing holds it back, nothing came for so long. */
  async quiet(milliseconds: number): Promise<void> {
    if (this.#exit === undefined) await new Promise((resolve) => this.#child.once("exit", resolve));
    for (let moved = -1; moved !== this.#moved || this.#child.stdout.isPaused(); ) {
      moved = this.#moved;
      await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
    }
  }

  resume(): void {
    this.#child.stdout.resume();
    this.#child.stderr.resume();
  }

  /** Lets go of the process's input and output. */
  abandon(): void {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#child.unref();
    this.#finish();
  }

  #listen(): void {
    const child = this.#child;
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (data: Buffer) => {
      this.#moved += 1;
      const own = this.#start.push(data);
      if (this.#start.found) this.#begin();
      if (own !== undefined) this.#output("stdout", own);
    });
    child.stderr.on("data", (data: Buffer) => {
      this.#moved += 1;
      const { marks, own } = this.#marks.push(data);
      for (const mark of marks) this.#take(mark);
      if (own !== undefined) this.#output("stderr", own);
    });
    child.once("error", (error) => {
      this.#failure = error.message;
      this.#finish();
    });
    child.once("exit", (code, signal) => {
      this.#exit = code === null ? { signal: (signal ?? "unknown").replace(/^SIG/, "") } : { code };
    });
    child.once("close", () => this.#finish());
  }

  #sendProgram(): void {
    if (this.#sent) return;
    this.#sent = true;
    const { line, input, asksContent } = this.#program;
    this.#child.stdin.write(line);
    if (asksContent) return;
    if (input === undefined) this.#child.stdin.end();
    else this.#child.stdin.end(input);
  }

  #take(mark: Mark): void {
    switch (mark.kind) {
      case "sudo":
        this.#sudoPid = mark.pid;
        return;
      case "prompt":
        this.#prompts += 1;
        if (this.#prompts === 1 && this.#sudo?.password !== undefined) {
          this.#child.stdin.write(`${this.#sudo.password}\n`);
          return;
        }
        this.#wrongPassword = true;
        this.abandon();
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
        this.#handlers.content?.(this.#child.stdin);
        return;
      case "pass":
        this.#child.stdin.end();
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
    this.#child.stdout.pause();
    this.#child.stderr.pause();
  }
}

function accountEnvironment(): Record<string, string> {
  const { username, shell } = userInfo();
  const kept = ["LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ", "TMPDIR"];
  const language = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(language),
    HOME: homedir(),
    USER: username,
    LOGNAME: username,
    SHELL: shell ?? "/bin/sh",
    PATH: "/usr/local/bin:/usr/bin:/bin",
  };
}

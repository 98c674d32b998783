import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { homedir, userInfo } from "node:os";
import type { Writable } from "node:stream";
import { ProgramDialog, type Sudo } from "../../modules/posix-dialog.ts";
import { type Nonce, type Program, readerArguments } from "../../modules/posix-words.ts";

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
  readonly dialog: ProgramDialog;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #handlers: ProgramHandlers;
  readonly #finish: () => void;
  #failure: string | undefined;
  #exit: { readonly code?: number; readonly signal?: string } | undefined;
  #moved = 0;

  constructor(program: Program, nonce: Nonce, sudo: Sudo | undefined, handlers: ProgramHandlers) {
    this.#handlers = handlers;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.end = promise;
    this.#finish = resolve;
    const child = spawn("/bin/sh", [...readerArguments], {
      detached: true,
      cwd: homedir(),
      env: accountEnvironment(),
      stdio: "pipe",
    });
    this.#child = child;
    this.dialog = new ProgramDialog(program, nonce, sudo, {
      send: (data) => void child.stdin.write(data),
      endInput: () => child.stdin.end(),
      giveUp: () => this.abandon(),
      started: () => handlers.started?.(),
      content: () => handlers.content?.(child.stdin),
      output: (stream, data) => this.#output(stream, data),
    });
    this.#listen();
    this.dialog.open();
  }

  /** Why the process could not be made. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Exit code or signal, as soon as the process has ended. */
  get exit(): { readonly code?: number; readonly signal?: string } | undefined {
    return this.#exit;
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
      this.dialog.stdout(data);
    });
    child.stderr.on("data", (data: Buffer) => {
      this.#moved += 1;
      this.dialog.stderr(data);
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
    // Or a bash that is given input reads the account's .bashrc, as it takes Node's socket for a remote login.
    SHLVL: "1",
  };
}

import type { Readable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { settledLine } from "../../modules/posix-claim.ts";
import type { DialogHandlers } from "../../modules/posix-dialog.ts";
import type { Exit } from "../../modules/posix-ends.ts";
import { readerCommand } from "../../modules/posix-words.ts";
import { enterWork, leaveWork } from "./gather-arrivals.ts";
import { openExec } from "./tuned-ssh2.ts";

export interface ProgramHandlers {
  /** The program has begun on the host. */
  started?(): void;
  /** A file task asks for its content: write it to the channel. */
  content?(channel: ClientChannel): void;
  /** False pauses both streams until {@link RemoteProgram.resume}. */
  output?(stream: "stdout" | "stderr", data: Uint8Array): boolean;
}

/** What is talked on the channel; see posix-dialog.ts and posix-follow.ts. */
export interface HostDialog {
  open(): void;
  stdout(data: Uint8Array): void;
  stderr(data: Uint8Array): void;
  /** How the command ended, where the host tells it in words. */
  readonly exit: Exit | undefined;
  /** The host has nothing more to say, though the channel stays open until {@link RemoteProgram.settle}. */
  readonly complete: boolean;
}

/** A program on a channel of its own: what is said to it, its marks and its output. */
export class RemoteProgram<Dialog extends HostDialog> {
  /** Resolves when the channel is closed and its output read, or the host has told all. Never rejects. */
  readonly end: Promise<void>;
  readonly dialog: Dialog;
  readonly #finish: () => void;
  readonly #handlers: ProgramHandlers;
  #channel: ClientChannel | undefined;
  #refusal: string | undefined;
  #exit: Exit | undefined;
  #exited: (() => void) | undefined;
  #moved = 0;

  constructor(client: Client, handlers: ProgramHandlers, makeDialog: (handlers: DialogHandlers) => Dialog) {
    this.#handlers = handlers;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.end = promise;
    this.#finish = resolve;
    enterWork();
    void promise.then(leaveWork);
    this.dialog = makeDialog({
      send: (data) => void this.#channel?.write(data),
      endInput: () => this.#channel?.end(),
      giveUp: () => this.abandon(),
      started: () => handlers.started?.(),
      content: () => {
        if (this.#channel !== undefined) handlers.content?.(this.#channel);
      },
      output: (stream, data) => this.#output(stream, data),
      exited: () => this.#exited?.(),
      complete: () => this.#finish(),
    });
    try {
      openExec(
        client,
        readerCommand,
        (channel) => this.#open(channel),
        (reason) => this.#refuse(reason),
      );
    } catch (error) {
      this.#refuse(error instanceof Error ? error.message : String(error));
    }
  }

  /** Why the session could not be opened. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Exit code or signal, as soon as it is known; the channel may still be open. */
  get exit(): Exit | undefined {
    return this.dialog.exit ?? this.#exit;
  }

  /** What the channel itself said of how it ended. */
  get channelExit(): Exit | undefined {
    return this.#exit;
  }

  /** Counts what came in, to tell a quiet channel from a busy one. */
  get moved(): number {
    return this.#moved;
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

  /**
   * Tells a host that keeps the result that it may go, and closes the channel; resolves when that has left, or the channel
   * is closed. Does nothing once that is so.
   */
  async settle(): Promise<void> {
    const channel = this.#channel;
    if (channel === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    channel.once("close", () => resolve());
    channel.write(settledLine, () => resolve());
    channel.close();
    await promise;
  }

  /** Closes the channel without waiting for the host. */
  abandon(): void {
    this.#channel?.close();
    this.#finish();
  }

  #refuse(reason: string): void {
    this.#refusal = reason;
    this.#finish();
  }

  #open(channel: ClientChannel): void {
    this.#channel = channel;
    channel.on("data", (data: Buffer) => {
      this.#moved += 1;
      this.dialog.stdout(data);
    });
    channel.stderr.on("data", (data: Buffer) => {
      this.#moved += 1;
      this.dialog.stderr(data);
    });
    channel.on("exit", (code: number | null, signal?: string) => {
      this.#exit = typeof code === "number" ? { code } : { signal: signalName(signal) };
      this.#exited?.();
    });
    let open = 2;
    const closed = () => {
      open -= 1;
      if (open > 0) return;
      this.#channel = undefined;
      this.#finish();
    };
    channel.once("close", closed);
    channel.stderr.once("close", closed);
    channel.on("error", () => undefined);
    this.dialog.open();
  }

  #output(stream: "stdout" | "stderr", data: Uint8Array): void {
    if (this.#handlers.output?.(stream, data) !== false) return;
    this.#channel?.pause();
    (this.#channel?.stderr as Readable | undefined)?.pause();
  }
}

/** `TERM` of `SIGTERM`; a private name (`FOO@example.org`) stays. */
function signalName(signal: string | undefined): string {
  return (signal ?? "unknown").replace(/^SIG/, "");
}

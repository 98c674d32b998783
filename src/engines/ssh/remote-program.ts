import type { Client, ClientChannel } from "ssh2";
import { settledLine } from "../../modules/posix-claim.ts";
import { claimReaderCommand } from "../../modules/posix-claim-functions.ts";
import type { DialogHandlers } from "../../modules/posix-dialog.ts";
import type { Exit } from "../../modules/posix-ends.ts";
import { readerCommand } from "../../modules/posix-words.ts";
import { isOpen, openExec } from "./exec-channel.ts";
import { enterWork, leaveWork } from "./gather-arrivals.ts";
import { HostShell, keepShell } from "./host-shell.ts";

export interface ProgramPlace {
  readonly client: Client;
  /** The program is one of posix-claim.ts; `kept`: its shell goes on once it is settled, and is kept for the next one. */
  readonly claim?: "kept" | "once";
  /** A kept shell; without it the program has a new one. */
  readonly shell?: HostShell | undefined;
}

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

/** A program on a host: what is said to it, its marks and its output. */
export class RemoteProgram<Dialog extends HostDialog> {
  /** Resolves when the channel is closed and its output read, or the host has told all. Never rejects. */
  readonly end: Promise<void>;
  /** Resolves when the host has answered the request for a session, if it ever does. */
  readonly answered: Promise<void>;
  readonly dialog: Dialog;
  readonly #finish: () => void;
  readonly #handlers: ProgramHandlers;
  readonly #place: ProgramPlace;
  #shell: HostShell | undefined;
  #refusal: string | undefined;
  #exit: Exit | undefined;
  #exited: (() => void) | undefined;
  #moved = 0;
  #abandoned = false;

  constructor(place: ProgramPlace, handlers: ProgramHandlers, makeDialog: (handlers: DialogHandlers) => Dialog) {
    this.#handlers = handlers;
    this.#place = place;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.end = promise;
    this.#finish = resolve;
    enterWork();
    void promise.then(leaveWork);
    this.dialog = makeDialog({
      send: (data) => void this.#shell?.channel.write(data),
      endInput: () => this.#shell?.channel.end(),
      giveUp: () => this.abandon(),
      started: () => handlers.started?.(),
      content: () => {
        if (this.#shell !== undefined) handlers.content?.(this.#shell.channel);
      },
      output: (stream, data) => this.#output(stream, data),
      exited: () => this.#exited?.(),
      complete: () => this.#finish(),
    });
    const answered = Promise.withResolvers<void>();
    this.answered = answered.promise;
    if (place.shell !== undefined) {
      answered.resolve();
      this.#open(place.shell);
      return;
    }
    try {
      openExec(
        place.client,
        place.claim === undefined ? readerCommand : claimReaderCommand,
        (channel) => {
          answered.resolve();
          this.#open(new HostShell(channel));
        },
        (reason) => {
          answered.resolve();
          this.#refuse(reason);
        },
      );
    } catch (error) {
      answered.resolve();
      this.#refuse(error instanceof Error ? error.message : String(error));
    }
  }

  /** Why the session could not be opened. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /**
   * Exit code or signal of the command, as soon as it is known; the channel may still be open. Under a claim the host tells it
   * in words: what the channel says then is the end of what watches over the command, which may go on.
   */
  get exit(): Exit | undefined {
    return this.dialog.exit ?? (this.#place.claim === undefined ? this.#exit : undefined);
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
    return this.#shell?.channel.isPaused() === true;
  }

  whenExited(callback: () => void): void {
    this.#exited = callback;
  }

  resume(): void {
    this.#shell?.resume();
  }

  /**
   * Tells a host that keeps the result that it may go, and is done with the shell; resolves with true when that has left,
   * with false when the host cannot be told here any more.
   */
  async settle(): Promise<boolean> {
    const shell = this.#shell;
    if (shell === undefined || !isOpen(this.#place.client)) return false;
    this.#shell = undefined;
    const left = shell.say(settledLine);
    if (this.#place.claim === "kept") keepShell(this.#place.client, shell);
    else shell.channel.close();
    return left;
  }

  /** Closes the channel without waiting for the host; one that is not open yet is closed when it is, and sends nothing. */
  abandon(): void {
    this.#abandoned = true;
    this.#shell?.channel.close();
    this.#finish();
  }

  #refuse(reason: string): void {
    this.#refusal = reason;
    this.#finish();
  }

  #open(shell: HostShell): void {
    if (this.#abandoned) {
      shell.channel.close();
      return;
    }
    this.#shell = shell;
    shell.serve({
      stdout: (data) => {
        this.#moved += 1;
        this.dialog.stdout(data);
      },
      stderr: (data) => {
        this.#moved += 1;
        this.dialog.stderr(data);
      },
      exited: (exit) => {
        this.#exit = exit;
        if (this.#place.claim === undefined) this.#exited?.();
      },
      closed: () => {
        this.#shell = undefined;
        this.#finish();
      },
    });
    this.dialog.open();
  }

  #output(stream: "stdout" | "stderr", data: Uint8Array): void {
    if (this.#handlers.output?.(stream, data) === false) this.#shell?.pause();
  }
}

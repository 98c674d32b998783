import type { Readable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import type { Exit } from "../../modules/posix-ends.ts";

/** What a shell runs now. */
export interface ShellUser {
  stdout(data: Uint8Array): void;
  stderr(data: Uint8Array): void;
  /** The shell itself ended; its output may still be on its way. */
  exited(exit: Exit): void;
  /** The channel is closed and its output read. */
  closed(): void;
}

/** A reader (posix-words.ts) on its channel. It runs one program, or one after the other. */
export class HostShell {
  readonly channel: ClientChannel;
  #user: ShellUser | undefined;
  #open = 2;

  constructor(channel: ClientChannel) {
    this.channel = channel;
    channel.on("data", (data: Buffer) => this.#user?.stdout(data));
    channel.stderr.on("data", (data: Buffer) => this.#user?.stderr(data));
    channel.on("exit", (code: number | null, signal?: string) => {
      this.#user?.exited(typeof code === "number" ? { code } : { signal: signalName(signal) });
    });
    const closed = () => {
      this.#open -= 1;
      if (this.#open === 0) this.#user?.closed();
    };
    channel.once("close", closed);
    channel.stderr.once("close", closed);
    channel.on("error", () => undefined);
  }

  serve(user: ShellUser): void {
    this.#user = user;
  }

  /** Resolves with true when it has left, with false when the channel is closed. */
  say(text: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const closed = () => resolve(false);
    this.channel.once("close", closed);
    this.channel.write(text, (error) => {
      this.channel.off("close", closed);
      resolve(!error);
    });
    return promise;
  }

  pause(): void {
    this.channel.pause();
    (this.channel.stderr as Readable).pause();
  }

  resume(): void {
    this.channel.resume();
    (this.channel.stderr as Readable).resume();
  }
}

/** `TERM` of `SIGTERM`; a private name (`FOO@example.org`) stays. */
function signalName(signal: string | undefined): string {
  return (signal ?? "unknown").replace(/^SIG/, "");
}

/**
 * Shells that have run a claimed program to its settled end and wait for another one (posix-claim.ts), one a connection.
 * The next execution takes it, which spares both sides a channel, a login shell and most of the program's text.
 */
const idle = new WeakMap<Client, { readonly shell: HostShell; readonly since: number }>();

/** What an execution left behind is then surely older than the next one, by the ticks of the host's clock. */
const restMilliseconds = 20;
/** A host that was heard so lately is there; on an older connection a new channel shows that before anything is sent. */
const freshMilliseconds = 30_000;

/** A second shell of the same connection is closed. */
export function keepShell(client: Client, shell: HostShell): void {
  if (idle.has(client)) {
    shell.channel.close();
    return;
  }
  const nothing = () => undefined;
  const forget = () => void idle.delete(client);
  shell.serve({ stdout: nothing, stderr: nothing, exited: forget, closed: forget });
  // Whoever had it may have held it back up to its last word.
  shell.resume();
  idle.set(client, { shell, since: performance.now() });
}

/** Undefined when none is there that may be used. */
export function takeShell(client: Client): HostShell | undefined {
  const kept = idle.get(client);
  const age = performance.now() - (kept?.since ?? 0);
  if (kept === undefined || age < restMilliseconds) return undefined;
  idle.delete(client);
  if (age <= freshMilliseconds) return kept.shell;
  kept.shell.channel.close();
  return undefined;
}

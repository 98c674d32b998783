import { randomBytes } from "node:crypto";
import type { ClientChannel } from "ssh2";
import type { EndedEvent, JobLimits, Task } from "../../contract/engine.ts";
import type { FinalExecutionState } from "../../contract/states.ts";
import { endProgram, taskProgram } from "../../modules/posix.ts";
import { Cancellation } from "./cancellation.ts";
import type { Approach, Connections, Lease } from "./connections.ts";
import type { RoutedHost, Secret } from "./messages.ts";
import { HostOutput, type Outbox } from "./outbox.ts";
import { inSeconds, UnusableCredential } from "./reasons.ts";
import { RemoteProgram, type Sudo } from "./remote-program.ts";

/** One host's share of a job, and what it needs from the thread around it. */
export interface ExecutionParts {
  readonly host: RoutedHost;
  readonly task: Exclude<Task, { kind: "native" }>;
  readonly limits: JobLimits;
  readonly becomeUser?: string;
  readonly cancellation: Cancellation;
  readonly connections: Connections;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly outbox: Outbox;
  readonly checkHostKey: Approach["checkHostKey"];
  /** Resolves when the host may start (undefined), or with the reason why it may not. */
  permission(): Promise<string | undefined>;
  /** Writes the file's content and ends the channel's input; stops by itself when the channel closes. */
  sendContent(channel: ClientChannel): void;
}

const killMilliseconds = 15_000;
/** A channel that stays open so long after the exit code, in silence, is held by a process left in the background. */
const quietAfterExitMilliseconds = 5000;
const closeAfterKillMilliseconds = 2000;
const startMarkMilliseconds = 5000;

type Ending = Pick<EndedEvent, "state" | "exitCode" | "signal" | "reason"> & { readonly lost?: boolean };

/** Runs the task on the host. Tells exactly one `ended`; never rejects. */
export async function execute(parts: ExecutionParts): Promise<void> {
  const { host, outbox } = parts;
  const output = new HostOutput(host.position, parts.limits.outputBytes, outbox);
  let ending: Ending;
  try {
    ending = await reachAndRun(parts, output);
  } catch (error) {
    ending = unknown(
      `The engine lost track of ${host.name}: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  const { lost = false, ...told } = ending;
  output.tell();
  outbox.event({ kind: "ended", position: host.position, ...told, ...output.summary(lost) });
}

async function reachAndRun(parts: ExecutionParts, output: HostOutput): Promise<Ending> {
  const { host, cancellation, connections, outbox } = parts;
  const approach: Approach = {
    name: host.name,
    route: host.route,
    milliseconds: parts.limits.connectMilliseconds,
    cancellation,
    checkHostKey: parts.checkHostKey,
    notice: (message) => outbox.event({ kind: "notice", position: host.position, message }),
  };
  let asked: Promise<string | undefined> | undefined;
  for (let attempt = 0; ; attempt++) {
    if (cancellation.cancelled) return cancelledBeforeStart;
    let lease: Lease;
    try {
      lease = await connections.acquire(attempt === 0 ? approach : { ...approach, fresh: true }, parts.secrets);
    } catch (error) {
      if (cancellation.cancelled) return cancelledBeforeStart;
      const reason = error instanceof Error ? error.message : String(error);
      return { state: error instanceof UnusableCredential ? "not_started" : "unreachable", reason };
    }
    asked ??= parts.permission();
    const refusal = cancellation.cancelled ? cancelledBeforeStart.reason : await asked;
    if (refusal !== undefined || cancellation.cancelled) {
      lease.release(true);
      return { state: "not_started", reason: refusal ?? cancelledBeforeStart.reason };
    }
    const ending = await new Execution(parts, lease, output).run();
    if (ending !== "stale connection") return ending;
  }
}

const cancelledBeforeStart = {
  state: "not_started",
  reason: "The run was cancelled before this host was started.",
} as const;

/** From the open connection to the confirmed end. */
class Execution {
  readonly #parts: ExecutionParts;
  readonly #lease: Lease;
  readonly #output: HostOutput;
  readonly #nonce = randomBytes(12).toString("hex");
  readonly #sudo: Sudo | undefined;

  constructor(parts: ExecutionParts, lease: Lease, output: HostOutput) {
    this.#parts = parts;
    this.#lease = lease;
    this.#output = output;
    this.#sudo = sudoOf(parts);
  }

  async run(): Promise<Ending | "stale connection"> {
    const { task, host, outbox, limits, cancellation } = this.#parts;
    const program = new RemoteProgram(
      this.#lease.client,
      taskProgram(task, { nonce: this.#nonce, become: this.#sudo !== undefined }),
      this.#nonce,
      this.#sudo,
      {
        started: () => outbox.event({ kind: "started", position: host.position }),
        content: (channel) => this.#parts.sendContent(channel),
        output: (stream, data) => {
          const more = this.#output.take(stream, data);
          if (!more) outbox.whenRoom(() => program.resume());
          return more;
        },
      },
    );
    const stop = Promise.withResolvers<"timed_out" | "cancelled">();
    const timer = setTimeout(() => stop.resolve("timed_out"), limits.runMilliseconds);
    const unlisten = cancellation.listen(() => stop.resolve("cancelled"));
    try {
      const quiet = quietAfterExit(program);
      const first = await Promise.race([program.end, quiet.promise, stop.promise]);
      quiet.stop();
      if (first === "timed_out" || first === "cancelled") return await this.#stop(program, first);
      if (first === "quiet") {
        program.abandon();
        this.#lease.release(true);
        return { ...exitEnding(program.exit), lost: true };
      }
      return this.#ended(program, first);
    } finally {
      clearTimeout(timer);
      unlisten();
    }
  }

  #ended(program: RemoteProgram, end: Awaited<RemoteProgram["end"]>): Ending | "stale connection" {
    const { host } = this.#parts;
    const exit = program.exit;
    const exited = program.exited;
    this.#lease.release(exited || end.refusal !== undefined);
    if (program.begun) {
      if (exited) return exitEnding(exit);
      return unknown(`The connection to ${host.name} was lost while the task ran; it may still be running there.`);
    }
    const talk = end.talk === "" ? "" : ` It said: ${oneLine(end.talk)}`;
    if (end.wrongPassword)
      return notStarted(`sudo on ${host.name} did not accept the password. Check the credential's sudo password.`);
    if (!end.sent) {
      if (exited || program.sudoPid !== undefined) return notStarted(this.#sudoReason(end.talk));
      if (this.#lease.reused) return "stale connection";
      const why = end.refusal === undefined ? "closed the connection" : `refused to open a session (${end.refusal})`;
      return {
        state: "unreachable",
        reason: `${host.name} ${why} before the task was sent. Check sshd's log there.${talk}`,
      };
    }
    // The shell ended in order and never said that the program begins: it did not.
    if (exited)
      return notStarted(
        `The shell on ${host.name} ended before the task began.${talk} Check the account's shell and login scripts.`,
      );
    return unknown(`The connection to ${host.name} was lost after the task was sent; whether it ran is not known.`);
  }

  #sudoReason(talk: string): string {
    const { host, becomeUser } = this.#parts;
    const said = talk === "" ? "" : ` (${oneLine(talk)})`;
    if (/password is required|terminal is required|no askpass/i.test(talk)) {
      return `sudo on ${host.name} wants a password${said}. Set the credential's sudo password or allow NOPASSWD.`;
    }
    return `sudo on ${host.name} did not let this account become ${becomeUser ?? "another user"}${said}. Check sudo's rules there.`;
  }

  /** Ends what runs on the host; the asked state only when it is confirmed that nothing is left. */
  async #stop(program: RemoteProgram, asked: "timed_out" | "cancelled"): Promise<Ending> {
    const { host, limits } = this.#parts;
    const why =
      asked === "cancelled" ? "The run was cancelled" : `It ran longer than ${inSeconds(limits.runMilliseconds)}`;
    if (!program.sent) {
      program.abandon();
      this.#lease.release(false);
      const reason =
        asked === "cancelled"
          ? cancelledBeforeStart.reason
          : `${host.name} took longer than ${inSeconds(limits.runMilliseconds)} to get ready; the task was not sent.`;
      return notStarted(reason);
    }
    if (program.started === undefined)
      await within(startMarkMilliseconds, program.end, () => program.started !== undefined);
    if (program.exited) {
      const end = await within(closeAfterKillMilliseconds, program.end);
      this.#lease.release(end !== undefined);
      if (program.begun) return { ...exitEnding(program.exit), lost: end === undefined };
      return notStarted(`The shell on ${host.name} ended before the task began.`);
    }
    if (program.started === undefined) {
      program.abandon();
      this.#lease.release(false);
      return unknown(`${why}, but ${host.name} had not told yet which process to end; it may be running.`);
    }
    const gone = await this.#kill(program);
    const closed = await within(closeAfterKillMilliseconds, program.end);
    if (closed === undefined) program.abandon();
    this.#lease.release(closed !== undefined && gone === undefined);
    const lost = closed === undefined;
    if (gone !== undefined)
      return { ...unknown(`${why}; its end on ${host.name} could not be confirmed: ${gone}`), lost };
    return { state: asked, reason: `${why}; all its processes on ${host.name} were ended.`, lost };
  }

  /** Undefined when nothing is left, else why that is not certain. */
  async #kill(program: RemoteProgram): Promise<string | undefined> {
    const { started, sudoPid } = program;
    if (started === undefined) return "its process is not known.";
    const pids = [started.pid, ...(sudoPid === undefined ? [] : [sudoPid])];
    const sessions = started.session === undefined ? [] : [started.session];
    const first = await this.#killOn(this.#lease, pids, sessions);
    if (first.answer !== undefined) return first.answer === "gone" ? undefined : `processes ${first.answer} are left.`;
    if (program.exited) return undefined;
    // The host may allow one session a connection only, or the connection is dead: once more on a new one.
    try {
      const second = await this.#parts.connections.acquire(
        {
          name: this.#parts.host.name,
          route: this.#parts.host.route,
          milliseconds: Math.min(this.#parts.limits.connectMilliseconds, killMilliseconds),
          cancellation: new Cancellation(),
          checkHostKey: this.#parts.checkHostKey,
          notice: () => undefined,
          fresh: true,
        },
        this.#parts.secrets,
      );
      const { answer } = await this.#killOn(second, pids, sessions);
      second.release(answer !== undefined);
      if (answer === "gone") return undefined;
      return answer === undefined ? first.why : `processes ${answer} are left.`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #killOn(
    lease: Lease,
    pids: readonly number[],
    sessions: readonly number[],
  ): Promise<{ answer: string | undefined; why: string }> {
    const nonce = randomBytes(12).toString("hex");
    const killer = new RemoteProgram(lease.client, endProgram(pids, sessions, nonce), nonce, this.#sudo, {});
    const end = await within(killMilliseconds, killer.end);
    if (end === undefined) killer.abandon();
    const { answer } = killer;
    if (answer === undefined) {
      const why =
        end === undefined
          ? "the host did not answer in time."
          : (end.refusal ?? oneLine(end.talk)) || "the host did not say.";
      return { answer: undefined, why };
    }
    return { answer: answer.kind === "gone" ? "gone" : answer.pids, why: "" };
  }
}

function sudoOf({ becomeUser, host }: ExecutionParts): Sudo | undefined {
  if (becomeUser === undefined || becomeUser === host.route.at(-1)?.user) return undefined;
  return { user: becomeUser, ...(host.becomePassword === undefined ? {} : { password: host.becomePassword }) };
}

function exitEnding(exit: { readonly code?: number; readonly signal?: string }): Ending {
  if (exit.code === 0) return { state: "ok", exitCode: 0 };
  if (exit.code !== undefined)
    return { state: "failed", exitCode: exit.code, reason: `It ended with exit code ${exit.code}.` };
  const signal = exit.signal ?? "unknown";
  return { state: "failed", signal, reason: `It was ended by signal ${signal}.` };
}

function notStarted(reason: string): Ending {
  return { state: "not_started", reason };
}

function unknown(reason: string): Ending {
  return { state: "unknown" satisfies FinalExecutionState, reason, lost: true };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "");
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** The value, or undefined when it takes longer; or as soon as `enough` holds. */
async function within<T>(milliseconds: number, promise: Promise<T>, enough?: () => boolean): Promise<T | undefined> {
  const timeout = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => timeout.resolve(undefined), milliseconds);
  const poll = enough === undefined ? undefined : setInterval(() => enough() && timeout.resolve(undefined), 50);
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
    clearInterval(poll);
  }
}

/** Resolves when the program has exited and its channel, not held back by us, stays silent. */
function quietAfterExit(program: RemoteProgram): { promise: Promise<"quiet">; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<"quiet">();
  let timer: NodeJS.Timeout | undefined;
  function watch(): void {
    const moved = program.moved;
    timer = setTimeout(() => {
      if (!program.paused && program.moved === moved) resolve("quiet");
      else watch();
    }, quietAfterExitMilliseconds);
  }
  program.whenExited(watch);
  return { promise, stop: () => clearTimeout(timer) };
}

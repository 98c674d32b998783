import type { EngineEvent, EngineHost } from "../../contract/engine.ts";
import type { PosixTask } from "../../modules/posix.ts";
import { Cancellation } from "../job/cancellation.ts";
import { Outbox } from "../job/outbox.ts";
import { execute } from "./execution.ts";
import type { FuncJob } from "./execution-parts.ts";
import { JobPrograms } from "./job-programs.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import type { MinionCalls } from "./minion-calls.ts";
import { MinionSession } from "./minion-session.ts";

export interface WorkerJobParts {
  readonly calls: MinionCalls;
  readonly hostFolder: string;
  post(message: FromWorker): void;
}

type Piece = Extract<ToWorker, { kind: "content" }>;

/** A job's hosts that fell to this thread. */
export class WorkerJob {
  readonly #order: Extract<ToWorker, { kind: "job" }>;
  readonly #parts: WorkerJobParts;
  readonly #outbox: Outbox;
  #programs: JobPrograms | undefined;
  readonly #cancelled = new Cancellation();
  /** Hosts that wait for the next piece of the file. */
  readonly #waiting = new Map<number, (piece: Piece) => void>();

  constructor(order: Extract<ToWorker, { kind: "job" }>, parts: WorkerJobParts) {
    this.#order = order;
    this.#parts = parts;
    this.#outbox = new Outbox(order.credit, (_connected, events) =>
      parts.post({ kind: "events", job: order.job, events }),
    );
  }

  start(hosts: readonly EngineHost[]): void {
    for (const host of hosts) void this.#execute(host);
  }

  addCredit(bytes: number): void {
    this.#outbox.addCredit(bytes);
  }

  cancel(): void {
    this.#cancelled.cancel();
  }

  content(piece: Piece): void {
    this.#waiting.get(piece.position)?.(piece);
    this.#waiting.delete(piece.position);
  }

  #execute(host: EngineHost): Promise<void> {
    const { task, become, limits } = this.#order;
    const { calls, hostFolder } = this.#parts;
    const job: FuncJob = {
      task,
      limits,
      ...(become === undefined ? {} : { become }),
      file: () => this.#file(host.position),
      programs: (posix) => this.#programsOf(posix),
    };
    return execute(host, job, {
      session: new MinionSession(calls, host, limits.connectMilliseconds),
      hostFolder,
      cancelled: this.#cancelled,
      tell: (event, resume) => this.#tell(event, resume),
    });
  }

  #programsOf(task: PosixTask): JobPrograms {
    const { become, limits } = this.#order;
    this.#programs ??= new JobPrograms(task, {
      hostFolder: this.#parts.hostFolder,
      // funcd is root already.
      becomeUser: become === undefined || become.user === "root" ? undefined : become.user,
      // What the wrapper says of itself is in the streams, too.
      outputBytes: limits.outputBytes + 4096,
    });
    return this.#programs;
  }

  #tell(event: EngineEvent, resume?: () => void): boolean {
    // A copy of its own: a message carries the whole buffer behind a view.
    this.#outbox.event(event.kind === "output" ? { ...event, data: new Uint8Array(event.data) } : event);
    if (event.kind !== "output" || resume === undefined || this.#outbox.hasRoom) return true;
    this.#outbox.whenRoom(resume);
    return false;
  }

  /** The job's file, a piece at a time from the main thread; read once at a time for a host. */
  #file(position: number): AsyncIterable<Uint8Array> {
    const { job } = this.#order;
    const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      const { promise, resolve } = Promise.withResolvers<Piece>();
      this.#waiting.set(position, resolve);
      this.#parts.post({ kind: "wantContent", job, position });
      const { data, error } = await promise;
      if (error !== undefined) throw new Error(error);
      return data === undefined ? { done: true, value: undefined } : { done: false, value: data };
    };
    const done = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
      this.#parts.post({ kind: "doneContent", job, position });
      return { done: true, value: undefined };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: done }) };
  }
}

import type { ClientChannel } from "ssh2";
import type { JobLimits } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { PosixTask } from "../../modules/posix.ts";
import { Cancellation } from "../job/cancellation.ts";
import { Outbox } from "../job/outbox.ts";
import type { Connections } from "./connections.ts";
import { execute, forget } from "./execution.ts";
import type { ContentEnd } from "./execution-parts.ts";
import { HostOutput } from "./host-output.ts";
import { JobPrograms } from "./job-programs.ts";
import type { FromWorker, HostKeyVerdict, RoutedHost, Secret, ToWorker } from "./messages.ts";
import type { Settlements } from "./settlements.ts";

export interface WorkerJobParts {
  readonly job: number;
  readonly runUid: string;
  readonly reconnectMilliseconds: number;
  /** Its hosts only forget what they kept. */
  readonly errand: boolean;
  readonly settlements: Settlements;
  readonly task: PosixTask;
  readonly becomeUser?: string;
  readonly limits: JobLimits;
  readonly credit: number;
  readonly connections: Connections;
  post(message: FromWorker): void;
  checkHostKey(address: string, port: number, key: Uint8Array): Promise<HostKeyVerdict>;
}

const pieceBytes = 128 * 1024;

/** A job's hosts that fell to this thread. */
export class WorkerJob {
  readonly #parts: WorkerJobParts;
  readonly #outbox: Outbox;
  readonly #programs: JobPrograms;
  readonly #cancellation = new Cancellation();
  readonly #secrets = new Map<string, Secret>();
  readonly #permissions = new Map<number, (refusal: string | undefined) => void>();
  readonly #waiting = new Map<number, { readonly channel: ClientChannel; readonly then: ContentEnd; sent: number }>();
  readonly #forgoing = new Map<number, (error: string | undefined) => void>();
  readonly #outputs = new Map<number, HostOutput>();
  #content: Buffer | undefined;

  constructor(parts: WorkerJobParts) {
    this.#parts = parts;
    this.#programs = new JobPrograms(parts.task);
    this.#outbox = new Outbox(parts.credit, (connected, events) =>
      parts.post({ kind: "events", job: parts.job, connected, events }),
    );
  }

  start(hosts: readonly RoutedHost[], secrets: Readonly<Record<string, Secret>>): void {
    for (const [name, secret] of Object.entries(secrets)) this.#secrets.set(name, secret);
    for (const host of hosts) void this.#execute(host);
  }

  permit(positions: readonly number[], refusal: string | undefined): void {
    for (const position of positions) {
      this.#permissions.get(position)?.(refusal);
      this.#permissions.delete(position);
    }
  }

  addCredit(bytes: number): void {
    this.#outbox.addCredit(bytes);
  }

  addHostCredit(position: number, bytes: number): void {
    this.#outputs.get(position)?.addCredit(bytes);
  }

  cancel(): void {
    this.#cancellation.cancel();
    for (const permit of this.#permissions.values()) permit(reasonText("run_cancelled_before_start"));
    this.#permissions.clear();
  }

  shareContent(content: SharedArrayBuffer): void {
    this.#content = Buffer.from(content);
    for (const [position, { channel, then }] of this.#waiting) {
      this.#waiting.delete(position);
      this.#writeShared(channel, this.#content, then);
    }
  }

  forgone(position: number, error: string | undefined): void {
    this.#forgoing.get(position)?.(error);
    this.#forgoing.delete(position);
  }

  /** The next piece of a large file, from the main thread. */
  content(message: Extract<ToWorker, { kind: "content" }>): void {
    const { task } = this.#parts;
    const waiting = this.#waiting.get(message.position);
    if (waiting === undefined || task.kind !== "file") return;
    const { channel, then } = waiting;
    if (message.end) {
      this.#waiting.delete(message.position);
      // Without all of the content the host's SHA-256 check fails and leaves the old file as it is.
      if (then === "and end" || waiting.sent < task.bytes) channel.end();
      return;
    }
    const data = Buffer.from(message.data ?? []).subarray(
      0,
      then === "and end" ? undefined : task.bytes - waiting.sent,
    );
    waiting.sent += data.length;
    const more = channel.write(data);
    if (more) this.#wantContent(message.position);
    else channel.once("drain", () => this.#wantContent(message.position));
  }

  async #execute(host: RoutedHost): Promise<void> {
    const { job, runUid, task, becomeUser, limits, connections, checkHostKey, settlements } = this.#parts;
    const output = new HostOutput(host.position, limits.outputBytes, this.#outbox, host.begun);
    this.#outputs.set(host.position, output);
    const errandOrExecution = this.#parts.errand ? forget : execute;
    await errandOrExecution({
      runUid,
      host,
      output,
      programs: this.#programs,
      reconnectMilliseconds: this.#parts.reconnectMilliseconds,
      keep: (kept) => settlements.keep(runUid, host.position, kept),
      forgoClaim: () =>
        new Promise((resolve, reject) => {
          this.#forgoing.set(host.position, (error) => (error === undefined ? resolve() : reject(new Error(error))));
          this.#parts.post({ kind: "forgo", job, position: host.position });
        }),
      task,
      limits,
      ...(becomeUser === undefined ? {} : { becomeUser }),
      cancellation: this.#cancellation,
      connections,
      secrets: this.#secrets,
      outbox: this.#outbox,
      checkHostKey,
      permission: () => {
        const { promise, resolve } = Promise.withResolvers<string | undefined>();
        this.#permissions.set(host.position, resolve);
        this.#outbox.connected(host.position);
        return promise;
      },
      sendContent: (channel, then) => this.#sendContent(host.position, channel, then),
    });
    this.#outputs.delete(host.position);
  }

  #sendContent(position: number, channel: ClientChannel, then: ContentEnd): void {
    if (this.#content !== undefined) {
      this.#writeShared(channel, this.#content, then);
      return;
    }
    this.#waiting.set(position, { channel, then, sent: 0 });
    channel.once("close", () => {
      if (this.#waiting.delete(position)) this.#parts.post({ kind: "doneContent", job: this.#parts.job, position });
    });
    this.#wantContent(position);
  }

  #wantContent(position: number): void {
    if (this.#waiting.has(position)) this.#parts.post({ kind: "wantContent", job: this.#parts.job, position });
  }

  #writeShared(channel: ClientChannel, content: Buffer, then: ContentEnd): void {
    let at = 0;
    let closed = false;
    channel.once("close", () => {
      closed = true;
    });
    function writeMore(): void {
      while (at < content.length) {
        if (closed) return;
        const more = channel.write(content.subarray(at, at + pieceBytes));
        at += pieceBytes;
        if (!more) {
          channel.once("drain", writeMore);
          return;
        }
      }
      if (then === "and end") channel.end();
    }
    writeMore();
  }
}

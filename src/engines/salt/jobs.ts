import type { IncomingMessage } from "node:http";
import { reasonText } from "../../contract/reasons.ts";
import type { LowState, SaltApi } from "./api.ts";
import { createEventReader } from "./event-lines.ts";
import { asRecord } from "./record.ts";
import { nothingDone, refusalOf } from "./refusals.ts";
import type { Signs } from "./signs.ts";

/** What a minion returned for a job. Everything in it is untrusted. */
export interface SaltReturn {
  readonly value: unknown;
  /** Salt's own judgement; 0 is good. */
  readonly code: number;
  readonly success: boolean;
  /**
   * Salt cut it ("VALUE_TRIMMED"): it is larger than `max_event_size` of minion or master. The job cache is no help: what
   * it answers is an event of the same limit.
   */
  readonly trimmed: boolean;
}

export interface SaltCall {
  /** Exact names of minions; never a pattern. */
  readonly minions: readonly string[];
  readonly fun: string;
  /** Named arguments. They go as data: Salt parses positional ones as YAML, named ones of an object not at all. */
  readonly kwarg?: Readonly<Record<string, unknown>>;
}

export interface SaltJob {
  readonly id: string;
  /** The minions that the master sent it to; it knows no key of the others. */
  readonly minions: ReadonlySet<string>;
  /** No more returns are wanted. */
  close(): void;
}

/**
 * Jobs and their returns. The event stream stands before the first job is published, so no return is missed; after a
 * break of the stream the master's job cache is asked.
 */
export interface SaltJobs {
  /**
   * Publishes a job; each minion's return is told once. Throws `engine.unusable`; where its cause says `perhapsDone`, the
   * job may run, and returns still come.
   */
  publish(
    call: SaltCall,
    onReturn: (minion: string, answer: SaltReturn) => void,
    signal?: AbortSignal,
  ): Promise<SaltJob>;
  /** Asks the master's job cache for returns that did not come. Quietly does nothing where that is not permitted. */
  catchUp(id: string): Promise<void>;
  /** When the event stream last told anything at all, by `performance.now()`: the silence of minions means something then. */
  readonly heardAt: number;
  close(): void;
}

interface OpenJob {
  readonly onReturn: (minion: string, answer: SaltReturn) => void;
  readonly returned: Set<string>;
}

const mostEventBytes = 64 * 1024 * 1024;
const mostCachedBytes = 256 * 1024 * 1024;
const trimmedMark = "VALUE_TRIMMED";
/** A stream on which nothing came for so long, though jobs were published, is dead. */
const deafMilliseconds = 20_000;
const keptOpenMilliseconds = 60_000;

export function createSaltJobs(api: SaltApi, signs: Signs): SaltJobs {
  return new Jobs(api, signs);
}

class Jobs implements SaltJobs {
  readonly #api: SaltApi;
  readonly #signs: Signs;
  readonly #open = new Map<string, OpenJob>();
  #listening: { readonly ready: Promise<void>; readonly stop: AbortController } | undefined;
  #heardAt = 0;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(api: SaltApi, signs: Signs) {
    this.#api = api;
    this.#signs = signs;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  async publish(
    call: SaltCall,
    onReturn: (minion: string, answer: SaltReturn) => void,
    signal?: AbortSignal,
  ): Promise<SaltJob> {
    await this.#listen();
    const id = newJobId();
    this.#open.set(id, { onReturn, returned: new Set() });
    const close = () => this.#close(id);
    const chunk: LowState = {
      client: "local_async",
      tgt: call.minions,
      tgt_type: "list",
      fun: call.fun,
      jid: id,
      ...(call.kwarg === undefined ? {} : { kwarg: call.kwarg }),
    };
    try {
      const answer = asRecord(await this.#api.call(chunk, signal === undefined ? {} : { signal }));
      const minions = Array.isArray(answer.minions) ? answer.minions.filter((name) => typeof name === "string") : [];
      // Salt answers with nothing when it knows none of them.
      return { id, minions: new Set(answer.jid === id ? minions : []), close };
    } catch (error) {
      if (refusalOf(error)?.perhapsDone !== true) close();
      throw error;
    }
  }

  async catchUp(id: string): Promise<void> {
    const job = this.#open.get(id);
    if (job === undefined) return;
    try {
      // Not `lookup_jid`, which leaves out whether it went well.
      const found = asRecord(
        await this.#api.call(
          { client: "runner", fun: "jobs.list_job", kwarg: { jid: id } },
          { mostBytes: mostCachedBytes },
        ),
      );
      for (const [minion, kept] of Object.entries(asRecord(found.Result))) {
        if (job.returned.has(minion) || !("return" in asRecord(kept))) continue;
        this.#tell(job, minion, returnOf(kept));
      }
    } catch {
      // Not permitted, or not now: whoever asked goes on without.
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#listening?.stop.abort();
    this.#open.clear();
  }

  #close(id: string): void {
    this.#open.delete(id);
    if (this.#open.size > 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#open.size > 0) return;
      this.#listening?.stop.abort();
      this.#listening = undefined;
    }, keptOpenMilliseconds).unref();
  }

  /** Resolves when the stream stands. What it throws is the proof that nothing was published. */
  async #listen(): Promise<void> {
    clearTimeout(this.#idle);
    const deaf = performance.now() - this.#heardAt > deafMilliseconds && this.#open.size > 0;
    if (deaf && this.#listening !== undefined) {
      this.#listening.stop.abort();
      this.#listening = undefined;
    }
    this.#listening ??= this.#newStream();
    const mine = this.#listening;
    try {
      await mine.ready;
    } catch (error) {
      if (this.#listening === mine) this.#listening = undefined;
      throw nothingDone(error);
    }
    if (deaf) void this.#catchUpAll();
  }

  async #catchUpAll(): Promise<void> {
    for (const id of [...this.#open.keys()]) await this.catchUp(id);
  }

  #newStream(): { readonly ready: Promise<void>; readonly stop: AbortController } {
    const stop = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => undefined);
    const stream = { ready: promise, stop };
    this.#heardAt = performance.now();
    this.#read(stop.signal, resolve)
      .then(() => undefined, reject)
      .finally(() => {
        reject(new Error(reasonText("salt_stream_ended")));
        if (this.#listening !== stream) return;
        this.#listening = undefined;
        if (this.#open.size > 0 && !this.#closed) void this.#again(200);
      });
    return stream;
  }

  async #read(signal: AbortSignal, ready: () => void): Promise<void> {
    const response: IncomingMessage = await this.#api.events(signal);
    response.socket.setKeepAlive(true, 15_000);
    const reader = createEventReader(
      {
        alive: () => {
          this.#heardAt = performance.now();
          ready();
        },
        wants: (tag) => {
          const { job, minion } = returnTag(tag);
          if (minion !== "") this.#signs.heard(minion);
          return this.#open.has(job);
        },
        take: (tag, data) => this.#take(returnTag(tag), data),
      },
      mostEventBytes,
    );
    for await (const chunk of response as AsyncIterable<Buffer>) reader.push(chunk);
  }

  /** The stream broke while jobs are open: a new one, and what was missed from the job cache. */
  async #again(milliseconds: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
    if (this.#closed || this.#open.size === 0 || this.#listening !== undefined) return;
    try {
      await this.#listen();
    } catch {
      void this.#again(Math.min(milliseconds * 2, 5000));
      return;
    }
    await this.#catchUpAll();
  }

  #take({ job: id, minion }: { job: string; minion: string }, data: string | undefined): void {
    const job = this.#open.get(id);
    if (job === undefined || job.returned.has(minion)) return;
    const event = data === undefined ? undefined : parse(data);
    const answer = event === undefined ? tooLong : returnOf(asRecord(event).data);
    this.#tell(job, minion, answer);
  }

  #tell(job: OpenJob, minion: string, answer: SaltReturn): void {
    job.returned.add(minion);
    job.onReturn(minion, answer);
  }
}

/** Whose return of which job an event is; both empty when it is another event. */
function returnTag(tag: string): { job: string; minion: string } {
  const found = /^salt\/job\/(\d{20})\/ret\/(.+)$/.exec(tag);
  return { job: found?.[1] ?? "", minion: found?.[2] ?? "" };
}

const tooLong: SaltReturn = { value: undefined, code: 0, success: true, trimmed: true };

function returnOf(data: unknown): SaltReturn {
  const { return: value, retcode, success } = asRecord(data);
  return {
    value,
    code: typeof retcode === "number" ? retcode : 0,
    success: success !== false,
    trimmed: isTrimmed(value),
  };
}

function isTrimmed(value: unknown): boolean {
  return value === trimmedMark || Object.values(asRecord(value)).includes(trimmedMark);
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

let lastId = 0n;

/**
 * Salt's job ids are the time in microseconds, 20 digits. Giving our own lets the return be known that comes before
 * salt-api's answer. The microseconds are random, so that two controllers do not meet.
 */
function newJobId(): string {
  const now = new Date();
  const time = now.toISOString().replaceAll(/[^0-9]/g, "");
  let id = BigInt(`${time.slice(0, 17)}${String(Math.floor(Math.random() * 1000)).padStart(3, "0")}`);
  if (id <= lastId) id = lastId + 1n;
  lastId = id;
  return String(id);
}

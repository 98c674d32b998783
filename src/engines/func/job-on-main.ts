import type { EndedEvent, EngineEvent, EngineHost, EngineJob } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { isUserName, taskProblem } from "../../modules/posix.ts";
import { createEventChannel } from "../job/event-channel.ts";
import { createIntentions } from "../job/intentions.ts";
import { ContentReaders } from "./content-readers.ts";
import type { FromThread, FuncThread } from "./thread.ts";

/** Hosts at once of a job: a socket each. */
const mostHosts = 512;
/** Output under way from one thread before the consumer has taken it. */
const creditBytes = 2 * 1024 * 1024;
const creditStep = 256 * 1024;

/** The thread of a host, or why there is none, in a sentence. */
export type ThreadOf = (host: EngineHost) => FuncThread | string;

interface Queued {
  readonly event: EngineEvent;
  readonly thread?: FuncThread;
}

interface Used {
  /** Hosts that go to the thread with the next message. */
  waiting: EngineHost[];
  /** Bytes of output that came and are not taken yet, and those that no credit was given for yet. */
  coming: number;
  taken: number;
}

interface Active {
  readonly thread: FuncThread;
  /** It may have reached the thread. */
  sent: boolean;
  ended(): void;
}

/**
 * One job on the main thread: makes its hosts' intents durable, hands them to the threads up to the width, gives credit
 * back as output is taken, and sees to it that every host ends exactly once, also when a thread dies.
 */
export class JobOnMain {
  readonly number: number;
  readonly #job: EngineJob;
  readonly #threadOf: ThreadOf;
  readonly #left = new AbortController();
  readonly #cancelled: AbortSignal;
  readonly #intentions = createIntentions((positions) => this.#job.intend(positions));
  readonly #channel = createEventChannel<Queued>();
  readonly #content: ContentReaders;
  readonly #active = new Map<number, Active>();
  readonly #used = new Map<FuncThread, Used>();
  #discarding = false;

  constructor(number: number, job: EngineJob, threadOf: ThreadOf, cancelled: AbortSignal) {
    this.number = number;
    this.#job = job;
    this.#threadOf = threadOf;
    this.#cancelled = AbortSignal.any([cancelled, this.#left.signal]);
    this.#content = new ContentReaders(number, job);
  }

  async *events(): AsyncGenerator<EngineEvent, void, undefined> {
    const problem = jobProblem(this.#job);
    const hosts = this.#job.hosts.values();
    const work = async () => {
      for (const host of hosts) await this.#run(host, problem);
    };
    const width = Math.max(1, Math.min(this.#job.width, mostHosts, this.#job.hosts.length));
    this.#cancelled.addEventListener("abort", () => this.#tellAll({ kind: "cancel", job: this.number }), {
      once: true,
    });
    const done = Promise.all(Array.from({ length: width }, work)).then(() => this.#channel.end());
    try {
      for await (const { event, thread } of this.#channel.events()) {
        yield event;
        if (event.kind === "output" && thread !== undefined) this.#taken(thread, event.data.length);
      }
    } finally {
      this.#left.abort();
      this.#discard();
      await done;
      this.#tellAll({ kind: "forget", job: this.number });
      for (const thread of this.#used.keys()) thread.idle();
      this.#content.close();
    }
  }

  /** What a thread says of this job. */
  take(thread: FuncThread, message: Exclude<FromThread, { kind: "tested" }>): void {
    switch (message.kind) {
      case "events":
        for (const event of message.events) this.#event(thread, event);
        return;
      case "wantContent":
        void this.#content.next(thread, message.position);
        return;
      case "doneContent":
        this.#content.done(message.position);
        return;
    }
  }

  threadDied(thread: FuncThread, reason: string): void {
    for (const [position, host] of this.#active) {
      if (host.thread !== thread) continue;
      const text = reasonText("func_thread_broke", { detail: reason });
      const event =
        host.sent && thread.started
          ? ended(position, "unknown", reasonText("func_in_hand", { why: text }))
          : ended(position, "not_started", reasonText("func_before_start", { why: text }));
      this.#event(thread, event);
    }
  }

  async #run(host: EngineHost, problem: string | undefined): Promise<void> {
    const refusal = problem ?? (this.#cancelled.aborted ? cancelledFirst : await this.#permission(host));
    const thread = refusal ?? this.#threadOf(host);
    if (typeof thread === "string") this.#channel.put({ event: ended(host.position, "not_started", thread) });
    else await this.#handOver(thread, host);
  }

  /** Undefined when the host may start. */
  async #permission(host: EngineHost): Promise<string | undefined> {
    try {
      const allowed = await this.#intentions.intend(host.position);
      if (this.#cancelled.aborted) return cancelledFirst;
      return allowed ? undefined : reasonText("taken_out_before_start");
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return reasonText("engine_not_recorded", { detail: text });
    }
  }

  /** Resolves when the host has ended. Hosts of the same moment go in one message. */
  #handOver(thread: FuncThread, host: EngineHost): Promise<void> {
    const used = this.#use(thread);
    used.waiting.push(host);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#active.set(host.position, { thread, sent: false, ended: resolve });
    if (used.waiting.length === 1) setImmediate(() => this.#post(thread, used.waiting.splice(0)));
    return promise;
  }

  #post(thread: FuncThread, hosts: readonly EngineHost[]): void {
    for (const { position } of hosts) {
      const active = this.#active.get(position);
      if (active !== undefined) active.sent = true;
    }
    thread.post({ kind: "hosts", job: this.number, hosts });
  }

  #use(thread: FuncThread): Used {
    const known = this.#used.get(thread);
    if (known !== undefined) return known;
    const used: Used = { waiting: [], coming: 0, taken: 0 };
    this.#used.set(thread, used);
    const { task, become, limits } = this.#job;
    thread.busy();
    thread.post({
      kind: "job",
      job: this.number,
      task,
      limits,
      credit: creditBytes,
      ...(become === undefined ? {} : { become }),
    });
    return used;
  }

  #event(thread: FuncThread, event: EngineEvent): void {
    const active = this.#active.get(event.position);
    if (active === undefined) return;
    if (event.kind === "output") {
      this.#use(thread).coming += event.data.length;
      if (this.#discarding) this.#taken(thread, event.data.length);
    }
    this.#channel.put({ event, thread });
    if (event.kind !== "ended") return;
    this.#active.delete(event.position);
    active.ended();
  }

  #taken(thread: FuncThread, bytes: number): void {
    const used = this.#use(thread);
    used.coming -= bytes;
    used.taken += bytes;
    if (used.taken < creditStep) return;
    thread.post({ kind: "credit", job: this.number, bytes: used.taken });
    used.taken = 0;
  }

  /** Nobody takes events any more: no host is to wait for that. */
  #discard(): void {
    this.#discarding = true;
    this.#channel.discard();
    for (const [thread, { coming }] of this.#used) this.#taken(thread, coming);
  }

  #tellAll(message: { readonly kind: "cancel" | "forget"; readonly job: number }): void {
    for (const thread of this.#used.keys()) thread.post(message);
  }
}

function jobProblem({ task, become }: EngineJob): string | undefined {
  if (become !== undefined && !isUserName(become.user)) return reasonText("ansible_become", { user: become.user });
  return task.kind === "native" ? undefined : taskProblem(task);
}

const cancelledFirst = reasonText("run_cancelled_before_start");

function ended(position: number, state: "not_started" | "unknown", reason: string): EndedEvent {
  const output = state === "unknown" ? "partial" : "complete";
  return { kind: "ended", position, state, reason, stdoutBytes: 0, stderrBytes: 0, output };
}

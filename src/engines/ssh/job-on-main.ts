import type { BegunHost, EndedEvent, EngineEvent, EngineHost, EngineJob } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { isUserName, taskProblem } from "../../modules/posix.ts";
import { ContentSource } from "./content-source.ts";
import { EventQueue } from "./event-queue.ts";
import { hostCreditBytes } from "./host-output.ts";
import type { RoutedHost, Secret } from "./messages.ts";
import { JobSecrets } from "./secrets.ts";
import type { FromThread, SshThread } from "./thread.ts";

/** Output under way from one thread before the consumer has taken it. */
const creditBytes = 2 * 1024 * 1024;

interface Queued {
  readonly event: EngineEvent;
  readonly thread: SshThread | undefined;
}

export interface JobOptions {
  /** For how long a host on which something was begun is looked for, once its connection is lost. */
  readonly reconnectMilliseconds: number;
  readonly begun?: readonly BegunHost[];
  /** The hosts only forget what they kept; nothing is run. */
  readonly errand?: boolean;
}

/** The threads that a job may use, by host. */
export interface Threads {
  /** Undefined once the engine is closed. */
  forHost(host: RoutedHost): SshThread | undefined;
}

/**
 * One job on the main thread: lets hosts in up to the width, makes their intents durable in groups, gives credit back
 * as output is consumed, and sees to it that every host ends exactly once, also when a thread dies.
 */
export class JobOnMain {
  readonly number: number;
  readonly #job: EngineJob;
  readonly #threads: Threads;
  readonly #secrets: JobSecrets;
  readonly #content: ContentSource;
  readonly #queue = new EventQueue<Queued>();
  readonly #waiting: EngineHost[];
  /** Hosts that were handed to a thread and have not ended. */
  readonly #active = new Map<number, { readonly thread: SshThread; permitted: boolean; owed: number }>();
  readonly #used = new Map<SshThread, { sent: Set<string>; owed: number }>();
  #toIntend: number[] = [];
  #intending = false;
  #cancelled = false;
  #left: number;
  /** Hosts that an earlier life began: they are asked what became of it, cancelled or not. */
  readonly #begun: ReadonlyMap<number, BegunHost>;
  readonly #reconnectMilliseconds: number;
  readonly #errand: boolean;

  constructor(number: number, job: EngineJob, threads: Threads, options: JobOptions) {
    this.number = number;
    this.#job = job;
    this.#threads = threads;
    this.#begun = new Map(options.begun?.map((host) => [host.position, host]));
    this.#reconnectMilliseconds = options.reconnectMilliseconds;
    this.#errand = options.errand === true;
    this.#secrets = new JobSecrets(job);
    this.#content = new ContentSource(number, job, (position, message) =>
      this.#tell({ kind: "notice", position, message }),
    );
    this.#waiting = [...job.hosts].reverse();
    this.#left = job.hosts.length;
  }

  /** All events, to the last `ended`. Leaving early cancels and waits until that is confirmed. */
  async *events(signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    const cancel = () => this.#cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      if (!signal.aborted || this.#begun.size > 0) await this.#begin();
      if (signal.aborted) cancel();
      for (let item = await this.#queue.take(); item !== undefined; item = await this.#queue.take()) {
        this.#consumed(item);
        yield item.event;
      }
    } finally {
      cancel();
      for (let item = await this.#queue.take(); item !== undefined; item = await this.#queue.take())
        this.#consumed(item);
      signal.removeEventListener("abort", cancel);
      for (const thread of this.#used.keys()) {
        if (!thread.dead) thread.post({ kind: "forget", job: this.number });
        thread.idle();
      }
    }
  }

  /** A message of this job from one of its threads. */
  take(thread: SshThread, message: Exclude<FromThread, { kind: "tested" | "settled" | "hostKey" }>): void {
    switch (message.kind) {
      case "events":
        for (const position of message.connected) this.#toIntend.push(position);
        for (const event of message.events) this.#tell(event, thread);
        if (message.connected.length > 0) void this.#intend();
        this.#admit();
        return;
      case "forgo":
        void this.#forgo(thread, message.position);
        return;
      case "wantContent":
        void this.#content.next(thread, message.position);
        return;
      case "doneContent":
        void this.#content.done(message.position);
        return;
    }
  }

  threadDied(thread: SshThread, reason: string): void {
    for (const [position, host] of this.#active) {
      if (host.thread !== thread) continue;
      const text = reasonText("ssh_thread_broke", { detail: reason });
      if (host.permitted || this.#begun.has(position))
        this.#ended(position, "unknown", reasonText("ssh_thread_broke_in_hand", { why: text }));
      else this.#ended(position, "not_started", reasonText("func_before_start", { why: text }));
    }
    this.#admit();
  }

  async #begin(): Promise<void> {
    const { task, become, hosts } = this.#job;
    const problem =
      taskProblem(task) ??
      (become === undefined || isUserName(become.user)
        ? undefined
        : reasonText("ansible_become", { user: become.user }));
    if (problem !== undefined) {
      for (const host of this.#waiting.splice(0).reverse()) this.#ended(host.position, "not_started", problem);
    }
    if (hosts.length === 0) this.#queue.end();
    await this.#secrets.load(this.#waiting);
    this.#admit();
  }

  #admit(): void {
    const groups = new Map<SshThread, { hosts: RoutedHost[]; secrets: Record<string, Secret> }>();
    while (this.#active.size < Math.max(1, this.#job.width)) {
      const host = this.#waiting.pop();
      if (host === undefined) break;
      const begun = this.#begun.get(host.position);
      const route = this.#secrets.route(host);
      if (typeof route === "string") {
        this.#ended(host.position, begun === undefined ? "not_started" : "unknown", route);
        continue;
      }
      const routed = begun === undefined ? route : { ...route, begun };
      const thread = this.#threads.forHost(routed);
      if (thread === undefined) {
        this.#ended(host.position, "not_started", reasonText("engine_closed_before_start"));
        continue;
      }
      this.#active.set(host.position, { thread, permitted: false, owed: 0 });
      const group = groups.get(thread) ?? { hosts: [], secrets: {} };
      groups.set(thread, group);
      group.hosts.push(routed);
      const { sent } = this.#use(thread);
      for (const [name, secret] of this.#secrets.of(routed.route)) {
        if (sent.has(name)) continue;
        sent.add(name);
        group.secrets[name] = secret;
      }
    }
    for (const [thread, group] of groups) thread.post({ kind: "hosts", job: this.number, ...group });
  }

  #use(thread: SshThread): { sent: Set<string>; owed: number } {
    const known = this.#used.get(thread);
    if (known !== undefined) return known;
    const { task, become, limits } = this.#job;
    const use = { sent: new Set<string>(), owed: 0 };
    this.#used.set(thread, use);
    thread.busy();
    thread.post({
      kind: "job",
      job: this.number,
      task,
      runUid: this.#job.runUid,
      limits,
      credit: creditBytes,
      reconnectMilliseconds: this.#reconnectMilliseconds,
      errand: this.#errand,
      ...(become === undefined ? {} : { becomeUser: become.user }),
    });
    return use;
  }

  /** Groups what has connected meanwhile, so that a slow disk is waited for once and not for every host. */
  async #intend(): Promise<void> {
    if (this.#intending) return;
    this.#intending = true;
    while (this.#toIntend.length > 0) {
      const positions = this.#toIntend;
      this.#toIntend = [];
      let allowed: ReadonlySet<number>;
      let reason = reasonText("taken_out_before_start");
      try {
        allowed = new Set(await this.#job.intend(positions));
      } catch (error) {
        allowed = new Set();
        reason = reasonText("engine_not_recorded", { detail: error instanceof Error ? error.message : String(error) });
      }
      for (const thread of new Set(positions.map((position) => this.#active.get(position)?.thread))) {
        if (thread === undefined || thread.dead) continue;
        const own = positions.filter((position) => this.#active.get(position)?.thread === thread);
        const permitted = own.filter((position) => allowed.has(position));
        const held = own.filter((position) => !allowed.has(position));
        for (const position of permitted) {
          const host = this.#active.get(position);
          if (host !== undefined) host.permitted = true;
        }
        if (permitted.length > 0) thread.post({ kind: "proceed", job: this.number, positions: permitted });
        if (held.length > 0) thread.post({ kind: "hold", job: this.number, positions: held, reason });
      }
    }
    this.#intending = false;
  }

  async #forgo(thread: SshThread, position: number): Promise<void> {
    let error: string | undefined;
    try {
      await this.#job.forgoClaim?.([position]);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const told = error === undefined ? {} : { error };
    if (!thread.dead) thread.post({ kind: "forgone", job: this.number, position, ...told });
  }

  #cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const host of this.#waiting.splice(0).reverse()) {
      if (this.#begun.has(host.position)) this.#waiting.unshift(host);
      else this.#ended(host.position, "not_started", reasonText("run_cancelled_before_start"));
    }
    if (this.#left === 0) this.#queue.end();
    for (const thread of this.#used.keys()) if (!thread.dead) thread.post({ kind: "cancel", job: this.number });
  }

  #ended(position: number, state: EndedEvent["state"], reason: string): void {
    this.#tell({
      kind: "ended",
      position,
      state,
      reason,
      stdoutBytes: 0,
      stderrBytes: 0,
      output: state === "unknown" ? "partial" : "complete",
    });
  }

  #tell(event: EngineEvent, thread?: SshThread): void {
    // The news that a file could not be read may come after the host has ended for that.
    if (event.kind === "notice" && !this.#active.has(event.position)) return;
    this.#queue.push({ event, thread });
    if (event.kind !== "ended") return;
    this.#active.delete(event.position);
    this.#left -= 1;
    if (this.#left === 0) this.#queue.end();
  }

  #consumed({ event, thread }: Queued): void {
    if (event.kind !== "output" || thread === undefined) return;
    this.#consumedOfHost(thread, event.position, event.data.length);
    const use = this.#use(thread);
    use.owed += event.data.length;
    // The rest of the credit is with the thread, and each message wakes it.
    if (use.owed < creditBytes / 8) return;
    if (!thread.dead) thread.post({ kind: "credit", job: this.number, bytes: use.owed });
    use.owed = 0;
  }

  /** Gives a host that prints much its credit back, as soon as there is room for more of it. */
  #consumedOfHost(thread: SshThread, position: number, bytes: number): void {
    const host = this.#active.get(position);
    if (host === undefined) return;
    host.owed += bytes;
    if (host.owed < hostCreditBytes / 2) return;
    const { owed } = host;
    host.owed = 0;
    const give = () => {
      if (!thread.dead) thread.post({ kind: "hostCredit", job: this.number, position, bytes: owed });
    };
    const room = this.#job.outputRoom?.(position);
    if (room === undefined) give();
    else void room.then(give);
  }
}

import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import type {
  ConnectionReport,
  Engine,
  EngineContext,
  EngineErrand,
  EngineEvent,
  EngineHealth,
  EngineHost,
  EngineJob,
  EngineManifest,
  EngineRecovery,
  Task,
} from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import { ConnectionTests } from "../job/connection-tests.ts";
import { threadOfHost } from "../job/engine-thread.ts";
import type { ConnectionLimits } from "./connections.ts";
import { HostKeyQuestions } from "./host-key-questions.ts";
import { JobOnMain, type JobOptions } from "./job-on-main.ts";
import type { RoutedHost } from "./messages.ts";
import { JobSecrets } from "./secrets.ts";
import { Settlings } from "./settlings.ts";
import { type FromThread, type SshThread, startSshThread } from "./thread.ts";

export interface SshEngineOptions {
  /** Worker threads; default one for each core but one (the main thread has that), at most 8. */
  readonly threads?: number;
  /** Idle connections kept warm over all threads; default 2,000 (25–35 KB each here, one sshd process on its host). */
  readonly keptConnections?: number;
  /** How long an idle connection is kept; default 2 minutes. */
  readonly idleMilliseconds?: number;
  /** Handshakes at once in each thread; default 64. More only lengthens each of them. */
  readonly handshakes?: number;
  /** For how long a host on which something runs is looked for, once its connection is lost; default 90 s. */
  readonly reconnectMilliseconds?: number;
  /** For a connection test; default 10 s. */
  readonly testMilliseconds?: number;
}

const manifest: EngineManifest = {
  id: "ssh",
  capabilities: capabilitiesOf("ssh"),
};

/**
 * Hosts by SSH, with nothing on them but sshd and a POSIX shell. Handshakes and ciphers run in worker threads; signed-in
 * connections are kept for the next run. See docs/adr/ssh-in-worker-threads.md.
 */
export function createSshEngine(options: SshEngineOptions = {}): Engine {
  return new SshEngine(options);
}

class SshEngine implements Engine {
  readonly manifest = manifest;
  readonly #count: number;
  readonly #limits: ConnectionLimits;
  readonly #testMilliseconds: number;
  readonly #threads: (SshThread | undefined)[] = [];
  readonly #jobs = new Map<number, JobOnMain>();
  readonly #tests = new ConnectionTests<EngineContext>();
  readonly #settlings = new Settlings();
  readonly #hostKeys = new HostKeyQuestions();
  readonly #reconnectMilliseconds: number;
  readonly recovery: EngineRecovery = {
    recover: (job, begun, signal) => this.#run(job, signal, { begun }),
    settled: (runUid, positions) => this.#settlings.settle(this.#threads, runUid, positions),
    settleAgain: (errand, signal) => this.#settleAgain(errand, signal),
  };
  #lastNumber = 0;
  #closed = false;

  constructor(options: SshEngineOptions) {
    this.#count = Math.max(1, options.threads ?? Math.min(8, availableParallelism() - 1));
    this.#limits = {
      kept: Math.ceil((options.keptConnections ?? 2000) / this.#count),
      idleMilliseconds: options.idleMilliseconds ?? 120_000,
      handshakes: options.handshakes ?? 64,
    };
    this.#testMilliseconds = options.testMilliseconds ?? 10_000;
    this.#reconnectMilliseconds = options.reconnectMilliseconds ?? 90_000;
  }

  /** Also starts the threads, so that the first run finds them ready. */
  async probe(_signal: AbortSignal): Promise<EngineHealth> {
    try {
      const threads = Array.from({ length: this.#count }, (_, index) => this.#thread(index));
      await Promise.all(threads.flatMap((thread) => (thread === undefined ? [] : [thread.ready])));
      const { version } = createRequire(import.meta.url)("ssh2/package.json") as { version: string };
      return { usable: true, version: `ssh2 ${version}` };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return {
        usable: false,
        reason: reasonText("engine_thread_no_start", { detail: reason }),
        mend: reasonText("engine_install_anew"),
      };
    }
  }

  run(job: EngineJob, signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    return this.#run(job, signal, {});
  }

  async *#run(
    job: EngineJob,
    signal: AbortSignal,
    what: Pick<JobOptions, "begun" | "errand">,
  ): AsyncGenerator<EngineEvent, void, undefined> {
    this.#lastNumber += 1;
    const threads = { forHost: (host: RoutedHost) => this.#thread(this.#indexOf(host)) };
    const options = { ...what, reconnectMilliseconds: this.#reconnectMilliseconds };
    const running = new JobOnMain(this.#lastNumber, job, threads, options);
    this.#jobs.set(running.number, running);
    this.#hostKeys.begin(running.number, job);
    try {
      yield* running.events(signal);
    } finally {
      this.#jobs.delete(running.number);
      this.#hostKeys.over(running.number);
    }
  }

  async #settleAgain(errand: EngineErrand, signal: AbortSignal): Promise<void> {
    const nothing: Task = { kind: "command", argv: ["true"], environment: {}, secretNames: [] };
    const job: EngineJob = { ...errand, task: nothing, danger: "read", check: false, intend: async () => [] };
    try {
      for await (const _ of this.#run(job, signal, { errand: true }));
    } catch (error) {
      process.emitWarning(`Hosts were not told that they may forget: ${error}`, { code: "OMSERVER_SSH_FAULT" });
    }
  }

  async testConnection(host: EngineHost, context: EngineContext, signal: AbortSignal): Promise<ConnectionReport> {
    const secrets = new JobSecrets(context);
    await secrets.load([host]);
    const routed = secrets.route(host);
    if (typeof routed === "string") return { ok: false, message: routed, milliseconds: 0 };
    const thread = this.#thread(this.#indexOf(routed));
    if (thread === undefined) return { ok: false, message: reasonText("ssh_closed"), milliseconds: 0 };
    return await this.#tests.run(thread, {
      ask: (test) =>
        thread.post({
          kind: "test",
          test,
          host: routed,
          secrets: Object.fromEntries(secrets.of(routed.route)),
          connectMilliseconds: this.#testMilliseconds,
        }),
      context,
      signal,
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const threads = this.#threads.splice(0).filter((thread) => thread !== undefined);
    await Promise.all(threads.map((thread) => thread.close()));
    for (const thread of threads) this.#died(thread, reasonText("engine_was_closed"));
  }

  #indexOf(host: RoutedHost): number {
    return threadOfHost(host.route.at(-1) ?? { address: "", port: 0 }, this.#count);
  }

  #thread(index: number): SshThread | undefined {
    const known = this.#threads[index];
    if (known !== undefined && !known.dead) return known;
    if (this.#closed) return undefined;
    const thread = startSshThread(this.#limits, (from, message) => this.#take(from, message));
    thread.onDeath = (reason) => this.#died(thread, reason);
    this.#threads[index] = thread;
    return thread;
  }

  #take(thread: SshThread, message: FromThread): void {
    if (message.kind === "settled") {
      this.#settlings.answered(thread, message.settling);
      return;
    }
    if (message.kind === "tested") {
      this.#tests.tested(message.test, message.report);
      return;
    }
    if (message.kind === "hostKey") {
      const { asker } = message;
      void this.#hostKeys.answer(thread, message, "test" in asker ? this.#tests.contextOf(asker.test) : undefined);
      return;
    }
    this.#jobs.get(message.job)?.take(thread, message);
  }

  #died(thread: SshThread, reason: string): void {
    this.#settlings.died(thread);
    for (const job of this.#jobs.values()) job.threadDied(thread, reason);
    this.#tests.failAll(reasonText("ssh_thread_broke_again", { detail: reason }));
  }
}

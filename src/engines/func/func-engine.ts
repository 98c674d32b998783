import { availableParallelism } from "node:os";
import type {
  ConnectionReport,
  Engine,
  EngineContext,
  EngineEvent,
  EngineHealth,
  EngineHost,
  EngineJob,
  EngineManifest,
} from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import { ConnectionTests } from "../job/connection-tests.ts";
import { threadOfHost } from "../job/engine-thread.ts";
import { createHostSource } from "./host-source.ts";
import { legacyWarning, loadIdentity, UnusableIdentity } from "./identity.ts";
import { JobOnMain } from "./job-on-main.ts";
import type { FuncSettings } from "./settings.ts";
import { type FromThread, type FuncThread, startFuncThread } from "./thread.ts";

const manifest: EngineManifest = { id: "func", capabilities: capabilitiesOf("func") };

const sshPort = 22;

/**
 * Minions of Func, spoken to directly by their XML-RPC over mutual TLS, as Func's own overlord does. TLS and XML run in
 * worker threads, one for each core but one; connections are kept for the next command.
 */
export function createFuncEngine(settings: FuncSettings): Engine {
  return new FuncEngine(settings);
}

class FuncEngine implements Engine {
  readonly manifest = manifest;
  readonly hostSource;
  readonly #settings: FuncSettings;
  readonly #closing = new AbortController();
  readonly #count = Math.max(1, Math.min(8, availableParallelism() - 1));
  readonly #threads: (FuncThread | undefined)[] = [];
  readonly #jobs = new Map<number, JobOnMain>();
  readonly #tests = new ConnectionTests();
  #lastNumber = 0;

  constructor(settings: FuncSettings) {
    this.#settings = settings;
    this.hostSource = createHostSource(settings);
  }

  /** Also starts the threads, so that the first run finds them ready. */
  async probe(_signal: AbortSignal): Promise<EngineHealth> {
    const { port } = this.#settings;
    try {
      loadIdentity(this.#settings);
      const threads = Array.from({ length: this.#count }, (_, index) => this.#thread(index));
      await Promise.all(threads.flatMap((thread) => (thread === undefined ? [] : [thread.ready])));
    } catch (error) {
      if (error instanceof UnusableIdentity) return { usable: false, reason: error.message, mend: error.mend };
      const reason = reasonText("engine_thread_no_start", {
        detail: error instanceof Error ? error.message : String(error),
      });
      return { usable: false, reason, mend: reasonText("engine_install_anew") };
    }
    const warning = legacyWarning(this.#settings);
    return { usable: true, version: reasonText("func_port", { port }), ...(warning === undefined ? {} : { warning }) };
  }

  async *run(job: EngineJob, signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    this.#lastNumber += 1;
    const cancelled = AbortSignal.any([signal, this.#closing.signal]);
    const hosts = job.hosts.map((host) => this.#reached(host));
    const running = new JobOnMain(this.#lastNumber, { ...job, hosts }, (host) => this.#threadOf(host), cancelled);
    this.#jobs.set(running.number, running);
    try {
      yield* running.events();
    } finally {
      this.#jobs.delete(running.number);
    }
  }

  async testConnection(host: EngineHost, _context: EngineContext, signal: AbortSignal): Promise<ConnectionReport> {
    const reached = this.#reached(host);
    const thread = this.#threadOf(reached);
    if (typeof thread === "string") return { ok: false, message: thread, milliseconds: 0 };
    return await this.#tests.run(thread, {
      ask: (test) => thread.post({ kind: "test", test, host: reached }),
      context: undefined,
      signal,
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const threads = this.#threads.splice(0).filter((thread) => thread !== undefined);
    await Promise.all(threads.map((thread) => thread.close()));
    for (const thread of threads) this.#died(thread, reasonText("engine_was_closed"));
  }

  /** With the port of its minion: its own where that is not SSH's, as every host has one. */
  #reached(host: EngineHost): EngineHost {
    const own = this.#settings.hostPorts && host.port !== sshPort;
    return { ...host, port: own ? host.port : this.#settings.port };
  }

  #threadOf(host: EngineHost): FuncThread | string {
    try {
      const thread = this.#thread(threadOfHost(host, this.#count));
      return thread ?? reasonText("func_closed_before");
    } catch (error) {
      if (error instanceof UnusableIdentity) return `${error.message} ${error.mend}`;
      throw error;
    }
  }

  /** The certificates are read when a thread starts: the engine is there without them, and says why it cannot be used. */
  #thread(index: number): FuncThread | undefined {
    const known = this.#threads[index];
    const identity = known === undefined || known.dead ? loadIdentity(this.#settings) : undefined;
    if (identity === undefined) return known;
    if (this.#closing.signal.aborted) return undefined;
    const data = { identity, hostFolder: this.#settings.hostFolder };
    const thread = startFuncThread(data, (from, message) => this.#take(from, message));
    thread.onDeath = (reason) => this.#died(thread, reason);
    this.#threads[index] = thread;
    return thread;
  }

  #take(thread: FuncThread, message: FromThread): void {
    if (message.kind === "tested") this.#tests.tested(message.test, message.report);
    else this.#jobs.get(message.job)?.take(thread, message);
  }

  #died(thread: FuncThread, reason: string): void {
    for (const job of this.#jobs.values()) job.threadDied(thread, reason);
    this.#tests.failAll(reasonText("func_thread_again", { detail: reason }));
  }
}

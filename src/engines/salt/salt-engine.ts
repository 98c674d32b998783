import type {
  ConnectionReport,
  Engine,
  EngineEvent,
  EngineHost,
  EngineJob,
  EngineManifest,
  HostKeyring,
  HostSource,
} from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import { createEventChannel } from "../job/event-channel.ts";
import { createIntentions } from "../job/intentions.ts";
import { createSaltApi, type SaltApi } from "./api.ts";
import { type Clearing, createClearing } from "./clearing.ts";
import { within } from "./ending.ts";
import { createHostSource } from "./host-source.ts";
import { createSaltJobs, type SaltJobs } from "./jobs.ts";
import { createKeyring } from "./keyring.ts";
import type { Lane } from "./lane.ts";
import { createPings, type Pings } from "./pings.ts";
import { createMasterPresence } from "./presence.ts";
import { probeSalt } from "./probe.ts";
import { createHostRunner } from "./run-host.ts";
import type { SaltSettings } from "./settings.ts";
import { createSigns } from "./signs.ts";

/** For what is still to be cleared away when the engine is closed. */
const farewellMilliseconds = 2000;

const manifest: EngineManifest = { id: "salt", capabilities: capabilitiesOf("salt") };

/** Minions of a Salt master, through its salt-api: a host's name is its minion's. See docs/adr/salt-tasks-are-claimed-and-run-by-the-minions-own-python.md. */
export function createSaltEngine(settings: SaltSettings): Engine {
  return new SaltEngine(settings);
}

class SaltEngine implements Engine {
  readonly manifest = manifest;
  readonly hostSource: HostSource;
  readonly keyring: HostKeyring;
  readonly #settings: SaltSettings;
  readonly #api: SaltApi;
  readonly #jobs: SaltJobs;
  readonly #signs = createSigns();
  readonly #pings: Pings;
  readonly #clearing: Clearing;
  readonly #closing = new AbortController();

  constructor(settings: SaltSettings) {
    this.#settings = settings;
    this.#api = createSaltApi(settings);
    this.#jobs = createSaltJobs(this.#api, this.#signs);
    this.#pings = createPings(this.#jobs, this.#signs, createMasterPresence(this.#api, this.#signs));
    this.#clearing = createClearing(this.#jobs);
    this.hostSource = createHostSource(this.#api);
    this.keyring = createKeyring(this.#api);
  }

  probe(signal: AbortSignal) {
    return probeSalt(this.#api, this.#settings, signal);
  }

  async *run(job: EngineJob, signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    const left = new AbortController();
    const lane: Lane = {
      job,
      settings: this.#settings,
      jobs: this.#jobs,
      pings: this.#pings,
      signs: this.#signs,
      clearing: this.#clearing,
      cancelled: AbortSignal.any([signal, left.signal, this.#closing.signal]),
      intentions: createIntentions((positions) => job.intend(positions)),
      channel: createEventChannel(),
    };
    const runner = createHostRunner(lane);
    const hosts = job.hosts.values();
    async function work(): Promise<void> {
      for (const host of hosts) await runner.run(host);
    }
    const width = Math.max(1, Math.min(job.width, job.hosts.length));
    const done = Promise.all(Array.from({ length: width }, work)).then(async () => {
      await runner.close();
      lane.channel.end();
    });
    try {
      yield* lane.channel.events();
    } finally {
      left.abort();
      lane.channel.discard();
      await done;
    }
  }

  async testConnection(host: EngineHost, _context: unknown, _signal: AbortSignal): Promise<ConnectionReport> {
    const begun = performance.now();
    const found = await this.#pings.ping(host.name, this.#settings.answerMilliseconds);
    const milliseconds = Math.round(performance.now() - begun);
    if (found.kind === "alive")
      return { ok: true, message: reasonText("salt_answers", { minion: host.name }), milliseconds };
    return { ok: false, message: found.kind === "absent" ? found.reason : found.message, milliseconds };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#pings.close();
    await within(farewellMilliseconds, this.#clearing.close());
    this.#jobs.close();
    this.#api.close();
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type {
  ConnectionReport,
  Engine,
  EngineContext,
  EngineEvent,
  EngineHealth,
  EngineHost,
  EngineJob,
  EngineManifest,
  HostSource,
} from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import { type AnsibleHome, endProcessesOf } from "./ansible-process.ts";
import { Batch, cancelledFirst } from "./batch.ts";
import { notStarted } from "./batch-hosts.ts";
import { testConnection } from "./connection-test.ts";
import { ContentCache } from "./content.ts";
import { SeenKeys } from "./host-key-checks.ts";
import { discoverHosts } from "./host-source.ts";
import { findInstallation, type Installation } from "./installation.ts";
import { removeLeftFolders } from "./job-folder.ts";
import { Reserve } from "./reserve.ts";
import { type AnsibleSettings, ansibleSettings } from "./settings.ts";
import { jobProblem } from "./task-work.ts";

export interface AnsibleEngineOptions {
  readonly settings?: AnsibleSettings;
  /** A folder of the controller's own, made when it is needed. */
  readonly folder: string;
  /** Bytes of output that may lie on the disk of one start of Ansible before they are told; default 128 MiB. */
  readonly waitingBytes?: number;
}

const manifest: EngineManifest = { id: "ansible", capabilities: capabilitiesOf("ansible") };

/** Hosts of one start of Ansible: many starts cost, but a crash leaves all hosts of a start in doubt. */
function batchSize(forks: number): number {
  return Math.max(200, forks * 4);
}

/** Ansible, as it is installed on the controller. See docs/adr/ansible-tells-by-a-callback-of-ours.md. */
export function createAnsibleEngine(options: AnsibleEngineOptions): Engine {
  return new AnsibleEngine(options);
}

class AnsibleEngine implements Engine {
  readonly manifest = manifest;
  readonly hostSource: HostSource = {
    discover: async (signal) => await discoverHosts(await this.#ready(), signal),
  };
  readonly #settings: AnsibleSettings;
  readonly #folder: string;
  readonly #waiting: Pick<AnsibleEngineOptions, "waitingBytes">;
  readonly #seenKeys = new SeenKeys();
  readonly #reserve = new Reserve();
  readonly #closing = new AbortController();
  #home: Promise<AnsibleHome> | undefined;

  constructor({ settings, folder, waitingBytes }: AnsibleEngineOptions) {
    this.#settings = settings ?? ansibleSettings.parse({});
    this.#folder = folder;
    this.#waiting = waitingBytes === undefined ? {} : { waitingBytes };
  }

  async probe(signal: AbortSignal): Promise<EngineHealth> {
    const found = await findInstallation(this.#settings, signal);
    if ("usable" in found) return found;
    return { usable: true, version: `ansible-core ${found.version}` };
  }

  async *run(job: EngineJob, signal: AbortSignal): AsyncGenerator<EngineEvent, void, undefined> {
    if (job.hosts.length === 0) return;
    const cancelled = AbortSignal.any([signal, this.#closing.signal]);
    const problem = jobProblem(job) ?? (cancelled.aborted ? cancelledFirst : undefined);
    if (problem !== undefined) {
      for (const { position } of job.hosts) yield notStarted(position, problem);
      return;
    }
    const home = await this.#ready();
    const content = new ContentCache(job, this.#folder, cancelled);
    // Plays see all of their hosts (run_once, serial, hostvars), so they are never divided.
    const size = job.task.kind === "playbook" ? job.hosts.length : batchSize(Math.min(job.width, this.#settings.forks));
    try {
      for (let at = 0; at < job.hosts.length; at += size) {
        const hosts = job.hosts.slice(at, at + size);
        if (cancelled.aborted) for (const { position } of hosts) yield notStarted(position, cancelledFirst);
        else {
          const launched = this.#reserve.take(home);
          const seenKeys = this.#seenKeys;
          yield* new Batch({ home, job, hosts, cancelled, seenKeys, content, launched, ...this.#waiting }).run();
          this.#reserve.renew(home);
        }
      }
    } finally {
      content.remove();
    }
  }

  async testConnection(host: EngineHost, context: EngineContext, signal: AbortSignal): Promise<ConnectionReport> {
    return await testConnection(await this.#ready(), host, context, this.#seenKeys, signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reserve.close();
  }

  /** Throws `engine.unusable` with reason and mend; looked up anew until it has succeeded once. */
  #ready(): Promise<AnsibleHome> {
    this.#home ??= this.#prepare().catch((error: unknown) => {
      this.#home = undefined;
      throw error;
    });
    return this.#home;
  }

  async #prepare(): Promise<AnsibleHome> {
    const installation = await findInstallation(this.#settings, AbortSignal.timeout(15_000));
    if ("usable" in installation) throw new OmError("engine.unusable", `${installation.reason} ${installation.mend}`);
    const home = prepareHome(installation, this.#settings, this.#folder);
    await removeLeftFolders(this.#folder, endProcessesOf);
    return home;
  }
}

function prepareHome(installation: Installation, settings: AnsibleSettings, folder: string): AnsibleHome {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const config = join(folder, "ansible.cfg");
  writeFileSync(config, "# Empty on purpose: engines.ansible.config names one of your own.\n", { mode: 0o600 });
  const askProgram = join(folder, "ask");
  // `ssh` wants a program that can be executed; its text is constant.
  writeFileSync(
    askProgram,
    '#!/bin/sh\n[ "$#" -gt 1 ] || set -- password "$1"\ncase $1$2 in hostkeyORDER|hostkeyADDRESS) exit 0;; esac\nexec "$OMSERVER_PYTHON" -I -S "$OMSERVER_ASK" "$@"\n',
    { mode: 0o700 },
  );
  return { installation, settings, folder, config, askProgram };
}

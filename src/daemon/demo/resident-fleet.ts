import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Fleet, startFleet } from "./fleet.ts";
import { hostsCsv } from "./hosts-csv.ts";

/** A demo fleet beside the product, from when it is asked for until it is taken away; restarts do not end it. */
export interface ResidentFleet {
  /** Its hosts' keys, while there is a fleet. */
  readonly knownHostsFile: string;
  readonly listening: number;
  start(credential: string): Promise<{ hostsCsv: string; user: string; privateKey: string }>;
  stop(): Promise<void>;
  /** Starts it where an earlier process had it; throws what {@link startFleet} does. */
  resume(): Promise<void>;
  /** Ends its processes; what makes it the same one again stays. */
  close(): Promise<void>;
}

const hosts = 24;

/** Everything of it stands in the folder. */
export function openResidentFleet(folder: string): ResidentFleet {
  const knownHostsFile = join(folder, "known_hosts");
  let fleet: Promise<Fleet> | undefined;
  let listening = 0;

  async function up(): Promise<Fleet> {
    const started = await startFleet({ hosts, folder });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(knownHostsFile, `${started.knownHostsLines.join("\n")}\n`, { mode: 0o600 });
    listening = started.hosts.length;
    return started;
  }

  /** Of several that ask at once, one starts it; after a failure the next one tries anew. */
  function ensure(): Promise<Fleet> {
    fleet ??= up().catch((error: unknown) => {
      fleet = undefined;
      throw error;
    });
    return fleet;
  }

  async function close(): Promise<void> {
    const running = fleet;
    fleet = undefined;
    listening = 0;
    await running?.then(
      (started) => started.stop(),
      () => undefined,
    );
  }

  return {
    knownHostsFile,
    get listening() {
      return listening;
    },
    async start(credential) {
      const { hosts: placed, user, privateKeyPem } = await ensure();
      return { hostsCsv: hostsCsv(placed, { user, credential }), user, privateKey: privateKeyPem };
    },
    async stop() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
    async resume() {
      if (existsSync(knownHostsFile)) await ensure();
    },
    close,
  };
}

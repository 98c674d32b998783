import { randomInt } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import ssh2 from "ssh2";
import { OmError } from "../../contract/errors.ts";

/** A key pair: the private one as OpenSSH's PEM, the public one as `ssh-ed25519 AAAA…`. */
export interface KeyPair {
  readonly private: string;
  readonly public: string;
}

export interface HostIdentity {
  readonly address: string;
  readonly key: KeyPair;
}

/** What makes a demo fleet the same one after a restart. */
export interface FleetIdentity {
  readonly port: number;
  readonly user: KeyPair;
  readonly hosts: Readonly<Record<string, HostIdentity>>;
}

interface KeptIdentity extends FleetIdentity {
  readonly format: 1;
  /** Second part of the addresses 127.network.y.z: fleets of different folders do not get in each other's way. */
  readonly network: number;
}

const fileName = "fleet.json";
const hostsPerBlock = 250;

/**
 * The identity of the hosts named, kept in the folder (readable by its owner only): what is there already stays, what
 * is missing is made. `freshPort` replaces the port, for one that another program has taken.
 * Throws OmError `config.invalid` when the folder cannot be used.
 */
export async function fleetIdentity(
  folder: string,
  names: readonly string[],
  options: { freshPort?: boolean } = {},
): Promise<FleetIdentity & { readonly isNew: boolean }> {
  const file = join(folder, fileName);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const kept = await readKept(file);
    const network = kept?.network ?? randomInt(16, 250);
    const hosts: Record<string, HostIdentity> = { ...kept?.hosts };
    let next = Object.keys(hosts).length;
    for (const name of names) {
      if (Object.hasOwn(hosts, name)) continue;
      hosts[name] = { address: addressOf(network, next), key: makeKey() };
      next += 1;
      // A key takes a fraction of a millisecond; thousands must not hold up whoever else this thread serves.
      if (next % 50 === 0) await nextTurn();
    }
    const identity: KeptIdentity = {
      format: 1,
      network,
      // Below the range from which Linux picks ports for outgoing connections.
      port: kept && !options.freshPort ? kept.port : randomInt(20_000, 30_000),
      user: kept?.user ?? makeKey(),
      hosts,
    };
    await writeFile(`${file}.new`, JSON.stringify(identity), { mode: 0o600 });
    await rename(`${file}.new`, file);
    return { ...identity, isNew: kept === undefined };
  } catch (cause) {
    if (cause instanceof OmError) throw cause;
    throw new OmError("config.invalid", `The demo fleet's folder ${folder} cannot be used. Is it writable?`, { cause });
  }
}

async function readKept(file: string): Promise<KeptIdentity | undefined> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const kept: unknown = parsed(text);
  if (typeof kept === "object" && kept !== null && "format" in kept && kept.format === 1) return kept as KeptIdentity;
  throw new OmError("config.invalid", `${file} is not a demo fleet's file. Remove it, and the fleet gets new keys.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function addressOf(network: number, index: number): string {
  return `127.${network}.${1 + Math.floor(index / hostsPerBlock)}.${1 + (index % hostsPerBlock)}`;
}

/** ssh2 1.17 writes about one ed25519 key in 300 so that nobody, itself included, can read it back: that one is made anew. */
export function makeKey(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

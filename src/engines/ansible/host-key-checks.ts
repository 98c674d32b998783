import type { HostKeys } from "../../contract/engine.ts";
import type { Hop } from "./host-access.ts";

const keyTypes = /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))$/;
const mostRemembered = 100_000;

/**
 * Keys that hosts have shown before, by address and port. A hint only: before `ssh` gets to know one again the
 * controller is asked anew, so that a key that was forgotten or changed there is never trusted from here. It spares a
 * warm run one helper process a host.
 */
export class SeenKeys {
  readonly #keys = new Map<string, string>();

  remember(hop: Hop, key: string): void {
    if (this.#keys.size < mostRemembered) this.#keys.set(`${hop.address} ${hop.port}`, key);
  }

  of(hop: Hop): string | undefined {
    return this.#keys.get(`${hop.address} ${hop.port}`);
  }
}

/** The controller's word on the host keys of one job, and what was wrong with those that it refused. */
export class HostKeyChecks {
  readonly #hostKeys: HostKeys;
  readonly #seen: SeenKeys;
  readonly #hops = new Map<string, Hop>();
  readonly #known = new Set<string>();
  readonly #refusals = new Map<string, "unknown" | "changed">();
  /** Told when a host's key was trusted on first use. */
  onFirstUse: (hop: Hop) => void = () => undefined;

  constructor(hostKeys: HostKeys, seen: SeenKeys) {
    this.#hostKeys = hostKeys;
    this.#seen = seen;
  }

  /** Lines of a known_hosts file for hops whose key was seen before and is trusted still. */
  async known(hops: readonly Hop[]): Promise<string> {
    const lines = await Promise.all(
      hops.map(async (hop) => {
        this.#hops.set(hop.alias, hop);
        const key = this.#seen.of(hop);
        if (key === undefined) return "";
        const verdict = await this.#hostKeys.check(hop.address, hop.port, Buffer.from(key, "base64"));
        if (verdict !== "trusted") return "";
        this.#known.add(hop.alias);
        return lineOf(hop.alias, key);
      }),
    );
    return lines.join("");
  }

  /** The line for `ssh` when the key that a host showed is the host's; else nothing. */
  async check(alias: string, type: string, key: string): Promise<string | undefined> {
    const hop = this.#hops.get(alias);
    if (hop === undefined || !keyTypes.test(type) || !/^[A-Za-z0-9+/]+=*$/.test(key)) return undefined;
    const verdict = await this.#hostKeys.check(hop.address, hop.port, Buffer.from(key, "base64"));
    if (verdict === "unknown" || verdict === "changed") {
      this.#refusals.set(alias, verdict);
      return undefined;
    }
    if (verdict === "trusted_first_use") this.onFirstUse(hop);
    this.#seen.remember(hop, key);
    return lineOf(alias, key).trimEnd();
  }

  /** The host's key stands in the known_hosts file: nothing need be asked about it. */
  isKnown(alias: string): boolean {
    return this.#known.has(alias);
  }

  refusal(alias: string): "unknown" | "changed" | undefined {
    return this.#refusals.get(alias);
  }
}

function lineOf(alias: string, key: string): string {
  const blob = Buffer.from(key, "base64");
  const type = blob.subarray(4, 4 + Math.min(blob.readUInt32BE(0), 64)).toString("latin1");
  return keyTypes.test(type) ? `${alias} ${type} ${key}\n` : "";
}

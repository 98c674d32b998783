import { createHash } from "node:crypto";
import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { OmError } from "../../contract/errors.ts";
import { type KnownHosts, keyType, knownHostsLine, knownHostsName, parseKnownHosts } from "./known-hosts.ts";

export type HostKeyPolicy = "strict" | "accept_new";
export type KeyVerdict = "trusted" | "trusted_first_use" | "unknown" | "changed";

/** Memory of host keys. A key that changed is refused under every policy, until somebody has the host forgotten. */
export interface HostKeyStore {
  /**
   * `record` is called for a key trusted on first use, before it is kept, with a line for the audit; the verdict waits
   * for it. Of many that ask at once for one host, one does it. Without `record` the key is not kept.
   */
  check(address: string, port: number, key: Uint8Array, record?: (line: string) => Promise<void>): Promise<KeyVerdict>;
  /** Forgets what the controller itself has kept about the host; the configured known_hosts file is left alone. */
  forget(address: string, port: number): void;
}

export interface HostKeyOptions {
  /** The controller's own file, in known_hosts format. */
  readonly file: string;
  /** Read besides, and never written: known_hosts files that the administrator keeps. They may be missing. */
  readonly knownHostsFiles: readonly string[];
  readonly policy: () => HostKeyPolicy;
}

export function createHostKeyStore(options: HostKeyOptions): HostKeyStore {
  let own = parseKnownHosts(readOwn(options.file));
  const configured = options.knownHostsFiles.map(readAnew);
  const underway = new Map<string, Promise<void>>();

  function verdict(address: string, port: number, key: Uint8Array): "trusted" | "unknown" | "changed" {
    const told = [own.check(address, port, key), ...configured.map((read) => read()?.check(address, port, key))];
    if (told.includes("changed")) return "changed";
    return told.includes("trusted") ? "trusted" : "unknown";
  }

  async function trust(
    address: string,
    port: number,
    key: Uint8Array,
    record: (line: string) => Promise<void>,
  ): Promise<void> {
    await record(`${knownHostsName(address, port)} ${keyType(key)} ${fingerprint(key)}`);
    // Not forced to the disk: the record is, and a host that is forgotten by a power cut is trusted and recorded anew.
    appendFileSync(options.file, knownHostsLine(address, port, key), { mode: 0o600 });
    own.add(address, port, key);
  }

  return {
    async check(address, port, key, record) {
      // Such a name could write a second line into the file.
      if (!/^[\w.:%-]+$/.test(address)) return "unknown";
      const name = knownHostsName(address, port);
      await underway.get(name);
      const known = verdict(address, port, key);
      if (known !== "unknown" || options.policy() === "strict") return known;
      if (record === undefined) return "trusted_first_use";
      const racing = underway.get(name);
      if (racing !== undefined) {
        await racing;
        return verdict(address, port, key);
      }
      const trusting = trust(address, port, key, record).finally(() => underway.delete(name));
      underway.set(name, trusting);
      await trusting;
      return "trusted_first_use";
    },
    forget(address, port) {
      const name = knownHostsName(address, port);
      const kept = readOwn(options.file)
        .split("\n")
        .filter((line) => line !== "" && line.split(" ")[0] !== name);
      const text = kept.map((line) => `${line}\n`).join("");
      const fresh = `${options.file}.new`;
      write(fresh, text);
      renameSync(fresh, options.file);
      own = parseKnownHosts(text);
    },
  };
}

/** As OpenSSH shows it: `SHA256:` and unpadded base64. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The file as it is now, within a second; undefined where there is none. */
function readAnew(file: string): () => KnownHosts | undefined {
  let kept: { readonly stamp: number; readonly hosts: KnownHosts } | undefined;
  let freshUntil = 0;
  return () => {
    // A thousand hosts ask at once.
    if (performance.now() < freshUntil) return kept?.hosts;
    freshUntil = performance.now() + 1000;
    const stamp = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    if (stamp === undefined) kept = undefined;
    else if (kept?.stamp !== stamp) kept = { stamp, hosts: parseKnownHosts(readFileSync(file, "utf8")) };
    return kept?.hosts;
  };
}

function readOwn(file: string): string {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return "";
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new OmError(
      "config.invalid",
      `The controller's host keys in ${file} cannot be read. Make the file readable for this user.`,
      { cause },
    );
  }
}

function write(file: string, text: string): void {
  const descriptor = openSync(file, "w", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

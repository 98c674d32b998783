import { createHmac } from "node:crypto";

/** A line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) that names a plain key. */
interface Entry {
  readonly revoked: boolean;
  readonly type: string;
  readonly key: string;
}

interface PatternEntry extends Entry {
  readonly matches: (host: string) => boolean;
}

/** Keys by host as a known_hosts file tells them: plain, `[host]:port`, wildcard, negated and hashed names. */
export interface KnownHosts {
  /** `unknown`: no entry names the host. A host that is known by other keys only is `changed`. */
  check(address: string, port: number, key: Uint8Array): "trusted" | "unknown" | "changed";
  add(address: string, port: number, key: Uint8Array): void;
}

/** Lines that cannot be read, and certificate authorities, are passed over, as OpenSSH does. */
export function parseKnownHosts(text: string): KnownHosts {
  const byName = new Map<string, Entry[]>();
  const patterns: PatternEntry[] = [];

  function addName(name: string, entry: Entry): void {
    const found = byName.get(name);
    if (found) found.push(entry);
    else byName.set(name, [entry]);
  }

  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [names, type, key] = words;
    if (names === undefined || names.startsWith("#") || type === undefined || key === undefined) continue;
    if (marker !== undefined && marker !== "@revoked") continue;
    const entry = { revoked: marker === "@revoked", type, key: stripPadding(key) };
    if (names.startsWith("|1|")) patterns.push({ ...entry, matches: hashedName(names) });
    else if (/[*?!]/.test(names)) patterns.push({ ...entry, matches: patternList(names) });
    else for (const name of names.split(",")) addName(name.toLowerCase(), entry);
  }

  return {
    check(address, port, key) {
      const name = knownHostsName(address, port);
      const shown = stripPadding(Buffer.from(key).toString("base64"));
      const entries = [...(byName.get(name) ?? []), ...patterns.filter((entry) => entry.matches(name))];
      if (entries.some((entry) => entry.revoked && entry.key === shown)) return "changed";
      const usable = entries.filter((entry) => !entry.revoked);
      if (usable.length === 0) return "unknown";
      return usable.some((entry) => entry.key === shown) ? "trusted" : "changed";
    },
    add(address, port, key) {
      const entry = { revoked: false, type: keyType(key), key: stripPadding(Buffer.from(key).toString("base64")) };
      addName(knownHostsName(address, port), entry);
    },
  };
}

/** `host` for port 22, else `[host]:port`. */
export function knownHostsName(address: string, port: number): string {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

export function knownHostsLine(address: string, port: number, key: Uint8Array): string {
  return `${knownHostsName(address, port)} ${keyType(key)} ${Buffer.from(key).toString("base64")}\n`;
}

/** The first field of a public key blob is its type, with a 32-bit length before it (RFC 4253 section 6.6). */
export function keyType(key: Uint8Array): string {
  const blob = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  if (blob.byteLength < 4) return "unknown";
  const type = blob.subarray(4, 4 + Math.min(blob.readUInt32BE(0), 64)).toString("latin1");
  return /^[a-z0-9@.-]+$/.test(type) ? type : "unknown";
}

function stripPadding(base64: string): string {
  return base64.replace(/=+$/, "");
}

function hashedName(field: string): (host: string) => boolean {
  const [, , salt, hash] = field.split("|");
  if (salt === undefined || hash === undefined) return () => false;
  const saltBytes = Buffer.from(salt, "base64");
  return (host) => createHmac("sha1", saltBytes).update(host).digest("base64") === hash;
}

function patternList(names: string): (host: string) => boolean {
  const patterns = names.split(",").map((pattern) => {
    const negated = pattern.startsWith("!");
    const source = (negated ? pattern.slice(1) : pattern)
      .toLowerCase()
      .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return { negated, expression: new RegExp(`^${source}$`) };
  });
  return (host) => {
    const hits = patterns.filter((pattern) => pattern.expression.test(host));
    return hits.length > 0 && hits.every((pattern) => !pattern.negated);
  };
}

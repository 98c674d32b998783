import { isIP } from "node:net";
import type { DiscoveredHost, HostSource } from "../../contract/engine.ts";
import type { SaltApi } from "./api.ts";
import { wheel } from "./keyring.ts";
import { asRecord } from "./record.ts";
import { refusalOf } from "./refusals.ts";

const atOnce = 200;
const mostFactBytes = 64 * 1024;
const mostNames = 100;

/** Accepted minions with the grains that the master keeps of them; asks no minion, so one that is down is there too. */
export function createHostSource(api: SaltApi): HostSource {
  return {
    async discover(signal) {
      const names = await acceptedNames(api, signal);
      // Without the right to see keys: whatever the master has grains of.
      if (names === undefined) return hostsOf(await grainsOf(api, "*", signal));
      const hosts: DiscoveredHost[] = [];
      for (let at = 0; at < names.length; at += atOnce) {
        const part = names.slice(at, at + atOnce);
        const known = await grainsOf(api, part, signal);
        hosts.push(...part.map((name) => hostOf(name, asRecord(Object.hasOwn(known, name) ? known[name] : undefined))));
      }
      return hosts;
    },
  };
}

async function acceptedNames(api: SaltApi, signal: AbortSignal): Promise<string[] | undefined> {
  try {
    const { minions } = asRecord(await wheel(api, "key.list_all", {}, signal));
    return Array.isArray(minions) ? minions.filter((name) => typeof name === "string") : [];
  } catch (error) {
    if (refusalOf(error)?.kind === "denied") return undefined;
    throw error;
  }
}

async function grainsOf(
  api: SaltApi,
  tgt: string | readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const kwarg = { tgt, tgt_type: typeof tgt === "string" ? "glob" : "list" };
  return asRecord(await api.call({ client: "runner", fun: "cache.grains", kwarg }, { signal }));
}

function hostsOf(found: Readonly<Record<string, unknown>>): DiscoveredHost[] {
  return Object.entries(found).map(([name, grains]) => hostOf(name, asRecord(grains)));
}

function hostOf(name: string, grains: Readonly<Record<string, unknown>>): DiscoveredHost {
  const address = addressOf(grains);
  const os = [grains.os, grains.osrelease].filter((part) => typeof part === "string").join(" ");
  const facts = bounded(grains);
  return {
    name,
    ...(address === undefined ? {} : { address }),
    ...(os === "" ? {} : { os }),
    groups: [...new Set([...texts(grains.roles), ...texts(grains.role)])].slice(0, mostNames),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
  };
}

/** The address by which others reach it: the first that is not its own loopback, IPv4 before IPv6. */
function addressOf(grains: Readonly<Record<string, unknown>>): string | undefined {
  const addresses = [grains.fqdn_ip4, grains.ipv4, grains.fqdn_ip6, grains.ipv6].flatMap(texts);
  return addresses.find((text) => isIP(text) > 0 && !/^(?:127\.|::1$|fe80:)/i.test(text));
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** The grains, without the largest ones where all of them would be too much. */
function bounded(grains: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const sized = Object.entries(grains).map(([key, value]) => {
    const bytes = Buffer.byteLength(JSON.stringify(value) ?? "") + Buffer.byteLength(key) + 8;
    return { key, value, bytes };
  });
  let left = mostFactBytes - 2;
  const kept = sized
    .sort((a, b) => a.bytes - b.bytes)
    .filter(({ bytes }) => {
      left -= bytes;
      return left >= 0;
    });
  return Object.fromEntries(kept.map(({ key, value }) => [key, value]));
}

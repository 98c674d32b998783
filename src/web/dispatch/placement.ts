import type { ControllerStatus } from "./dispatcher.ts";

/** A controller that was heard of so recently gets new hosts though its link is cut just now. Milliseconds. */
export const awayMilliseconds = 60_000;

const roomPrefix = "zone:";

/**
 * Where the hosts of a zone wait that has no live controller, in the place of a controller's name (which holds no
 * colon). Their order reaches nobody until a controller of the zone takes them over.
 */
export function waitingRoom(zone: string): string {
  return `${roomPrefix}${zone}`;
}

/** Undefined for a controller. */
export function zoneOfRoom(controller: string): string | undefined {
  return controller.startsWith(roomPrefix) ? controller.slice(roomPrefix.length) : undefined;
}

/** Takes new hosts: neither draining nor revoked, connected, or cut off only a moment ago. */
export function isLive({ state, connected, lastSeenAt }: ControllerStatus, now: number): boolean {
  if (state !== "enabled") return false;
  return connected || (lastSeenAt !== undefined && now - lastSeenAt < awayMilliseconds);
}

/**
 * Which of the live controllers of its zone drives a host, or the zone's waiting room. The choice is by rendezvous
 * hashing: a host stays with its controller, whose connections to it are warm, and when a controller comes or goes only
 * its own share of the hosts moves.
 */
export function createPlacement(
  controllers: readonly ControllerStatus[],
  now: number,
): (zone: string, hostId: number) => string {
  const live = controllers.filter((controller) => isLive(controller, now));
  const byZone = Map.groupBy(live, ({ zone }) => zone);
  const seeds = new Map(live.map(({ name }) => [name, hashOf(name)]));
  return (zone, hostId) => {
    let best: string | undefined;
    let bestWeight = -1;
    for (const { name } of byZone.get(zone) ?? []) {
      const weight = mixed((seeds.get(name) ?? 0) ^ mixed(hostId));
      if (weight <= bestWeight) continue;
      best = name;
      bestWeight = weight;
    }
    return best ?? waitingRoom(zone);
  };
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** The last step of MurmurHash3: every bit of the number moves every bit of the result. */
function mixed(number: number): number {
  let hash = number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

import type { SaltApi } from "./api.ts";
import { wheel } from "./keyring.ts";
import { refusalOf } from "./refusals.ts";
import type { Signs } from "./signs.ts";

/** Which minions the master holds a connection of, as it tells by itself; asks no minion. */
export interface MasterPresence {
  /**
   * Undefined when it cannot be had (no right to `@wheel` nor `@runner`, no cache of grains on the master). A minion
   * without one may be there all the same: the master compares addresses, which a minion behind NAT does not know of
   * itself. Questions of the same moment go together.
   */
  connected(minion: string): Promise<boolean | undefined>;
  /** Milliseconds that the question takes. */
  readonly pace: number;
}

/** One of Salt's functions that tell it. */
interface Way {
  /** Undefined: of whomever it may be. */
  ask(minions: readonly string[] | undefined): Promise<unknown>;
  /** Whether it tells of all minions, whomever it is asked for. */
  readonly tellsAll: boolean;
  /** Milliseconds that it takes; supposed until it was tried. */
  pace: number;
  /** When it may be asked again: one that is not permitted is left alone for a while. */
  notBefore: number;
}

const gatherMilliseconds = 5;
/** The master reads the grains of each minion that it is asked for. */
const mostMinions = 2000;
/** Minions that are surely there: where it knows none of them, it knows nothing. */
const witnesses = 20;
const failedMilliseconds = 300_000;

export function createMasterPresence(api: SaltApi, signs: Signs): MasterPresence {
  const waiting = new Map<string, PromiseWithResolvers<boolean | undefined>>();
  let asking = false;
  // A process that runs already tells of all minions; or one is started, and looks at those that it is asked for. Which is
  // quicker depends on how many minions the master has.
  const ways: readonly Way[] = [
    { ask: () => wheel(api, "minions.connected", {}), tellsAll: true, pace: 300, notBefore: 0 },
    {
      ask: (subset) =>
        api.call({ client: "runner", fun: "manage.present", kwarg: subset === undefined ? {} : { subset } }),
      tellsAll: false,
      pace: 500,
      notBefore: 0,
    },
  ];

  function quickest(): Way | undefined {
    const usable = ways.filter((way) => way.notBefore <= performance.now());
    return usable.sort((one, other) => one.pace - other.pace)[0];
  }
  async function present(way: Way, minions: readonly string[] | undefined): Promise<ReadonlySet<string> | undefined> {
    const begun = performance.now();
    try {
      const found = await way.ask(minions);
      // It is asked in the midst of many pings too: what it takes beside nothing else counts most.
      const took = performance.now() - begun;
      way.pace = took < way.pace ? took : way.pace * 0.9 + took * 0.1;
      const names = Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
      return names.length === 0 ? undefined : new Set(names);
    } catch (error) {
      if (refusalOf(error)?.kind !== "unreachable") way.notBefore = performance.now() + failedMilliseconds;
      return undefined;
    }
  }
  /** Those of the minions that have a connection, with some that surely have one. */
  async function connectedOf(minions: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    const way = quickest();
    if (way === undefined) return undefined;
    const known = signs.newest(witnesses);
    const found = await present(way, [...new Set([...minions, ...known])]);
    if (found !== undefined) return found;
    if (way.notBefore > performance.now()) return connectedOf(minions);
    // Nobody of these has one. Where nobody at all has, it knows nothing.
    return known.length === 0 && !way.tellsAll ? present(way, undefined) : undefined;
  }
  async function askAll(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, gatherMilliseconds));
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, mostMinions);
      for (const [minion] of batch) waiting.delete(minion);
      const found = await connectedOf(batch.map(([minion]) => minion));
      for (const [minion, { resolve }] of batch) resolve(found?.has(minion));
    }
    asking = false;
  }

  return {
    connected(minion) {
      const known = waiting.get(minion) ?? Promise.withResolvers<boolean | undefined>();
      waiting.set(minion, known);
      if (!asking) {
        asking = true;
        void askAll();
      }
      return known.promise;
    },
    get pace() {
      return quickest()?.pace ?? Number.POSITIVE_INFINITY;
    },
  };
}

import type { SaltApi } from "./api.ts";
import type { Signs } from "./signs.ts";

/** Which minions the master holds a connection of, as it tells by `manage.present`; asks no minion. */
export interface MasterPresence {
  /**
   * Undefined when it cannot be had (no right to `@runner`, no cache of grains on the master). A minion without one may be
   * there all the same: the master compares addresses, which a minion behind NAT does not know of itself. Questions of
   * the same moment go together.
   */
  connected(minion: string): Promise<boolean | undefined>;
  /** Milliseconds that the question takes. */
  readonly pace: number;
}

const gatherMilliseconds = 5;
/** The master reads the grains of each minion that it is asked for. */
const mostMinions = 2000;
/** Minions that are surely there: where it knows none of them, it knows nothing. */
const witnesses = 20;
const supposedMilliseconds = 500;

export function createMasterPresence(api: SaltApi, signs: Signs): MasterPresence {
  const waiting = new Map<string, PromiseWithResolvers<boolean | undefined>>();
  let asking = false;
  let pace = supposedMilliseconds;

  async function present(subset: readonly string[] | undefined): Promise<ReadonlySet<string> | undefined> {
    const begun = performance.now();
    try {
      const kwarg = subset === undefined ? {} : { subset };
      const found = await api.call({ client: "runner", fun: "manage.present", kwarg });
      // It is asked in the midst of many pings too: what it takes beside nothing else counts most.
      const took = performance.now() - begun;
      pace = took < pace ? took : pace * 0.9 + took * 0.1;
      const names = Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
      return names.length === 0 ? undefined : new Set(names);
    } catch {
      return undefined;
    }
  }
  async function askAll(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, gatherMilliseconds));
    while (waiting.size > 0) {
      const batch = [...waiting].slice(0, mostMinions);
      for (const [minion] of batch) waiting.delete(minion);
      const known = signs.newest(witnesses);
      const subset = [...new Set([...batch.map(([minion]) => minion), ...known])];
      const found = (await present(subset)) ?? (known.length === 0 ? await present(undefined) : undefined);
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
      return pace;
    },
  };
}

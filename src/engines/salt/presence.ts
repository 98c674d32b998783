import type { SaltApi } from "./api.ts";

/** Which minions the master holds a connection of, as it tells by `manage.present`; asks no minion. */
export interface MasterPresence {
  /**
   * Undefined when it cannot be had (no right to `@runner`, no cache of grains on the master). A minion that is not in it
   * may be there all the same: the master compares addresses, which a minion behind NAT does not know of itself.
   */
  connected(): Promise<ReadonlySet<string> | undefined>;
}

const freshMilliseconds = 5000;

export function createMasterPresence(api: SaltApi): MasterPresence {
  let asked: { readonly at: number; readonly answer: Promise<ReadonlySet<string> | undefined> } | undefined;

  async function ask(): Promise<ReadonlySet<string> | undefined> {
    try {
      const found = await api.call({ client: "runner", fun: "manage.present" });
      const names = Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
      return names.length === 0 ? undefined : new Set(names);
    } catch {
      return undefined;
    }
  }

  return {
    connected() {
      if (asked === undefined || performance.now() - asked.at > freshMilliseconds) {
        asked = { at: performance.now(), answer: ask() };
      }
      return asked.answer;
    },
  };
}

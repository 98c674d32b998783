import { namedPoints, type Role } from "./points.ts";

/** How one of the campaign's kills comes about. */
export type PlannedDeath =
  /** At a random time of a life that has work. */
  | { readonly how: "random" }
  /** Once more, soon after the one before, while it takes up what that left. */
  | { readonly how: "in recovery" }
  /** At a named point of a life that has work, or of a recovery. */
  | { readonly how: "point"; readonly role: Role; readonly point: string };

/**
 * Every named point once, as far as there are kills enough, a quarter of all kills during recovery, the rest at random
 * times, in a random order.
 */
export function planDeaths(kills: number): readonly PlannedDeath[] {
  const points = shuffled(
    (["web", "controller"] as const).flatMap((role) =>
      namedPoints[role].map((point): PlannedDeath => ({ how: "point", role, point })),
    ),
  ).slice(0, Math.ceil(kills / 2));
  const inRecovery = Math.ceil(kills / 4);
  const random = Math.max(1, kills - points.length - inRecovery);
  const others = shuffled([...points, ...Array.from({ length: random }, (): PlannedDeath => ({ how: "random" }))]);
  // A death in recovery needs another one before it.
  const deaths = others.map((death) => [death]);
  for (let left = inRecovery; left > 0; left -= 1) {
    deaths[Math.floor(Math.random() * deaths.length)]?.push({ how: "in recovery" });
  }
  return deaths.flat().slice(0, kills);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** What a demo host is called and where it stands in the category tree; no keys, no addresses. */
export interface PlacedHost {
  readonly name: string;
  readonly functionCategory: string;
  readonly appCategory: string;
  readonly tags: readonly string[];
}

interface Place {
  readonly functionCategory: string;
  readonly appCategory: string;
  readonly prefix: string;
  /** Share of the fleet, against the others' shares. */
  readonly share: number;
}

/** A web company's fleet: many web servers, some databases and caches, a few of everything else. */
const places: readonly Place[] = [
  { functionCategory: "Linux.Web", appCategory: "www.domain.com", prefix: "web", share: 30 },
  { functionCategory: "Linux.Mysql", appCategory: "bbs.mysql", prefix: "db", share: 8 },
  { functionCategory: "Linux.Web", appCategory: "bbs.domain.com", prefix: "bbs", share: 16 },
  { functionCategory: "Linux.Cache", appCategory: "redis.cache", prefix: "redis", share: 8 },
  { functionCategory: "Linux.Proxy", appCategory: "lb.domain.com", prefix: "lb", share: 5 },
  { functionCategory: "Linux.Web", appCategory: "img.domain.com", prefix: "img", share: 10 },
  { functionCategory: "Linux.Mysql", appCategory: "shop.mysql", prefix: "shopdb", share: 5 },
  { functionCategory: "Linux.Cache", appCategory: "memcached.cache", prefix: "mc", share: 5 },
  { functionCategory: "Linux.Queue", appCategory: "kafka.queue", prefix: "mq", share: 4 },
  { functionCategory: "Linux.Storage", appCategory: "backup.storage", prefix: "bak", share: 3 },
  { functionCategory: "Linux.Search", appCategory: "search.domain.com", prefix: "es", share: 4 },
  { functionCategory: "Linux.Monitor", appCategory: "mon.domain.com", prefix: "mon", share: 2 },
];

/** Data centres, by turns. */
const sites = ["bj", "sh", "gz"] as const;

/**
 * The hosts of a fleet of this size, in the tree's order. A larger fleet has the hosts of a smaller one of the same
 * number width (up to 99 of a kind, up to 999) and more.
 */
export function placeHosts(count: number): PlacedHost[] {
  const numbers = sharesOf(count);
  const width = Math.max(2, String(Math.max(...numbers)).length);
  return places.flatMap(({ functionCategory, appCategory, prefix }, place) =>
    Array.from({ length: numbers[place] ?? 0 }, (_, index) => ({
      name: `${prefix}${String(index + 1).padStart(width, "0")}`,
      functionCategory,
      appCategory,
      tags: ["demo", sites[index % sites.length] ?? sites[0]],
    })),
  );
}

/** Each next host goes where the fewest stand for the share: growing the fleet never takes a host away from a place. */
function sharesOf(count: number): number[] {
  const numbers = places.map(() => 0);
  for (let host = 0; host < count; host += 1) {
    let neediest = 0;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [place, { share }] of places.entries()) {
      const filled = ((numbers[place] ?? 0) + 0.5) / share;
      if (filled < lowest) {
        lowest = filled;
        neediest = place;
      }
    }
    numbers[neediest] = (numbers[neediest] ?? 0) + 1;
  }
  return numbers;
}

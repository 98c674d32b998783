import { findInitials } from "./pinyin-initials.ts";

/** What search looks at. */
export interface Findable {
  readonly id: string;
  /** Name in every language, number, key. */
  readonly names: readonly string[];
  /** Longer texts: found there, an entry stands behind those that are found by name. */
  readonly about: readonly string[];
}

/**
 * The entries in which every word of the search is found, best first: a whole name, the beginning of one, the beginning
 * of a word in one, anywhere, pinyin initials, in its description. Among equals those used recently stand first, and
 * else the given order holds. An empty search finds all.
 */
export function findEntries<Entry extends Findable>(
  entries: readonly Entry[],
  search: string,
  recent: readonly string[] = [],
): readonly Entry[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const place = (entry: Entry) => {
    const at = recent.indexOf(entry.id);
    return at === -1 ? recent.length : at;
  };
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry, words), place: place(entry) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || one.place - other.place)
    .map(({ entry }) => entry);
}

/** 0 where a word is not found. */
function scoreOf(entry: Findable, words: readonly string[]): number {
  let score = 1;
  for (const word of words) {
    const best = Math.max(
      0,
      ...entry.names.map((name) => nameScore(name, word)),
      ...entry.about.map((text) => (text.toLowerCase().includes(word) ? 1 : 0)),
    );
    if (best === 0) return 0;
    score += best;
  }
  return score;
}

function nameScore(name: string, word: string): number {
  const text = name.toLowerCase();
  const at = text.indexOf(word);
  if (at === 0) return text === word ? 8 : 7;
  if (at > 0) return /[^\p{L}\p{N}]/u.test(text.charAt(at - 1)) ? 6 : 4;
  if (!/^[a-z0-9]+$/.test(word) || !/\p{Script=Han}/u.test(name)) return 0;
  const initials = findInitials(name, word);
  if (initials === -1) return 0;
  return initials === 0 ? 5 : 3;
}

/** Bounds that keep every text harmless. */
export const queryLimits = {
  /** UTF-16 units. */
  characters: 65_536,
  /** Parentheses and `not` within one another. */
  depth: 100,
  /** Host names that the ranges of a query stand for, together. */
  expandedNames: 1_000_000,
  /** Different terms that look at every host: globs, fields, networks, runs. Names, ranges, exact tags and paths are free. */
  scans: 100,
} as const;

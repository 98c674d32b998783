import { type RangeSet, rangeHolds } from "../../contract/range-set.ts";

export type ChunkPart = string | RangeSet | { readonly wildcard: "?" };

/** What stands between two `*` of a pattern. Places count UTF-16 units. */
export interface Chunk {
  readonly isEmpty: boolean;
  /** Whether it can reach exactly from `start` to the end of the text. */
  fills(text: string, start: number): boolean;
  /** Earliest end of an occurrence that starts from `from` to `last`; -1 when there is none. */
  earliestEnd(text: string, from: number, last: number): number;
  /** Whether an occurrence that starts at or after `from` ends with the text. */
  standsAtEnd(text: string, from: number): boolean;
}

export function chunkOf(parts: readonly ChunkPart[]): Chunk {
  const [only] = parts;
  if (parts.length === 0) return textChunk("");
  return parts.length === 1 && typeof only === "string" ? textChunk(only) : partsChunk(parts);
}

function textChunk(part: string): Chunk {
  return {
    isEmpty: part === "",
    fills: (text, start) => text.length === start + part.length && text.startsWith(part, start),
    earliestEnd(text, from, last) {
      if (last === from) return text.startsWith(part, from) ? from + part.length : -1;
      const at = text.indexOf(part, from);
      return at < 0 || at > last ? -1 : at + part.length;
    },
    standsAtEnd: (text, from) => text.length - part.length >= from && text.endsWith(part),
  };
}

function partsChunk(parts: readonly ChunkPart[]): Chunk {
  const shortest = parts.reduce((sum, part) => sum + widthsOf(part).shortest, 0);
  const longest = parts.reduce((sum, part) => sum + widthsOf(part).longest, 0);
  const oneEnd = parts.every((part) => typeof part === "string" || !("items" in part) || hasOneWidth(part));
  const endsOf = oneEnd ? (text: string, start: number) => endOf(parts, text, start) : undefined;

  function reaches(text: string, start: number, end: number): boolean {
    return endsOf === undefined ? everyEnd(parts, text, start).includes(end) : endsOf(text, start) === end;
  }

  return {
    isEmpty: false,
    fills: (text, start) => reaches(text, start, text.length),
    earliestEnd(text, from, last) {
      let best = -1;
      for (let at = from; at <= Math.min(last, text.length - shortest) && (best < 0 || at < best); at++) {
        const ends = endsOf === undefined ? everyEnd(parts, text, at) : [endsOf(text, at)];
        for (const end of ends) if (end >= 0 && (best < 0 || end < best)) best = end;
      }
      return best;
    },
    standsAtEnd(text, from) {
      for (let at = Math.max(from, text.length - longest); at <= text.length - shortest; at++) {
        if (reaches(text, at, text.length)) return true;
      }
      return false;
    },
  };
}

function widthsOf(part: ChunkPart): { readonly shortest: number; readonly longest: number } {
  if (typeof part === "string") return { shortest: part.length, longest: part.length };
  if ("wildcard" in part) return { shortest: 1, longest: 2 };
  return { shortest: part.items[0]?.digits ?? 1, longest: part.items.at(-1)?.digits ?? 1 };
}

function hasOneWidth({ items }: RangeSet): boolean {
  return items[0]?.digits === items.at(-1)?.digits;
}

/** Where parts that can end at one place only end; -1 when they do not stand here. */
function endOf(parts: readonly ChunkPart[], text: string, start: number): number {
  let at = start;
  for (const part of parts) {
    if (typeof part === "string") {
      if (!text.startsWith(part, at)) return -1;
      at += part.length;
    } else if ("wildcard" in part) {
      if (at >= text.length) return -1;
      at += widthAt(text, at);
    } else {
      const digits = part.items[0]?.digits ?? 1;
      if (!rangeHolds(part, text, at, digits)) return -1;
      at += digits;
    }
  }
  return at;
}

/** Every place where the parts can end, following all ways through the ranges at once. */
function everyEnd(parts: readonly ChunkPart[], text: string, start: number): readonly number[] {
  let reached: readonly number[] = [start];
  for (const part of parts) {
    if (typeof part === "string") {
      reached = reached.filter((at) => text.startsWith(part, at)).map((at) => at + part.length);
    } else if ("wildcard" in part) {
      reached = reached.filter((at) => at < text.length).map((at) => at + widthAt(text, at));
    } else {
      reached = [...new Set(reached.flatMap((at) => numberEnds(part, text, at)))];
    }
    if (reached.length === 0) return reached;
  }
  return reached;
}

/** UTF-16 units of the character at this place. */
function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function numberEnds(set: RangeSet, text: string, at: number): number[] {
  const ends: number[] = [];
  const longest = set.items.at(-1)?.digits ?? 0;
  for (let digits = 1; digits <= longest; digits++) if (rangeHolds(set, text, at, digits)) ends.push(at + digits);
  return ends;
}

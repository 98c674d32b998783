import { placeInTemplate } from "./sentence.ts";

/** A sentence found again: which it is, and what stands in its places. */
export interface Read<Code extends string> {
  readonly code: Code;
  readonly values: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly code: string;
  readonly fixed: number;
  /** Before, between and behind the places. */
  readonly texts: readonly string[];
  readonly places: readonly { readonly name: string; readonly kind: string }[];
}

/** Longer texts are no sentence of ours, unless said otherwise. */
const longestText = 4000;
/** How deep a sentence stands in sentences that must be ours. */
const deepest = 4;
/** Sentences in sentences that one reading tries: a hostile text costs no more. */
const mostTries = 200;

interface Reading {
  readonly patterns: readonly Pattern[];
  readonly depth: number;
  readonly tries: { left: number };
}

/**
 * Finds code and values of a filled template again; undefined for a text that none of them makes. Of two that fit, the
 * one with more words of its own is meant. The patterns are made when first asked for; a hostile text costs little.
 */
export function sentenceReader<Code extends string>(
  templates: Readonly<Record<Code, string>>,
  longest = longestText,
): (text: string) => Read<Code> | undefined {
  let patterns: readonly Pattern[] | undefined;
  return (text) => {
    if (text.length > longest) return undefined;
    patterns ??= patternsOf(templates);
    return read(text, { patterns, depth: 0, tries: { left: mostTries } }) as Read<Code> | undefined;
  };
}

function patternsOf(templates: Readonly<Record<string, string>>): readonly Pattern[] {
  return Object.entries(templates)
    .map(([code, template]) => {
      const texts = template.split(/\{\w+[?!#]?\}/);
      const places = [...template.matchAll(placeInTemplate)].map(([, name = "", kind = ""]) => ({ name, kind }));
      return { code, fixed: texts.join("").length, texts, places };
    })
    .sort((a, b) => b.fixed - a.fixed);
}

function read(text: string, reading: Reading): Read<string> | undefined {
  for (const pattern of reading.patterns) {
    const found = fitted(pattern, text, reading);
    if (found === undefined) continue;
    const { code, places } = pattern;
    return { code, values: Object.fromEntries(places.map(({ name }, at) => [name, found[at] ?? ""])) };
  }
  return undefined;
}

/** What stands in the places, each as short as it can be; undefined when the texts between are not there in this order. */
function fitted(pattern: Pattern, text: string, reading: Reading): readonly string[] | undefined {
  const { texts, places, fixed } = pattern;
  const [first = ""] = texts;
  if (text.length < fixed || !text.startsWith(first) || !text.endsWith(texts.at(-1) ?? "")) return undefined;
  if (places.length === 0) return text.length === fixed ? [] : undefined;
  const end = text.length - (texts.at(-1)?.length ?? 0);
  const values: string[] = [];
  let from = first.length;
  for (const between of texts.slice(1, -1)) {
    const kind = places[values.length]?.kind;
    let next = text.indexOf(between, from + (kind === "?" ? 0 : 1));
    // The value before may hold what stands between, and only a sentence of ours may follow.
    if (values.length === places.length - 2 && places.at(-1)?.kind === "!") {
      while (next !== -1 && !fits("!", text.slice(next + between.length, end), reading)) {
        next = text.indexOf(between, next + 1);
      }
    }
    if (next === -1 || !fits(kind, text.slice(from, next), reading)) return undefined;
    values.push(text.slice(from, next));
    from = next + between.length;
  }
  const last = text.slice(from, end);
  if (end < from || !fits(places.at(-1)?.kind, last, reading)) return undefined;
  return [...values, last];
}

function fits(kind: string | undefined, value: string, reading: Reading): boolean {
  if (kind === "?") return true;
  if (kind === "#") return /^\d[\d,]*$/.test(value);
  if (kind !== "!") return value !== "";
  if (value === "" || reading.depth >= deepest || reading.tries.left <= 0) return false;
  reading.tries.left -= 1;
  return read(value, { ...reading, depth: reading.depth + 1 }) !== undefined;
}

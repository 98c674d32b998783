import { dispatchReasons } from "./reasons/dispatch.ts";
import { inventoryReasons } from "./reasons/inventory.ts";
import { modulesReasons } from "./reasons/modules.ts";
import { planReasons } from "./reasons/plan.ts";
import { queryReasons } from "./reasons/query.ts";
import { requestReasons } from "./reasons/request.ts";
import { runsReasons } from "./reasons/runs.ts";
import { saltReasons } from "./reasons/salt.ts";
import { storeReasons } from "./reasons/store.ts";

/**
 * The sentences by which OMServer says why something was refused, failed or ended as it did, each with a code that never
 * changes. API, CLI, log and database carry the English sentence; who shows it in another language finds code and values
 * back by {@link readReason}. What is not in here (words of hosts and of other tools) is shown as it came.
 *
 * A place `{name}` takes any text, `{name?}` also none, `{name#}` digits only, and `{name!}` a sentence or clause that is
 * itself in the catalogue: so a template with few words of its own never fits a stranger's text.
 */
export const reasonTemplates = {
  ...runsReasons,
  ...saltReasons,
  ...requestReasons,
  ...dispatchReasons,
  ...storeReasons,
  ...queryReasons,
  ...inventoryReasons,
  ...planReasons,
  ...modulesReasons,
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof reasonTemplates;

type NameOf<Place extends string> = Place extends `${infer Name}${"?" | "!" | "#"}`
  ? Name
  : // Braces that people are to write, such as {parameter: name}, are no place.
    Place extends `${string}${":" | " "}${string}`
    ? never
    : Place;
type PlacesOf<Template extends string> = Template extends `${string}{${infer Place}}${infer Rest}`
  ? NameOf<Place> | PlacesOf<Rest>
  : never;
type Values<Code extends ReasonCode> = {
  readonly [Place in PlacesOf<(typeof reasonTemplates)[Code]>]: string | number;
};

const placeInTemplate = /\{(\w+)([?!#]?)\}/g;

/** The English sentence. */
export function reasonText<Code extends ReasonCode>(
  code: Code,
  ...values: [PlacesOf<(typeof reasonTemplates)[Code]>] extends [never] ? [] : [Values<Code>]
): string {
  const given = (values[0] ?? {}) as Readonly<Record<string, string | number>>;
  return reasonTemplates[code].replace(placeInTemplate, (_, place: string) => String(given[place]));
}

export interface Reason {
  readonly code: ReasonCode;
  readonly values: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly code: ReasonCode;
  readonly fixed: number;
  /** Before, between and behind the places. */
  readonly texts: readonly string[];
  readonly places: readonly { readonly name: string; readonly kind: string }[];
}

/** Those with the most fixed text first: of two that fit, the one that says more is meant. */
const patterns: readonly Pattern[] = Object.entries(reasonTemplates)
  .map(([code, template]) => {
    const found = [...template.matchAll(placeInTemplate)];
    const texts = template.split(/\{\w+[?!#]?\}/);
    return {
      code: code as ReasonCode,
      fixed: texts.join("").length,
      texts,
      places: found.map(([, name = "", kind = ""]) => ({ name, kind })),
    };
  })
  .sort((a, b) => b.fixed - a.fixed);

/** Longer texts are no sentence of ours. */
const longestReason = 4000;
/** How deep a sentence stands in sentences that must be ours. */
const deepest = 4;
/** Sentences in sentences that one reading tries: a hostile text costs no more. */
const mostTries = 200;

interface Reading {
  readonly depth: number;
  readonly tries: { left: number };
}

/** The code and values of a sentence that {@link reasonText} has made, whoever stored it meanwhile; else undefined. */
export function readReason(text: string): Reason | undefined {
  return text.length > longestReason ? undefined : read(text, { depth: 0, tries: { left: mostTries } });
}

function read(text: string, reading: Reading): Reason | undefined {
  for (const pattern of patterns) {
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

function fits(kind: string | undefined, value: string, { depth, tries }: Reading): boolean {
  if (kind === "?") return true;
  if (kind === "#") return /^\d[\d,]*$/.test(value);
  if (kind !== "!") return value !== "";
  if (value === "" || depth >= deepest || tries.left <= 0) return false;
  tries.left -= 1;
  return read(value, { depth: depth + 1, tries }) !== undefined;
}

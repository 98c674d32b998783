import { reasonText } from "../../contract/reasons.ts";
import { type RefusedRow, startOf } from "./import-row.ts";
import { matcherOf } from "./query-pattern.ts";
import type { ConfigLine, ConfigWord } from "./ssh-config-text.ts";

export interface HostBlock {
  readonly patterns: readonly ConfigWord[];
  readonly line: number;
  readonly options: ConfigLine[];
}

export interface OptionValue extends ConfigWord {
  readonly line: number;
  /** Counts the options of a host in the order in which ssh reads them. */
  readonly order: number;
}

export interface HostOptions {
  /** By lower-case keyword. */
  readonly first: {
    readonly [Keyword in "hostname" | "port" | "user" | "proxyjump" | "proxycommand"]?: OptionValue;
  };
  readonly identityFiles: readonly OptionValue[];
}

const readKeywords = ["hostname", "port", "user", "proxyjump", "proxycommand", "identityfile"];

/** The `Host` blocks, first of all what stands before any of them. What cannot be followed is refused. */
export function blocksOf(lines: readonly ConfigLine[], refused: RefusedRow[]): HostBlock[] {
  const blocks: HostBlock[] = [{ patterns: [{ text: "*", column: 1 }], line: 1, options: [] }];
  let inMatch = false;
  for (const line of lines) {
    const reason = line.fault ?? reasonToRefuse(line);
    if (reason !== undefined) refused.push({ line: line.line, column: line.column, text: startOf(line.text), reason });
    if (line.keyword === "match") inMatch = true;
    if (line.keyword === "host") {
      inMatch = false;
      blocks.push({ patterns: line.arguments, line: line.line, options: [] });
    } else if (!inMatch && reason === undefined && readKeywords.includes(line.keyword)) {
      blocks.at(-1)?.options.push(line);
    }
  }
  return blocks;
}

function reasonToRefuse({ keyword, arguments: words }: ConfigLine): string | undefined {
  if (keyword === "match") return reasonText("ssh_match");
  if (keyword === "include") return reasonText("ssh_include");
  if (keyword === "host" && words.length === 0) return reasonText("ssh_no_host");
  if (readKeywords.includes(keyword) && words.length === 0) return reasonText("ssh_no_value", { keyword });
  return undefined;
}

/** The options of a host by its name: of each block that fits it, in the file's order; the first value wins. */
export function optionsFinder(blocks: readonly HostBlock[]): (name: string) => HostOptions {
  const byName = new Map<string, number[]>();
  const patterns: { readonly index: number; readonly fits: (name: string) => boolean }[] = [];
  for (const [index, block] of blocks.entries()) {
    if (block.patterns.some(({ text }) => /[*?!]/.test(text))) {
      patterns.push({ index, fits: blockTest(block) });
    } else {
      for (const { text } of block.patterns) byName.set(text, [...(byName.get(text) ?? []), index]);
    }
  }
  return (name) => {
    const fitting = patterns.filter(({ fits }) => fits(name)).map(({ index }) => index);
    const order = [...new Set([...(byName.get(name) ?? []), ...fitting])].sort((a, b) => a - b);
    return optionsOf(order.flatMap((index) => blocks[index]?.options ?? []));
  };
}

function optionsOf(lines: readonly ConfigLine[]): HostOptions {
  const first: Record<string, OptionValue> = {};
  const identityFiles: OptionValue[] = [];
  for (const [order, { keyword, line, arguments: words }] of lines.entries()) {
    const [word] = words;
    if (word === undefined) continue;
    const value = { ...word, line, order };
    if (keyword === "identityfile") identityFiles.push(value);
    else first[keyword] ??= value;
  }
  return { first, identityFiles };
}

/** At least one pattern fits, and none that stands behind `!`. */
function blockTest({ patterns }: HostBlock): (name: string) => boolean {
  const tests = patterns.map(({ text }) => ({
    negated: text.startsWith("!"),
    fits: wildcardTest(text.replace(/^!/, "")),
  }));
  return (name) =>
    tests.some(({ negated, fits }) => !negated && fits(name)) &&
    !tests.some(({ negated, fits }) => negated && fits(name));
}

function wildcardTest(text: string): (name: string) => boolean {
  const segments = text
    .split(/([*?])/)
    .filter((part) => part !== "")
    .map((part) => (part === "*" || part === "?" ? ({ wildcard: part } as const) : part));
  return matcherOf({ segments, text });
}

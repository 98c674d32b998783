import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
} from "yaml";
import { type ReasonCode, reasonText } from "../contract/reasons.ts";

export interface SourceProblem {
  /** `line:column`, both from 1. */
  readonly place: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface YamlSource {
  readonly value: unknown;
  /** Line and column of the value at a path of keys; of the nearest thing around it where there is none. */
  place(path: readonly (string | number)[], atKey: boolean): { line: number; column: number };
}

export const largestSourceBytes = 1024 * 1024;
const mostTokens = 20_000;
const mostAliases = 50;

/**
 * Reads YAML 1.2 (core schema) or JSON as data only: no tags of its own, no merge keys, no key twice, no `__proto__`,
 * few aliases, bounded size. Never throws for what a text can hold.
 */
export function readYaml(source: string): YamlSource | { readonly problems: readonly SourceProblem[] } {
  const refused = tooLarge(source);
  if (refused) return { problems: [at({ line: 1, col: 1 }, refused)] };
  const lines = new LineCounter();
  try {
    const document = parseDocument(source, {
      version: "1.2",
      schema: "core",
      merge: false,
      resolveKnownTags: false,
      stringKeys: true,
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: "error",
      lineCounter: lines,
    });
    const problems = [...document.errors, ...document.warnings].map((fault) =>
      at(lines.linePos(fault.pos[0]), reasonText(yamlFaults[fault.code])),
    );
    problems.push(...forbidden(document, lines));
    if (problems.length > 0) return { problems: problems.slice(0, 50) };
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    return { value, place: (path, atKey) => locate(document, lines, path, atKey) };
  } catch (error) {
    return { problems: [at({ line: 1, col: 1 }, reason(error))] };
  }
}

/** The reader's time grows faster than the number of tokens, so that is bounded first, by the lexer alone. */
function tooLarge(source: string): string | undefined {
  if (Buffer.byteLength(source) > largestSourceBytes) return reasonText("yaml_long");
  let tokens = 0;
  for (const _ of new Lexer().lex(source)) {
    tokens += 1;
    if (tokens > mostTokens) return reasonText("yaml_tokens", { count: mostTokens.toLocaleString("en") });
  }
  return undefined;
}

function forbidden(document: Document.Parsed, lines: LineCounter): SourceProblem[] {
  const problems: SourceProblem[] = [];
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key)) return;
      const start = lines.linePos(pair.key.range?.[0] ?? 0);
      if (pair.key.value === "__proto__") problems.push(at(start, reasonText("yaml_prototype")));
      if (pair.key.value === "<<") problems.push(at(start, reasonText("yaml_merge")));
    },
    Node(_, node) {
      if (isAlias(node) || !node.tag || /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(node.tag))
        return;
      problems.push(at(lines.linePos(node.range?.[0] ?? 0), reasonText("yaml_tag", { tag: node.tag })));
    },
  });
  return problems;
}

function locate(
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly (string | number)[],
  atKey: boolean,
): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const [index, key] of path.entries()) {
    const inside: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!pair) break;
      const isLast = index === path.length - 1;
      const keyStart = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
      const valueStart = isNode(pair.value) ? pair.value.range?.[0] : undefined;
      offset = (isLast && atKey ? keyStart : valueStart) ?? keyStart ?? offset;
      node = pair.value;
    } else if (isSeq(inside)) {
      const item = inside.items[Number(key)];
      if (!isNode(item)) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function reason(error: unknown): string {
  if (error instanceof RangeError) return reasonText("yaml_deep");
  if (!(error instanceof ReferenceError)) return reasonText("yaml_unreadable");
  return reasonText(error.message.startsWith("Unresolved") ? "yaml_alias_of_nothing" : "yaml_aliases");
}

function at(position: { line: number; col: number }, message: string): SourceProblem {
  const line = Math.max(1, position.line);
  const column = Math.max(1, position.col);
  return { place: `${line}:${column}`, line, column, message };
}

/** The reader's own words are English and may change; its codes do not. */
const yamlFaults = {
  ALIAS_PROPS: "yaml_alias_properties",
  BAD_ALIAS: "yaml_bad_alias",
  BAD_COLLECTION_TYPE: "yaml_collection",
  BAD_DIRECTIVE: "yaml_directive",
  BAD_DQ_ESCAPE: "yaml_escape",
  BAD_INDENT: "yaml_indent",
  BAD_PROP_ORDER: "yaml_property_order",
  BAD_SCALAR_START: "yaml_scalar_start",
  BLOCK_AS_IMPLICIT_KEY: "yaml_block_key",
  BLOCK_IN_FLOW: "yaml_block_in_flow",
  DUPLICATE_KEY: "yaml_duplicate",
  IMPOSSIBLE: "yaml_unreadable",
  KEY_OVER_1024_CHARS: "yaml_key_long",
  MISSING_CHAR: "yaml_missing_character",
  MULTILINE_IMPLICIT_KEY: "yaml_key_lines",
  MULTIPLE_ANCHORS: "yaml_anchors",
  MULTIPLE_DOCS: "yaml_documents",
  MULTIPLE_TAGS: "yaml_tags",
  NON_STRING_KEY: "yaml_key_text",
  RESOURCE_EXHAUSTION: "yaml_deep",
  TAB_AS_INDENT: "yaml_tab",
  TAG_RESOLVE_FAILED: "yaml_tag_unresolved",
  UNEXPECTED_TOKEN: "yaml_unexpected",
} as const satisfies Record<ErrorCode, ReasonCode>;

import { createContext, Script } from "node:vm";
import { reasonText } from "../contract/reasons.ts";

/** JSON Schema's `pattern` is a JavaScript expression with the flag `u`, not anchored. */
export const longestPattern = 512;

/** The second, longer time is for a machine that was busy with something else during the first. */
const matchMilliseconds = [100, 400];
const match = new Script("new RegExp(source, 'u').test(text)");
const sandbox = createContext({ source: "", text: "" });

/**
 * Whether the text matches. A pattern that needs longer than a few hundred milliseconds on this text is stopped and
 * gives `"too slow"`: the thread that asks is never held up without end, whatever pattern and text are.
 */
export function matchesPattern(pattern: string, text: string): boolean | "too slow" {
  sandbox.source = pattern;
  sandbox.text = text;
  for (const timeout of matchMilliseconds) {
    try {
      return match.runInContext(sandbox, { timeout }) === true;
    } catch (error) {
      // Not instanceof: the error may be of the other context.
      const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
      if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    }
  }
  return "too slow";
}

/**
 * Why a pattern is refused, undefined when it is good. Refused: what does not compile, what is too long, back
 * references, and a repeated group that can split the same text in many ways (`(a+)+`, `(a|a)*`), because such a
 * pattern takes time without end on a hostile value, also in the browser that shows the form.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > longestPattern) return reasonText("pattern_long", { count: longestPattern });
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    return reasonText("pattern_unreadable", { detail: error instanceof Error ? error.message : String(error) });
  }
  const tree = parseAlternatives({ text: pattern, at: 0 });
  return branchProblem(tree);
}

/** The parts of an expression that decide whether repeats can overlap; the pattern is known to compile. */
type Node =
  | { readonly kind: "set"; readonly source: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "back reference" }
  | { readonly kind: "group"; readonly branches: readonly (readonly Repeat[])[] };

interface Repeat {
  readonly node: Node;
  readonly least: number;
  readonly most: number;
}

interface Cursor {
  readonly text: string;
  at: number;
}

function parseAlternatives(cursor: Cursor): Repeat[][] {
  const branches: Repeat[][] = [[]];
  while (cursor.at < cursor.text.length && cursor.text[cursor.at] !== ")") {
    if (cursor.text[cursor.at] === "|") {
      cursor.at += 1;
      branches.push([]);
      continue;
    }
    const node = parseAtom(cursor);
    branches.at(-1)?.push({ node, ...parseQuantifier(cursor) });
  }
  return branches;
}

function parseAtom(cursor: Cursor): Node {
  const rest = cursor.text.slice(cursor.at);
  const group = /^\((?:\?(?:<(?![=!])[^>]*>|<[=!]|[:=!]|[a-z-]*:))?/.exec(rest);
  if (group) {
    cursor.at += group[0].length;
    const branches = parseAlternatives(cursor);
    cursor.at += 1;
    return { kind: "group", branches };
  }
  const atom =
    /^(?:\[(?:\\.|[^\]\\])*\]|\\(?:u\{[^}]*\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[pP]\{[^}]*\}|k<[^>]*>|c[A-Za-z]|\d+|.)|.)/su.exec(
      rest,
    )?.[0] ?? rest;
  cursor.at += atom.length;
  if (/^\\(?:[1-9]|k<)/.test(atom)) return { kind: "back reference" };
  if (atom === "^" || atom === "$" || atom === "\\b" || atom === "\\B") return { kind: "nothing" };
  return { kind: "set", source: atom };
}

function parseQuantifier(cursor: Cursor): { least: number; most: number } {
  const found = /^(?:([*+?])|\{(\d+)(,(\d*))?\})\??/.exec(cursor.text.slice(cursor.at));
  if (!found) return { least: 1, most: 1 };
  cursor.at += found[0].length;
  if (found[1]) return { least: found[1] === "+" ? 1 : 0, most: found[1] === "?" ? 1 : Number.POSITIVE_INFINITY };
  const least = Number(found[2]);
  if (found[3] === undefined) return { least, most: least };
  return { least, most: found[4] ? Number(found[4]) : Number.POSITIVE_INFINITY };
}

/** A repeat that a hostile text can stretch. */
const many = 16;

function branchProblem(branches: readonly (readonly Repeat[])[]): string | undefined {
  for (const branch of branches) {
    for (const { node, most } of branch) {
      if (node.kind === "back reference") return reasonText("pattern_back");
      if (node.kind !== "group") continue;
      const stretches = most > many;
      if (stretches && !node.branches.every(isDelimited)) {
        return reasonText("pattern_overlap");
      }
      if (stretches && overlapping(node.branches)) {
        return reasonText("pattern_alike");
      }
      const inner = branchProblem(node.branches);
      if (inner) return inner;
    }
  }
  return undefined;
}

/** True when one pass of a repeated group ends in just one place: nothing in it stretches, or a delimiter bounds it. */
function isDelimited(branch: readonly Repeat[]): boolean {
  const parts = branch.filter(({ node }) => node.kind !== "nothing");
  if (parts.every(({ node, least, most }) => node.kind === "set" && least === most && least > 0))
    return parts.length > 0;
  const stretching = parts.filter(({ node, least, most }) => node.kind === "group" || least !== most);
  return [parts[0], parts.at(-1)].some((edge) => {
    if (edge?.node.kind !== "set" || edge.least !== 1 || edge.most !== 1) return false;
    const delimiter = members(edge.node);
    return stretching.every(({ node }) => disjoint(delimiter, members(node)));
  });
}

function overlapping(branches: readonly (readonly Repeat[])[]): boolean {
  if (branches.length < 2) return false;
  const firsts = branches.map((branch) => {
    const first = branch.find(({ node }) => node.kind !== "nothing");
    return first === undefined || first.least === 0 ? new Set(probes) : members(first.node);
  });
  return firsts.some((first, index) => firsts.slice(index + 1).some((other) => !disjoint(first, other)));
}

/** Characters that stand for all: ASCII, and a few letters, digits, signs and spaces beyond it. */
const probes: readonly string[] = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ..."\u00a0\u00e9\u00df\u0416\u4e2d\u3042\u0663\uff11\u2028\ufeff\u{1f600}",
];

function members(node: Node): Set<string> {
  if (node.kind === "set") {
    const set = new RegExp(`^(?:${node.source})$`, "u");
    return new Set(probes.filter((probe) => set.test(probe)));
  }
  if (node.kind !== "group") return new Set(node.kind === "nothing" ? [] : probes);
  return new Set(node.branches.flatMap((branch) => branch.flatMap((part) => [...members(part.node)])));
}

function disjoint(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  for (const member of left) if (right.has(member)) return false;
  return true;
}

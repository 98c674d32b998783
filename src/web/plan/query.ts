import { reasonText } from "../../contract/reasons.ts";
import { type ExecutionState, executionStates } from "../../contract/states.ts";
import { type QueryNode, type RunSelection, type RunTerm, termsOf } from "./query-ast.ts";
import { syntaxError } from "./query-error.ts";
import { evaluateQuery } from "./query-evaluate.ts";
import type { QueryHost, QueryInventory } from "./query-index.ts";
import { parseNode } from "./query-parser.ts";

/** A host query, read and found well formed; the language is specified in docs/query.md. */
export interface Query {
  readonly text: string;
  readonly root: QueryNode;
}

/** What a query takes from outside the inventory. */
export interface QueryContext {
  /** Ids of the hosts that {@link runSelectionStates}`.failed` names in that run. */
  failedHosts(runId: number): ReadonlySet<number>;
  /** The same for every selection; without it only `failed(run)` can be answered. */
  runHosts?(runId: number, selection: RunSelection): ReadonlySet<number>;
  /** `leave_out` (default): disabled hosts match only where the query says `enabled=`. For lists of the inventory: `match`. */
  readonly disabled?: "leave_out" | "match";
}

/** The states of a run's executions that each selection takes; what has not ended belongs to `hosts` only. */
export const runSelectionStates: Readonly<Record<RunSelection, readonly ExecutionState[]>> = {
  failed: ["failed", "timed_out", "cancelled", "unreachable", "not_started", "unknown"],
  ok: ["ok"],
  unknown: ["unknown"],
  hosts: executionStates,
};

/**
 * Reads a query. Throws `query.syntax` whose one problem has the place `1:column` (1-based, in characters; line breaks
 * count as one) and says what was found and what was expected. Any text is answered in time that grows with its length.
 */
export function parseQuery(text: string): Query {
  return { text, root: parseNode(text) };
}

/**
 * The hosts that a query means, in the inventory's order. The inventory must be what the asking user may see, as
 * unknown names are answered with suggestions from it; its list of hosts must not change afterwards.
 * Throws `query.unknown_name` when a name, wildcard, path or tag in it fits nothing at all, `query.syntax` when a word
 * is the name of both a host and a function category. No match is no error here.
 */
export function matchHosts<H extends QueryHost>(
  query: Query,
  inventory: QueryInventory<H>,
  context: QueryContext,
): H[] {
  const places = evaluateQuery(query.text, query.root, inventory, ({ runId, selection, at }) => {
    if (context.runHosts !== undefined) return context.runHosts(runId, selection);
    if (selection === "failed") return context.failedHosts(runId);
    throw syntaxError(query.text, at, reasonText("query_failed_only", { selection }));
  });
  const withDisabled = context.disabled === "match" || termsOf(query.root).some(({ kind }) => kind === "enabled");
  return inventory.hosts.filter((host, place) => places.has(place) && (withDisabled || host.enabled));
}

/** Runs whose hosts must be known before {@link matchHosts} is asked, each once. */
export function runsNamedIn(query: Query): number[] {
  return [...new Set(runSelectionsIn(query).map(({ runId }) => runId))];
}

/** The same with what is asked of each run, and where it stands; a pair stands once, the first. */
export function runSelectionsIn(query: Query): RunTerm[] {
  const found = new Map<string, RunTerm>();
  for (const term of termsOf(query.root)) {
    if (term.kind !== "run") continue;
    const name = `${term.selection} ${term.runId}`;
    if (!found.has(name)) found.set(name, term);
  }
  return [...found.values()];
}

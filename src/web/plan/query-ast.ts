import type { RangeSet } from "../../contract/range-set.ts";
import type { AddressRange } from "./ip-address.ts";
import type { Pattern } from "./query-pattern.ts";

/** A parsed query. Places (`at`) count UTF-16 units from the start of the text. */
export type QueryNode =
  | { readonly kind: "or" | "and"; readonly of: readonly QueryNode[] }
  | { readonly kind: "not"; readonly of: QueryNode }
  | QueryTerm;

export type QueryTerm =
  | { readonly kind: "all" }
  /** A bare word: a host name, or a function category when it is exact. */
  | { readonly kind: "name"; readonly pattern: Pattern; readonly at: number }
  /** `name=`: a host name only. */
  | { readonly kind: "host"; readonly pattern: Pattern; readonly at: number }
  /** Without `app` every application category of it. */
  | { readonly kind: "path"; readonly functionCategory: Pattern; readonly app?: Pattern; readonly at: number }
  | { readonly kind: "tag"; readonly pattern: Pattern; readonly at: number }
  | { readonly kind: "text"; readonly field: TextField; readonly pattern: Pattern }
  | { readonly kind: "number"; readonly field: NumberField; readonly numbers: RangeSet }
  | { readonly kind: "enabled"; readonly value: "yes" | "no" | "any" }
  | { readonly kind: "address"; readonly range: AddressRange }
  | RunTerm;

export interface RunTerm {
  readonly kind: "run";
  readonly selection: RunSelection;
  readonly runId: number;
  readonly at: number;
}

export const textFields = ["os", "engine", "zone", "user", "credential", "address"] as const;
export type TextField = (typeof textFields)[number];

export const numberFields = ["id", "port"] as const;
export type NumberField = (typeof numberFields)[number];

/** Which hosts of an earlier run: see docs/query.md. */
export const runSelections = ["failed", "ok", "unknown", "hosts"] as const;
export type RunSelection = (typeof runSelections)[number];

export const enabledValues = ["yes", "no", "any"] as const;

/** The same for terms that mean the same, wherever they stand. */
export function termKey(term: QueryTerm): string {
  return JSON.stringify(term, (key, value: unknown) => (key === "at" || key === "text" ? undefined : value));
}

/** Every term of a query, in its order. */
export function termsOf(node: QueryNode): QueryTerm[] {
  switch (node.kind) {
    case "or":
    case "and":
      return node.of.flatMap(termsOf);
    case "not":
      return termsOf(node.of);
    default:
      return [node];
  }
}

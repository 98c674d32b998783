import type { QueryCompletion } from "../../api/suggest-query.ts";

type Option = QueryCompletion["options"][number];

/** The query with an option in its place, and where the cursor then stands. */
export function acceptOption(
  query: string,
  { from, to }: Pick<QueryCompletion, "from" | "to">,
  { text, kind }: Pick<Option, "text" | "kind">,
): { readonly query: string; readonly cursor: number } {
  const rest = query.slice(to);
  const word = kind === "operator" && !rest.startsWith(" ") ? `${text} ` : text;
  return { query: query.slice(0, from) + word + rest, cursor: from + word.length };
}

/** Options worth showing: not one that says only what is there already. */
export function newOptions(query: string, { from, to, options }: QueryCompletion): readonly Option[] {
  return options.filter(({ text }) => text !== query.slice(from, to));
}

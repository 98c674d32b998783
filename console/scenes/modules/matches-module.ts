import type { ModuleSummary } from "../../api/types.ts";

/** Found by number, key, and name or description in either language; every word must be there. */
export function matchesModule(
  module: Pick<ModuleSummary, "id" | "key" | "name" | "description">,
  search: string,
): boolean {
  const { id, key, name, description } = module;
  const text = [id, key, name.zh, name.en, description.zh, description.en].join("\n").toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

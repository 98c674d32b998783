import type { ModuleSummary } from "../../api/types.ts";
import type { Findable } from "./find-entries.ts";

/** What a module is found by, the same wherever modules are searched. */
export function moduleEntry({
  id,
  key,
  name,
  description,
}: Pick<ModuleSummary, "id" | "key" | "name" | "description">): Findable {
  return {
    id: String(id),
    names: [String(id), key, name.zh, name.en],
    about: [description.zh, description.en],
  };
}

import type { ModuleSummary } from "../../api/types.ts";

type Searched = Pick<ModuleSummary, "id" | "key" | "name" | "description">;

/**
 * The modules in which every word of the search is found (number, key, name or description in either language), those
 * found by number, key or name first.
 */
export function findModules<Module extends Searched>(modules: readonly Module[], search: string): readonly Module[] {
  const words = search.toLocaleLowerCase().split(/\s+/);
  const holds = (texts: readonly (string | number)[]) => {
    const text = texts.join("\n").toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
  const named: Module[] = [];
  const described: Module[] = [];
  for (const module of modules) {
    const { id, key, name, description } = module;
    if (holds([id, key, name.zh, name.en])) named.push(module);
    else if (holds([id, key, name.zh, name.en, description.zh, description.en])) described.push(module);
  }
  return [...named, ...described];
}

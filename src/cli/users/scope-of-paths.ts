import { OmError } from "../../contract/errors.ts";
import type { Client } from "../../contract/http/client.ts";

/** A user's scope from category paths: `Linux.Web` for all of it, `Linux.Web/bbs.domain.com` for one. Undefined for none. */
export async function scopeOfPaths(client: Client, paths: readonly string[] | undefined) {
  if (paths === undefined || paths.length === 0) return undefined;
  const tree = (await client.call("GET /categories", {})).functionCategories;
  const scope = { everything: false, functionCategories: [] as number[], appCategories: [] as number[] };
  for (const path of paths) {
    const [above = "", below = ""] = path.split("/").map((level) => level.trim());
    const category = tree.find(({ name }) => name === above);
    const app = category?.appCategories.find(({ name }) => name === below);
    if (app !== undefined) scope.appCategories.push(app.id);
    else if (category !== undefined && below === "") scope.functionCategories.push(category.id);
    else throw new OmError("request.not_found", `There is no category “${path}”.`);
  }
  return scope;
}

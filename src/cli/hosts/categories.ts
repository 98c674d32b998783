import { OmError } from "../../contract/errors.ts";
import type { Client } from "../../contract/http/client.ts";

/** Paths of the application categories by number. */
export async function categoryPaths(client: Client): Promise<ReadonlyMap<number, string>> {
  const { functionCategories } = await client.call("GET /categories", {});
  return new Map(
    functionCategories.flatMap(({ name, appCategories }) =>
      appCategories.map((app) => [app.id, `${name}/${app.name}`] as const),
    ),
  );
}

/** Number of the application category at a path. With `make`, missing levels are added; else it is refused. */
export async function categoryId(client: Client, path: string, make: boolean): Promise<number> {
  const [functionName = "", appName = "", ...rest] = path.split("/").map((level) => level.trim());
  if (functionName === "" || appName === "" || rest.length > 0) {
    throw new OmError(
      "request.invalid",
      `“${path}” is not a category path. Write function category/application category, such as Linux.Web/bbs.domain.com.`,
    );
  }
  const { functionCategories } = await client.call("GET /categories", {});
  const above = functionCategories.find(({ name }) => name === functionName);
  const found = above?.appCategories.find(({ name }) => name === appName);
  if (found !== undefined) return found.id;
  if (!make) {
    throw new OmError("request.not_found", `There is no category “${path}”. Add --make-category to add it.`);
  }
  const functionCategoryId =
    above?.id ?? (await client.call("POST /function-categories", { body: { name: functionName } })).id;
  return (await client.call("POST /app-categories", { body: { functionCategoryId, name: appName } })).id;
}

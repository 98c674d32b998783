import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { moduleDetail } from "../../contract/http/schemas/modules.ts";
import type { ClientContext } from "../client-command.ts";

export type ModuleDetail = z.output<typeof moduleDetail>;

/** A module by its key or number. `request.not_found` when there is none. */
export async function findModule({ client }: Pick<ClientContext, "client">, word: string): Promise<ModuleDetail> {
  const { modules } = await client.call("GET /modules", {});
  const found = modules.find(({ id, key }) => key === word || String(id) === word);
  if (found !== undefined) return client.call("GET /modules/:id", { params: { id: found.id } });
  const near = modules.filter(({ key }) => key.includes(word) || word.includes(key)).map(({ key }) => key);
  throw new OmError(
    "request.not_found",
    `There is no module “${word}”. ${near.length > 0 ? `Did you mean ${near.join(" or ")}?` : "See: omserver modules list"}`,
  );
}

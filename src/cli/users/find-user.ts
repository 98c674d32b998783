import { OmError } from "../../contract/errors.ts";
import type { Client } from "../../contract/http/client.ts";

/** Number of a user by name. */
export async function userId(client: Client, name: string): Promise<number> {
  const { users } = await client.call("GET /users", {});
  const found = users.find((user) => user.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found.id;
  throw new OmError("request.not_found", `There is no user “${name}”. See: omserver users list`);
}

import type { CallOutput } from "../../src/contract/http/client.ts";
import { client } from "./client.ts";

export type QueryCompletion = CallOutput<"POST /hosts/complete">;

/** What can stand at the cursor of a host query; nothing where the server does not answer. */
export async function suggestQuery(query: string, cursor: number, signal: AbortSignal): Promise<QueryCompletion> {
  return await client.call("POST /hosts/complete", { body: { query, cursor }, signal });
}

import { OmError } from "../../contract/errors.ts";
import type { Client } from "../../contract/http/client.ts";

/** Where a host, by its name, stands in a run. Throws `request.not_found`. */
export async function positionOf(client: Client, id: number, host: string): Promise<number> {
  for (let after: number | undefined; ; ) {
    const page = await client.call("GET /runs/:id/executions", {
      params: { id },
      query: { limit: 10_000, ...(after === undefined ? {} : { after }) },
    });
    const found = page.rows.find(({ hostName }) => hostName === host);
    if (found !== undefined) return found.position;
    if (page.next === undefined) throw new OmError("request.not_found", `Run ${id} has no host “${host}”.`);
    after = page.next;
  }
}

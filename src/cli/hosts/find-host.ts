import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import type { Client } from "../../contract/http/client.ts";
import type { host } from "../../contract/http/schemas/inventory.ts";

export type HostRow = z.output<typeof host>;

/** A query for exactly this name. */
export function nameQuery(name: string): string {
  return `name="${name.replace(/[\\"]/g, "\\$&")}" and enabled=any`;
}

/** A host by its name. `query.unknown_name` when there is none. */
export async function findHost(client: Client, name: string): Promise<HostRow> {
  const { rows } = await client.call("GET /hosts", { query: { query: nameQuery(name), limit: 1 } });
  const [found] = rows;
  if (found === undefined) throw new OmError("request.not_found", `There is no host “${name}”.`);
  return found;
}

/** All pages of a query up to a number of rows, and how many hosts there are in all. */
export async function listHosts(
  client: Client,
  query: string,
  limit: number,
): Promise<{ readonly rows: readonly HostRow[]; readonly total: number }> {
  const rows: HostRow[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await client.call("GET /hosts", {
      query: { query, limit: Math.min(1000, limit - rows.length), ...(cursor === undefined ? {} : { cursor }) },
    });
    rows.push(...page.rows);
    if (page.next === undefined || rows.length >= limit) return { rows, total: page.total };
    cursor = page.next;
  }
}

/** How many hosts a query means, disabled ones included. */
export async function hostTotal(client: Client, query: string): Promise<number> {
  return (await client.call("GET /hosts", { query: { query, limit: 1 } })).total;
}

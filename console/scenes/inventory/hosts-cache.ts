import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { CallOutput } from "../../../src/contract/http/client.ts";
import type { Host } from "../../api/types.ts";

/** Everything that depends on hosts is asked for anew. */
export async function renewHosts(queries: QueryClient): Promise<void> {
  await Promise.all(
    [["hosts"], ["host"], ["categories"], ["hosts-of-app"], ["match"]].map((queryKey) =>
      queries.invalidateQueries({ queryKey }),
    ),
  );
}

type HostPages = InfiniteData<CallOutput<"GET /hosts">>;

/** A changed host in its place in every list that is there, without asking for a hundred pages anew. */
export function replaceHost(queries: QueryClient, host: Host): void {
  queries.setQueriesData<HostPages>({ queryKey: ["hosts"] }, (list) =>
    list === undefined
      ? undefined
      : {
          ...list,
          pages: list.pages.map((page) =>
            page.rows.some(({ id }) => id === host.id)
              ? { ...page, rows: page.rows.map((row) => (row.id === host.id ? host : row)) }
              : page,
          ),
        },
  );
  void queries.invalidateQueries({ queryKey: ["host", host.id] });
}

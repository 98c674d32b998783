import { client } from "./client.ts";

/** The catalogue: whole, since search and palette look at all of it. */
export const modulesQuery = {
  queryKey: ["modules"],
  queryFn: ({ signal }: { signal: AbortSignal }) => client.call("GET /modules", { signal }),
  staleTime: 30_000,
};

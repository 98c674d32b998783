import { client } from "./client.ts";

/** Controllers and their engines, as the server last heard of them. */
export const controllersQuery = {
  queryKey: ["controllers"],
  queryFn: ({ signal }: { signal: AbortSignal }) => client.call("GET /controllers", { signal }),
};

import { useQuery } from "@tanstack/react-query";
import { client } from "../../api/client.ts";

/** Names of the zones that have a controller, in order. */
export function useZones(): string[] {
  const status = useQuery({
    queryKey: ["controllers"],
    queryFn: ({ signal }) => client.call("GET /controllers", { signal }),
  });
  return [...new Set((status.data?.controllers ?? []).map(({ zone }) => zone))].sort();
}

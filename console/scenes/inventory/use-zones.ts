import { useQuery } from "@tanstack/react-query";
import { controllersQuery } from "../../api/controllers-query.ts";

/** Names of the zones that have a controller, in order. */
export function useZones(): string[] {
  const status = useQuery(controllersQuery);
  return [...new Set((status.data?.controllers ?? []).map(({ zone }) => zone))].sort();
}

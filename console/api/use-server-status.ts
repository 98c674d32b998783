import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { OmError } from "../../src/contract/errors.ts";
import { client } from "./client.ts";

export const statusQuery = {
  queryKey: ["status"],
  queryFn: ({ signal }: { signal: AbortSignal }) => client.call("GET /status", { signal }),
  staleTime: 60_000,
};

/** Whether the server answers, asked every 20 s and at once when the browser goes off line or comes back. */
export function useServerStatus(): { readonly offline: boolean } {
  const { error, refetch } = useQuery({ ...statusQuery, refetchInterval: 20_000, refetchOnReconnect: "always" });
  useEffect(() => {
    const ask = () => void refetch();
    window.addEventListener("offline", ask);
    return () => window.removeEventListener("offline", ask);
  }, [refetch]);
  return { offline: error instanceof OmError && error.code === "request.unanswered" };
}

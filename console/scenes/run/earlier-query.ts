import { client } from "../../api/client.ts";

/** Other runs of the same module: what a host usually takes, the last run on the same hosts, and those to compare with. */
export function earlierQuery(runId: number) {
  return {
    queryKey: ["run-earlier", runId],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      client.call("GET /runs/:id/earlier", { params: { id: runId }, signal }),
    staleTime: 60_000,
  };
}

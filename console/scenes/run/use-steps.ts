import { useQuery } from "@tanstack/react-query";
import type { CallOutput } from "../../../src/contract/http/client.ts";
import { client } from "../../api/client.ts";

export type Step = CallOutput<"GET /runs/:id/executions/:position/steps">["rows"][number];

/** More steps of one host than these are not shown. */
const mostSteps = 1_000;

/** What an engine did on a host, step by step; none for engines that know no steps. Read again as the host goes on. */
export function useSteps(runId: number, position: number, liveSeq: number): readonly Step[] {
  const steps = useQuery({
    queryKey: ["steps", runId, position, liveSeq],
    queryFn: ({ signal }) =>
      client.call("GET /runs/:id/executions/:position/steps", {
        params: { id: runId, position },
        query: { limit: mostSteps },
        signal,
      }),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
  return steps.data?.rows ?? [];
}

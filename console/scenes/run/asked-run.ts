import { useQuery } from "@tanstack/react-query";
import { isFinalRunState } from "../../../src/contract/states.ts";
import { client } from "../../api/client.ts";
import type { Run } from "../../api/types.ts";

/** What an open run's live frames leave out, asked for now and then: for whom it waits, and whether for whoever looks. */
export function useAskedRun(run: Run): Run | undefined {
  const asked = useQuery({
    queryKey: ["run-waits", run.id],
    queryFn: ({ signal }) => client.call("GET /runs/:id", { params: { id: run.id }, signal }),
    refetchInterval: 5000,
    enabled: !isFinalRunState(run.state),
  });
  return asked.data;
}

/** Whether whoever looks may be the second person that the run waits for. */
export function useWaitsForMe(run: Run): boolean {
  const asked = useAskedRun(run);
  return run.state === "awaiting_approval" && asked?.waitsForMe === true;
}

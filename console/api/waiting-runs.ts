import { useQuery } from "@tanstack/react-query";
import { client } from "./client.ts";
import { useSession } from "./use-session.ts";

const pollMilliseconds = 30_000;
/** More than anybody counts. */
const counted = 100;

/** How many runs wait for a second person, whom whoever is signed in may be. */
export function useWaitingRuns(): number {
  const { can } = useSession();
  const waiting = useQuery({
    queryKey: ["runs", "waiting-for-me"],
    queryFn: ({ signal }) => client.call("GET /runs", { query: { waitingFor: "me", limit: counted }, signal }),
    refetchInterval: pollMilliseconds,
    enabled: can("runs.start"),
  });
  return waiting.data?.rows.length ?? 0;
}

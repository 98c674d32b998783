import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { OmError } from "../../src/contract/errors.ts";
import { client } from "./client.ts";
import type { MatchReport } from "./types.ts";
import { useDebounced } from "./use-debounced.ts";

export interface Match {
  /** The answer to the query as it stands; undefined while it is asked for, wrong or empty. */
  readonly report: MatchReport | undefined;
  /** The latest answer, perhaps to an earlier text. */
  readonly latest: MatchReport | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
}

/** What a query matches, asked for as soon as the typing pauses. */
export function useMatch(query: string): Match {
  const asked = useDebounced(query.trim(), 120);
  const match = useQuery({
    queryKey: ["match", asked],
    queryFn: ({ signal }) => client.call("POST /hosts/match", { body: { query: asked }, signal }),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: (count, error) => count < 2 && error instanceof OmError && error.code === "request.unanswered",
  });
  const current = asked === query.trim() && asked !== "";
  return {
    report: current && !match.isPlaceholderData && match.error === null ? match.data : undefined,
    latest: asked === "" ? undefined : match.data,
    error: current ? match.error : undefined,
    isLoading: asked !== "" && (match.isFetching || !current),
  };
}

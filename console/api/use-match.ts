import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { OmError } from "../../src/contract/errors.ts";
import { client } from "./client.ts";
import type { MatchReport } from "./types.ts";
import { useDebounced } from "./use-debounced.ts";

export interface Match {
  /** The answer to the query as it stands; undefined while it is asked for, wrong or empty. */
  readonly report: MatchReport | undefined;
  /** The latest answer, perhaps to an earlier text. */
  readonly latest: MatchReport | undefined;
  /** What is wrong with the query, once its text has stood still: half a word is no mistake yet. */
  readonly error: unknown;
  readonly isLoading: boolean;
}

const stillMilliseconds = 150;

/**
 * What a query matches. It is asked at once; while an answer is on its way the newest text waits for it, but no longer
 * than until it has stood still. So a server that is quick is heard after every key, and a slow one is not flooded.
 */
export function useMatch(query: string): Match {
  const wanted = query.trim();
  const isStill = useDebounced(wanted, stillMilliseconds) === wanted;
  const [asked, setAsked] = useState(wanted);
  const match = useQuery({
    queryKey: ["match", asked],
    queryFn: ({ signal }) => client.call("POST /hosts/match", { body: { query: asked }, signal }),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry: (count, error) => count < 2 && error instanceof OmError && error.code === "request.unanswered",
  });
  const { isFetching } = match;
  // In the middle of rendering: an effect would ask a frame later.
  if (asked !== wanted && (isStill || !isFetching)) setAsked(wanted);
  const answered = useRef<MatchReport>(undefined);
  if (match.data !== undefined) answered.current = match.data;
  const current = asked === wanted && asked !== "";
  const isWrong = current && match.error !== null;
  return {
    report: current && !match.isPlaceholderData && match.error === null ? match.data : undefined,
    latest: asked === "" ? undefined : answered.current,
    error: isWrong && isStill ? match.error : undefined,
    isLoading: asked !== "" && (isFetching || !current || (isWrong && !isStill)),
  };
}

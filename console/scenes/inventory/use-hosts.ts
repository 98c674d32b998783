import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef } from "react";
import { client } from "../../api/client.ts";
import type { Host } from "../../api/types.ts";

/** Few at first, to be there at once; then many, so that the end is never reached before more are there. */
const firstRows = 200;
const furtherRows = 1000;

export interface ListedHosts {
  /** For a query that cannot be read: those of the last one that could. */
  readonly rows: readonly Host[];
  /** Of the same query as the rows; undefined until it is known. */
  readonly total: number | undefined;
  /** Null where there is none. */
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly isFetching: boolean;
  readonly isLoadingMore: boolean;
  more(): void;
}

/** The hosts that a query matches, by pages that a cursor links; while another query is asked the former ones stay. */
export function useHosts(query: string): ListedHosts {
  const hosts = useInfiniteQuery({
    queryKey: ["hosts", query],
    queryFn: ({ pageParam, signal }) =>
      client.call("GET /hosts", {
        query: { query, limit: pageParam === undefined ? firstRows : furtherRows, cursor: pageParam },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
  const { error, hasNextPage, isFetchingNextPage, fetchNextPage } = hosts;
  const answered = useRef(hosts.data);
  if (hosts.data !== undefined) answered.current = hosts.data;
  const data = answered.current;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.rows) ?? [], [data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    rows,
    total: data?.pages[0]?.total,
    error,
    isLoading: hosts.isLoading,
    isFetching: hosts.isFetching,
    isLoadingMore: isFetchingNextPage,
    more,
  };
}

import { useEffect, useRef, useState } from "react";
import { useDebounced } from "../../api/use-debounced.ts";

const stillMilliseconds = 150;

export interface TypedQuery {
  readonly typed: string;
  readonly setTyped: (text: string) => void;
  /** The text has stood still: what is wrong with it is a mistake now, and no half word. */
  readonly isStill: boolean;
}

/**
 * The text of a box whose query stands in the address. It is asked after every key; while an answer is on its way the
 * newest text waits for it, but no longer than until it has stood still. A query that comes from elsewhere is shown, one
 * of its own that comes late takes nothing back that was typed since.
 */
export function useTypedQuery(query: string, onQuery: (text: string) => void, isFetching: boolean): TypedQuery {
  const [typed, setTyped] = useState(query);
  const asked = useRef(query);
  const underWay = useRef(new Set<string>());
  const isStill = useDebounced(typed, stillMilliseconds) === typed;
  useEffect(() => {
    const isOwn = query === asked.current || underWay.current.has(query);
    if (query === asked.current) underWay.current.clear();
    if (isOwn) return;
    asked.current = query;
    underWay.current.clear();
    setTyped(query);
  }, [query]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed, and that it may be asked now
  useEffect(() => {
    const isFree = query === asked.current && !isFetching;
    if (typed === asked.current || !(isFree || isStill)) return;
    asked.current = typed;
    underWay.current.add(typed);
    onQuery(typed);
  }, [typed, query, isFetching, isStill]);
  return { typed, setTyped, isStill };
}

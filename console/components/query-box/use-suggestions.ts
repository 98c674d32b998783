import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { QueryCompletion } from "../../api/suggest-query.ts";
import { acceptOption, newOptions } from "./accept-option.ts";

export type Suggest = (query: string, cursor: number, signal: AbortSignal) => Promise<QueryCompletion>;

interface Shown extends QueryCompletion {
  /** The query that it was asked for. */
  readonly query: string;
  /** The option that the arrow keys are on; -1 for none. */
  readonly active: number;
}

const pauseMilliseconds = 80;

/**
 * Suggestions for the word at the cursor while somebody writes. Until an arrow key has chosen one, Enter is a line
 * break as ever; Tab takes the first. An answer to an earlier text is dropped.
 */
export function useSuggestions(suggest: Suggest | undefined, onChange: (query: string) => void) {
  const [shown, setShown] = useState<Shown>();
  const asking = useRef<AbortController>(undefined);
  const input = useRef<HTMLTextAreaElement>(null);
  const placed = useRef<number>(undefined);

  function newAsking(): AbortController {
    const controller = new AbortController();
    asking.current = controller;
    return controller;
  }

  function close(): void {
    asking.current?.abort();
    setShown(undefined);
  }

  function ask(query: string, cursor: number): void {
    asking.current?.abort();
    if (suggest === undefined) return;
    const { signal } = newAsking();
    setTimeout(() => {
      if (signal.aborted) return;
      suggest(query, cursor, signal).then(
        (completion) => {
          if (signal.aborted) return;
          const options = newOptions(query, completion);
          setShown(options.length === 0 ? undefined : { ...completion, options: [...options], query, active: -1 });
        },
        () => undefined,
      );
    }, pauseMilliseconds);
  }

  function accept(at: number): void {
    const option = shown?.options[at];
    if (shown === undefined || option === undefined) return;
    const accepted = acceptOption(shown.query, shown, option);
    placed.current = accepted.cursor;
    onChange(accepted.query);
    setShown(undefined);
    // A category or a field is half a word: what can follow comes at once.
    if (/[/=:(]$/.test(option.text)) ask(accepted.query, accepted.cursor);
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.nativeEvent.isComposing) return;
    if (shown === undefined) {
      if (event.key === " " && event.ctrlKey) {
        event.preventDefault();
        ask(event.currentTarget.value, event.currentTarget.selectionStart);
      }
      return;
    }
    const last = shown.options.length - 1;
    if (event.key === "ArrowDown") setShown({ ...shown, active: shown.active >= last ? 0 : shown.active + 1 });
    else if (event.key === "ArrowUp") setShown({ ...shown, active: shown.active <= 0 ? last : shown.active - 1 });
    else if (event.key === "Tab" && !event.shiftKey) accept(Math.max(0, shown.active));
    else if (event.key === "Enter" && shown.active >= 0) accept(shown.active);
    else if (event.key === "Escape") close();
    else {
      if (/^(?:Arrow|Home|End|Page)/.test(event.key) || event.key === "Enter") close();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // The cursor goes behind what was taken, once the box shows it.
  useEffect(() => {
    if (placed.current === undefined) return;
    input.current?.setSelectionRange(placed.current, placed.current);
    placed.current = undefined;
  });
  useEffect(() => () => asking.current?.abort(), []);

  return { shown, input, ask, accept, close, onKeyDown };
}

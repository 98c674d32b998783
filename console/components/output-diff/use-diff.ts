import { useEffect, useState } from "react";
import { type Diff, diffLines } from "./diff-lines.ts";

/** Larger texts than this, in characters, are compared by a worker. */
const smallText = 50_000;

export type DiffState = { readonly kind: "working" } | { readonly kind: "done"; readonly diff: Diff | undefined };

const working: DiffState = { kind: "working" };

/** The comparison of two texts; see `diffLines`. Large ones leave the page free while they are compared. */
export function useDiff(before: string | undefined, after: string | undefined): DiffState {
  const [state, setState] = useState(working);
  useEffect(() => {
    setState(working);
    if (before === undefined || after === undefined) return;
    if (before.length + after.length < smallText) {
      setState({ kind: "done", diff: diffLines(before, after) });
      return;
    }
    const worker = new Worker(new URL("./diff-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Diff | undefined>) => setState({ kind: "done", diff: data });
    worker.onerror = () => setState({ kind: "done", diff: undefined });
    worker.postMessage({ before, after });
    return () => worker.terminate();
  }, [before, after]);
  return state;
}

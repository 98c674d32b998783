import { diffLines } from "./diff-lines.ts";

/** Compares off the page's thread: `{ before, after }` in, the comparison or undefined out. */
addEventListener("message", ({ data }: MessageEvent<{ readonly before: string; readonly after: string }>) => {
  postMessage(diffLines(data.before, data.after));
});

import type { ThreadWord } from "../job/engine-thread.ts";
import { serveThread } from "../job/thread-entry.ts";
import { type ReadAnswer, readSealedAnswer, type SealedAnswer } from "./answer-reading.ts";

export type ToWorker =
  | { readonly kind: "read"; readonly number: number; readonly answer: SealedAnswer }
  | { readonly kind: "close" };

export type FromWorker = ThreadWord | { readonly kind: "answer"; readonly number: number; readonly answer: ReadAnswer };

/** Entry of the thread that opens answers: the cipher and the HTML of many megabytes would hold up the main thread. */
serveThread<ToWorker, FromWorker>("The engine omserver-v1", ({ post, close }) => (message) => {
  if (message.kind === "close") close();
  else post({ kind: "answer", number: message.number, answer: readSealedAnswer(message.answer) });
});

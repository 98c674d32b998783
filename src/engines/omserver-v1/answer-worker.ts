import { parentPort } from "node:worker_threads";
import type { ThreadWord } from "../job/engine-thread.ts";
import { type ReadAnswer, readSealedAnswer, type SealedAnswer } from "./answer-reading.ts";

export type ToWorker =
  | { readonly kind: "read"; readonly number: number; readonly answer: SealedAnswer }
  | { readonly kind: "close" };

export type FromWorker = ThreadWord | { readonly kind: "answer"; readonly number: number; readonly answer: ReadAnswer };

/** Entry of the thread that opens answers: the cipher and the HTML of many megabytes would hold up the main thread. */
const port = parentPort;
if (port === null) throw new Error("answer-worker.ts runs as a worker thread only");

function post(message: FromWorker): void {
  port?.postMessage(message);
}

port.on("message", (message: ToWorker) => {
  if (message.kind === "close") port.close();
  else post({ kind: "answer", number: message.number, answer: readSealedAnswer(message.answer) });
});
post({ kind: "ready" });

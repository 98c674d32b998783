import { parentPort } from "node:worker_threads";
import type { ThreadWord } from "./engine-thread.ts";

/** What an entry has of its thread. */
export interface ThreadPort<From> {
  post(message: From): void;
  /** The thread ends when nothing else holds it. */
  close(): void;
}

/**
 * Serves an engine's thread (see EngineThread): says that it is ready, and takes messages. `engine` stands in a sentence. One
 * host's answer must not end the thread that serves all the others: an error that nobody caught is told, and the host itself
 * runs into its timeout.
 */
export function serveThread<To, From>(engine: string, begin: (port: ThreadPort<From>) => (message: To) => void): void {
  const port = parentPort;
  if (port === null) throw new Error(`The entry of ${engine}'s thread runs as a worker thread only.`);
  function post(message: From | ThreadWord): void {
    port?.postMessage(message);
  }
  process.on("uncaughtException", (error) => {
    post({ kind: "fault", message: `${engine} caught an error of one connection: ${error.stack ?? error.message}` });
  });
  port.on("message", begin({ post, close: () => port.close() }));
  post({ kind: "ready" });
}

import { EngineThread, type Told } from "../job/engine-thread.ts";
import type { ConnectionLimits } from "./connections.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

export type SshThread = EngineThread<ToWorker, FromWorker>;
export type FromThread = Told<FromWorker>;

/** A worker thread with its connections. */
export function startSshThread(
  limits: ConnectionLimits,
  onMessage: (thread: SshThread, message: FromThread) => void,
): SshThread {
  const options = { entry: new URL("./ssh-worker.ts", import.meta.url), workerData: limits, name: "ssh" };
  const thread: SshThread = new EngineThread<ToWorker, FromWorker>(options, (message) => onMessage(thread, message));
  return thread;
}

import { EngineThread, type Told } from "../job/engine-thread.ts";
import type { FromWorker, ThreadData, ToWorker } from "./messages.ts";

export type FuncThread = EngineThread<ToWorker, FromWorker>;
export type FromThread = Told<FromWorker>;

/** A worker thread with its connections to minions. */
export function startFuncThread(
  data: ThreadData,
  onMessage: (thread: FuncThread, message: FromThread) => void,
): FuncThread {
  const options = { entry: new URL("./func-worker.ts", import.meta.url), workerData: data, name: "func" };
  const thread: FuncThread = new EngineThread<ToWorker, FromWorker>(options, (message) => onMessage(thread, message));
  return thread;
}

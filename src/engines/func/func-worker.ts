import { parentPort, workerData } from "node:worker_threads";
import { Cancellation } from "../job/cancellation.ts";
import { testMinion } from "./connection-test.ts";
import type { FromWorker, ThreadData, ToWorker } from "./messages.ts";
import { createMinionCalls } from "./minion-calls.ts";
import { WorkerJob } from "./worker-job.ts";

/** Entry of a Func thread: holds the connections to its minions, with their TLS and XML. */
const port = parentPort;
if (port === null) throw new Error("func-worker.ts runs as a worker thread only");

const { identity, hostFolder } = workerData as ThreadData;
const calls = createMinionCalls(identity);
const jobs = new Map<number, WorkerJob>();
const tests = new Map<number, Cancellation>();

function post(message: FromWorker): void {
  port?.postMessage(message);
}

async function test({ test: number, host }: Extract<ToWorker, { kind: "test" }>): Promise<void> {
  const cancelled = new Cancellation();
  tests.set(number, cancelled);
  const report = await testMinion(calls, host, cancelled);
  tests.delete(number);
  post({ kind: "tested", test: number, report });
}

function take(message: ToWorker): void {
  switch (message.kind) {
    case "job":
      jobs.set(message.job, new WorkerJob(message, { calls, hostFolder, post }));
      return;
    case "hosts":
      jobs.get(message.job)?.start(message.hosts);
      return;
    case "credit":
      jobs.get(message.job)?.addCredit(message.bytes);
      return;
    case "cancel":
      jobs.get(message.job)?.cancel();
      return;
    case "forget":
      jobs.delete(message.job);
      return;
    case "content":
      jobs.get(message.job)?.content(message);
      return;
    case "test":
      void test(message);
      return;
    case "cancelTest":
      tests.get(message.test)?.cancel();
      return;
    case "close":
      calls.close();
      port?.close();
      return;
  }
}

// One minion's answer must not end the thread that serves all the others: the host itself runs into its timeout.
process.on("uncaughtException", (error) => {
  post({
    kind: "fault",
    message: `The Func engine caught an error of one connection: ${error.stack ?? error.message}`,
  });
});

port.on("message", take);
post({ kind: "ready" });

import { workerData } from "node:worker_threads";
import { Cancellation } from "../job/cancellation.ts";
import { serveThread } from "../job/thread-entry.ts";
import { takeJobMessage } from "../job/thread-jobs.ts";
import { testMinion } from "./connection-test.ts";
import type { FromWorker, ThreadData, ToWorker } from "./messages.ts";
import { createMinionCalls } from "./minion-calls.ts";
import { WorkerJob } from "./worker-job.ts";

/** Entry of a Func thread: holds the connections to its minions, with their TLS and XML. */
serveThread<ToWorker, FromWorker>("The Func engine", ({ post, close }) => {
  const { identity, hostFolder } = workerData as ThreadData;
  const calls = createMinionCalls(identity);
  const jobs = new Map<number, WorkerJob>();
  const tests = new Map<number, Cancellation>();

  async function test({ test: number, host }: Extract<ToWorker, { kind: "test" }>): Promise<void> {
    const cancelled = new Cancellation();
    tests.set(number, cancelled);
    const report = await testMinion(calls, host, cancelled);
    tests.delete(number);
    post({ kind: "tested", test: number, report });
  }

  return function take(message: ToWorker): void {
    switch (message.kind) {
      case "job":
        jobs.set(message.job, new WorkerJob(message, { calls, hostFolder, post }));
        return;
      case "hosts":
        jobs.get(message.job)?.start(message.hosts);
        return;
      case "credit":
      case "cancel":
      case "forget":
        takeJobMessage(jobs, message);
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
        close();
        return;
    }
  };
});

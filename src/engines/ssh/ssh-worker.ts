import { workerData } from "node:worker_threads";
import { reasonText } from "../../contract/reasons.ts";
import { Cancellation } from "../job/cancellation.ts";
import { serveThread } from "../job/thread-entry.ts";
import { takeJobMessage } from "../job/thread-jobs.ts";
import { type ConnectionLimits, Connections } from "./connections.ts";
import type { FromWorker, HostKeyVerdict, RoutedHost, Secret, ToWorker } from "./messages.ts";
import { Settlements } from "./settlements.ts";
import { loadSsh2 } from "./tuned-ssh2.ts";
import { WorkerJob } from "./worker-job.ts";

/** Entry of an SSH thread: takes messages from the main thread and holds the connections. */
serveThread<ToWorker, FromWorker>("The SSH engine", ({ post, close }) => {
  const connections = new Connections(loadSsh2(), workerData as ConnectionLimits);
  const jobs = new Map<number, WorkerJob>();
  const settlements = new Settlements();
  const tests = new Map<number, Cancellation>();
  const questions = new Map<number, { resolve(verdict: HostKeyVerdict): void; reject(error: Error): void }>();
  let lastQuestion = 0;

  function askHostKey(asker: { readonly job: number } | { readonly test: number }) {
    return (address: string, portNumber: number, key: Uint8Array): Promise<HostKeyVerdict> => {
      lastQuestion += 1;
      const { promise, resolve, reject } = Promise.withResolvers<HostKeyVerdict>();
      questions.set(lastQuestion, { resolve, reject });
      post({ kind: "hostKey", question: lastQuestion, asker, address, port: portNumber, key: new Uint8Array(key) });
      return promise;
    };
  }

  async function test(id: number, host: RoutedHost, secrets: Readonly<Record<string, Secret>>, milliseconds: number) {
    const cancellation = new Cancellation();
    tests.set(id, cancellation);
    const begun = performance.now();
    const notices: string[] = [];
    let ok = false;
    let message: string;
    try {
      const lease = await connections.acquire(
        {
          name: host.name,
          route: host.route,
          milliseconds,
          cancellation,
          checkHostKey: askHostKey({ test: id }),
          notice: (text) => notices.push(text),
          fresh: true,
        },
        new Map(Object.entries(secrets)),
      );
      lease.release(true);
      ok = true;
      message = reasonText("ssh_answered", { host: host.name, user: host.route.at(-1)?.user ?? "" });
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
    tests.delete(id);
    const report = {
      ok,
      message: [message, ...notices].join(" "),
      milliseconds: Math.round(performance.now() - begun),
    };
    post({ kind: "tested", test: id, report });
  }

  return function take(message: ToWorker): void {
    switch (message.kind) {
      case "job": {
        const { job, runUid, task, limits, credit, becomeUser, reconnectMilliseconds, errand } = message;
        if (task.kind === "native" || task.kind === "playbook") return;
        const made = new WorkerJob({
          job,
          runUid,
          reconnectMilliseconds,
          errand,
          settlements,
          task,
          limits,
          credit,
          ...(becomeUser === undefined ? {} : { becomeUser }),
          connections,
          post,
          checkHostKey: askHostKey({ job }),
        });
        jobs.set(job, made);
        return;
      }
      case "hosts":
        jobs.get(message.job)?.start(message.hosts, message.secrets);
        return;
      case "proceed":
        jobs.get(message.job)?.permit(message.positions, undefined);
        return;
      case "hold":
        jobs.get(message.job)?.permit(message.positions, message.reason);
        return;
      case "forgone":
        jobs.get(message.job)?.forgone(message.position, message.error);
        return;
      case "settle": {
        const { settling, runUid, positions } = message;
        void settlements.settled(runUid, positions).then(() => post({ kind: "settled", settling }));
        return;
      }
      case "hostCredit":
        jobs.get(message.job)?.addHostCredit(message.position, message.bytes);
        return;
      case "credit":
      case "cancel":
      case "forget":
        takeJobMessage(jobs, message);
        return;
      case "sharedContent":
        jobs.get(message.job)?.shareContent(message.content);
        return;
      case "content":
        jobs.get(message.job)?.content(message);
        return;
      case "hostKey": {
        const question = questions.get(message.question);
        questions.delete(message.question);
        if (message.verdict !== undefined) question?.resolve(message.verdict);
        else question?.reject(new Error(message.error ?? "no answer"));
        return;
      }
      case "test":
        void test(message.test, message.host, message.secrets, message.connectMilliseconds);
        return;
      case "cancelTest":
        tests.get(message.test)?.cancel();
        return;
      case "close":
        connections.close();
        close();
        return;
    }
  };
});

import type { EngineJob } from "../../contract/engine.ts";
import type { PosixTask } from "../../modules/posix.ts";
import { inlineBytes, inlineRoom } from "./execution.ts";
import type { Order } from "./orders.ts";

/** The part of a task's environment that must not stand in a job: by name. */
export function secretsOf(task: PosixTask): Record<string, string> {
  if (task.kind === "file") return {};
  return Object.fromEntries(Object.entries(task.environment).filter(([name]) => task.secretNames.includes(name)));
}

/** What the programs in on-minion/ are to run for a job, without the execution's id; secrets are left out where they go another way. */
export function taskOrder(job: EngineJob, task: PosixTask, secretsApart: boolean): Order {
  const common = {
    do: "run" as const,
    kind: task.kind,
    check: job.check,
    ...(job.become === undefined ? {} : { become: job.become.user }),
    outputBytes: job.limits.outputBytes,
    inlineBytes: Math.min(inlineBytes, job.limits.outputBytes),
    inlineRoom,
    runMilliseconds: job.limits.runMilliseconds,
  };
  if (task.kind === "file") {
    const { sha256, bytes, destination, owner, group, mode, keepOld, after, afterAlways } = task;
    return { ...common, sha256, bytes, destination, owner, group, mode, keepOld, after, afterAlways };
  }
  const environment = Object.fromEntries(
    Object.entries(task.environment).filter(([name]) => !secretsApart || !task.secretNames.includes(name)),
  );
  if (task.kind === "command") {
    const stdin = task.stdin === undefined ? undefined : Buffer.from(task.stdin).toString("base64");
    return { ...common, environment, argv: task.argv, stdin };
  }
  const { interpreter, script, arguments: words } = task;
  return { ...common, environment, interpreter, script, arguments: words };
}

import type { Task } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type Answer, plainText } from "./answers.ts";
import { readCommandResult } from "./captured.ts";
import { cancelledBeforeStart, type Ending, exitEnding, notStarted, unknown, unreachable } from "./ending.ts";
import { deniedReason, type ExecutionParts, whyEnded } from "./execution-parts.ts";
import { watchJob } from "./job-watch.ts";
import { CallFailure } from "./minion-calls.ts";
import type { XmlRpcValue } from "./xmlrpc.ts";

type NativeTask = Extract<Task, { kind: "native" }>;

/** A module's own method, in the minion's background. What it does cannot be ended from here. */
export async function runNative(parts: ExecutionParts, task: NativeTask): Promise<Ending> {
  const { session, stop, host, job } = parts;
  const parameters = positionalParameters(task);
  if (typeof parameters === "string") return notStarted(parameters);
  if (stop.reason !== undefined) return cancelledBeforeStart;
  let answer: Answer;
  try {
    answer = await session.start(task.name, parameters, stop.cancellation);
  } catch (error) {
    if (!(error instanceof CallFailure)) {
      // A value that this wire cannot carry: found before anything was sent.
      return notStarted(error instanceof Error ? error.message : String(error));
    }
    if (error.sent) {
      return unknown(reasonText("func_no_answer_to", { host: host.name, task: task.name, detail: error.message }));
    }
    if (stop.reason !== undefined) return cancelledBeforeStart;
    return unreachable(
      reasonText("func_unreachable", { host: host.name, address: host.address, detail: error.message }),
    );
  }
  if (answer.kind === "error") {
    return notStarted(
      answer.denied
        ? deniedReason(host, task.name)
        : reasonText("func_not_taken", { host: host.name, task: task.name, detail: answer.message }),
    );
  }
  if (typeof answer.value !== "string" || answer.value === "") {
    return unknown(reasonText("func_no_number_of", { host: host.name, task: task.name }));
  }
  parts.started();
  const end = await watchJob(session, answer.value, stop);
  switch (end.kind) {
    case "finished":
      return finished(parts, task, end.answer);
    case "lost":
      return unknown(reasonText("func_job_lost", { host: host.name, task: task.name, detail: end.why }));
    case "asked":
      return unknown(
        reasonText("func_cannot_end", { why: whyEnded(end.asked, job), task: task.name, host: host.name }),
      );
  }
}

function finished({ host, output }: ExecutionParts, task: NativeTask, answer: Answer): Ending {
  if (answer.kind === "error") {
    if (answer.denied) return notStarted(deniedReason(host, task.name));
    const text = answer.traceback === "" ? answer.message : answer.traceback;
    output.take("stderr", Buffer.from(`${text.trimEnd()}\n`));
    return { state: "failed", reason: reasonText("func_failed", { task: task.name, detail: answer.message }) };
  }
  const command = task.name === "command.run" ? readCommandResult(answer.value) : undefined;
  if (command !== undefined) {
    output.take("stdout", command.stdout);
    output.take("stderr", command.stderr);
    return exitEnding(command.code);
  }
  const text = plainText(answer.value);
  if (text !== "") output.take("stdout", Buffer.from(text.endsWith("\n") ? text : `${text}\n`));
  return verdict(task.name, answer.value);
}

/** `service` answers with the exit code of the init script, `copyfile` with -1 for a failure; else an answer is a success. */
function verdict(method: string, value: XmlRpcValue): Ending {
  const [module = ""] = method.split(".");
  if (typeof value !== "number") return { state: "ok", exitCode: 0 };
  if (module === "service") {
    const ending = exitEnding(value);
    return ending.state === "failed"
      ? { ...ending, reason: reasonText("func_method_exit", { method, code: value }) }
      : ending;
  }
  if (module === "copyfile" && value === -1)
    return { state: "failed", reason: reasonText("func_not_written", { method }) };
  return { state: "ok", exitCode: 0 };
}

/**
 * Func's methods take parameters by position: those that `positional` names, in its order. Only the last ones may be
 * without a value. A sentence when that does not work out.
 */
export function positionalParameters(task: NativeTask): XmlRpcValue[] | string {
  const given = Object.keys(task.arguments);
  const order = task.positional ?? (given.length <= 1 ? given : undefined);
  if (order === undefined) {
    return reasonText("func_no_order", { task: task.name });
  }
  const stranger = given.find((name) => !order.includes(name));
  if (stranger !== undefined) return reasonText("func_order_lacks", { name: stranger, task: task.name });
  const parameters: XmlRpcValue[] = [];
  let missing: string | undefined;
  for (const name of order) {
    if (!Object.hasOwn(task.arguments, name)) {
      missing ??= name;
      continue;
    }
    if (missing !== undefined) return reasonText("func_argument_needed", { task: task.name, missing, name });
    parameters.push(task.arguments[name] as XmlRpcValue);
  }
  return parameters;
}

import { randomBytes } from "node:crypto";
import { reasonText } from "../../contract/reasons.ts";
import type { PosixTask } from "../../modules/posix.ts";
import { MarkReader } from "../../modules/posix-marks.ts";
import type { Answer } from "./answers.ts";
import { type CommandResult, readCommandResult } from "./captured.ts";
import { cancelledBeforeStart, type Ending, notStarted, unknown, unreachable } from "./ending.ts";
import { type Attempt, deniedReason, type ExecutionParts, whyEnded } from "./execution-parts.ts";
import { lastWord, watchJob } from "./job-watch.ts";
import { CallFailure } from "./minion-calls.ts";
import { endText, executionFolder, prepareText, probeText, removeText } from "./minion-program.ts";
import type { Asked } from "./stop.ts";
import { finishTask } from "./task-result.ts";
import { UploadFailure, upload } from "./upload.ts";

const lastWordMilliseconds = 10_000;

/** A command, script or file by `command.run` in the minion's background, so that no request stays open. */
export async function runTask(parts: ExecutionParts, task: PosixTask): Promise<Ending> {
  for (let tries = 0; ; tries++) {
    if (parts.stop.reason !== undefined) return cancelledBeforeStart;
    const nonce = randomBytes(12).toString("hex");
    const programs = parts.job.programs(task);
    const { program, call } = programs.start(nonce);
    const attempt: Attempt = { nonce, program, uploaded: false };
    try {
      const failure = call === undefined ? await bring(parts, task, attempt) : undefined;
      const ending = failure ?? (await runAttempt(parts, attempt, call ?? programs.brought(nonce)));
      // Surely never begun, and the connection that broke had been kept too long: as if it had not been asked yet.
      if (ending !== "never began" || tries > 0) {
        return ending === "never began"
          ? unreachable(reasonText("func_closed_each", { host: parts.host.name }))
          : ending;
      }
    } finally {
      if (attempt.uploaded) await remove(parts, nonce);
    }
  }
}

/** Sends the call that starts it and follows it to its end. */
async function runAttempt(parts: ExecutionParts, attempt: Attempt, call: string): Promise<Ending | "never began"> {
  const { session, stop, host } = parts;
  let answer: Answer;
  try {
    answer = await session.send(call, { repeatable: false, cancellation: stop.cancellation });
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    if (!error.sent && stop.reason !== undefined) return cancelledBeforeStart;
    return error.sent ? afterLostStart(parts, attempt, error) : unreachable(cannotReach(parts, error));
  }
  if (answer.kind === "error") return refusedStart(parts, attempt, answer);
  if (typeof answer.value !== "string" || answer.value === "") {
    return unknown(reasonText("func_no_number", { host: host.name }));
  }
  const job = answer.value;
  parts.started();
  const end = await watchJob(session, job, stop);
  switch (end.kind) {
    case "finished":
      return finished(parts, attempt, end.answer);
    case "lost":
      return unknown(reasonText("func_task_lost", { host: host.name, detail: end.why }));
    case "asked":
      return endConfirmed(parts, attempt, job, end.asked);
  }
}

/** Uploads line and input into the execution's folder. Nothing of the task can run before it is started. */
async function bring(parts: ExecutionParts, task: PosixTask, attempt: Attempt): Promise<Ending | undefined> {
  const { session, stop, host, hostFolder, job } = parts;
  const places = { hostFolder, nonce: attempt.nonce };
  try {
    const text = prepareText(places, task.kind === "file" ? task.destination : undefined);
    const answer = await session.call("command.run", [text], { repeatable: true, cancellation: stop.cancellation });
    if (answer.kind === "error") return refusedStart(parts, attempt, answer);
    const ready = readyMark(readCommandResult(answer.value), attempt.nonce);
    if (ready.problem !== undefined)
      return notStarted(reasonText("func_task_not_taken", { host: host.name, detail: ready.problem }));
    attempt.uploaded = true;
    if (task.kind === "file") parts.started();
    const wanted = task.kind === "file" && ready.sha256 !== task.sha256;
    const content = attempt.program.input ?? (wanted ? job.file() : undefined);
    const whole = await upload(
      session,
      `${executionFolder(places)}/in`,
      joined(Buffer.from(attempt.program.line), content),
      stop,
    );
    if (whole) return undefined;
    return {
      state: stop.reason ?? "cancelled",
      reason: reasonText("func_before_file", { why: whyEnded(stop.reason ?? "cancelled", job) }),
    };
  } catch (error) {
    if (stop.reason !== undefined && !attempt.uploaded) return cancelledBeforeStart;
    if (error instanceof UploadFailure) return notStarted(error.message);
    if (error instanceof CallFailure) return unreachable(cannotReach(parts, error));
    const message = error instanceof Error ? error.message : String(error);
    return notStarted(reasonText("engine_file_unread", { detail: message }));
  }
}

async function* joined(
  line: Buffer,
  content: Uint8Array | AsyncIterable<Uint8Array> | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield line;
  if (content === undefined) return;
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}

function readyMark(result: CommandResult | undefined, nonce: string): { problem?: string; sha256?: string } {
  if (result === undefined) return { problem: reasonText("func_not_command") };
  const said = new RegExp(`^${nonce} (ready|no) ?(.{0,300})$`, "m").exec(`${result.stdout}\n${result.stderr}`);
  if (said?.[1] === "ready") return { sha256: said[2] ?? "" };
  return {
    problem:
      said?.[2] ??
      reasonText("func_shell_code", { code: result.code, said: result.stderr.toString().slice(0, 200).trim() }),
  };
}

/** The request left and no answer came: the claim tells whether it began. */
async function afterLostStart(
  parts: ExecutionParts,
  attempt: Attempt,
  failure: CallFailure,
): Promise<Ending | "never began"> {
  const fate = await fateOf(parts, attempt.nonce);
  const { name } = parts.host;
  if (fate.kind === "never") {
    if (failure.stale) return "never began";
    return unreachable(reasonText("func_not_begun", { name, detail: failure.message }));
  }
  if (fate.kind === "unclear") {
    return unknown(reasonText("func_start_unknown", { name, detail: failure.message }));
  }
  const there = fate.kind === "pid" ? reasonText("func_runs_as", { pid: fate.pid }) : reasonText("engine_end_never");
  return unknown(reasonText("func_start_there", { name, detail: failure.message, there }));
}

/** An error instead of a job or a result: nothing ran when it was refused, or when the claim is still free. */
async function refusedStart(
  parts: ExecutionParts,
  attempt: Attempt,
  error: Extract<Answer, { kind: "error" }>,
): Promise<Ending> {
  if (error.denied) return notStarted(deniedReason(parts.host, "command.run"));
  const fate = await fateOf(parts, attempt.nonce);
  const reason = reasonText("func_not_run", { host: parts.host.name, detail: error.message });
  return fate.kind === "never" ? notStarted(reason) : unknown(`${reason} Whether it ran is not known.`);
}

async function finished(parts: ExecutionParts, attempt: Attempt, answer: Answer): Promise<Ending> {
  if (answer.kind === "error") return refusedStart(parts, attempt, answer);
  const result = readCommandResult(answer.value);
  if (result === undefined) return unknown(reasonText("func_strange_answer", { host: parts.host.name }));
  return finishTask(parts, attempt, result);
}

/** Ends what runs; the asked state only when it is confirmed that nothing is left. */
async function endConfirmed(parts: ExecutionParts, attempt: Attempt, job: string, asked: Asked): Promise<Ending> {
  const { session, host } = parts;
  const why = whyEnded(asked, parts.job);
  const before = await lastWord(session, job, 0);
  if (before !== undefined) return finished(parts, attempt, before);
  const fate = await fateOf(parts, attempt.nonce);
  // The minion had taken the job, and its background had not come to it yet. The claim bars it for good.
  if (fate.kind === "never") return { state: asked, reason: reasonText("func_never_begun", { why, host: host.name }) };
  if (fate.kind === "unclear") return unknown(reasonText("func_end_silent", { why, host: host.name }));
  const left = fate.kind === "pid" ? await endProcesses(parts, fate.pid) : undefined;
  const after = await lastWord(session, job, lastWordMilliseconds);
  const ending = after === undefined ? undefined : await finished(parts, attempt, after);
  if (fate.kind === "over" && ending !== undefined) return ending;
  if (left !== undefined) return unknown(reasonText("why_unconfirmed", { why, detail: left }));
  return { state: asked, reason: reasonText("why_ended", { why }), lost: ending === undefined };
}

type Fate =
  | { readonly kind: "never" }
  | { readonly kind: "pid"; readonly pid: number }
  | { readonly kind: "over" }
  | { readonly kind: "unclear" };

/** What became of an attempt, by its claim on the host. Where it never began, it never will. */
async function fateOf({ session, hostFolder }: ExecutionParts, nonce: string): Promise<Fate> {
  try {
    const answer = await session.call("command.run", [probeText({ hostFolder, nonce })], { repeatable: true });
    const text = answer.kind === "value" ? String(readCommandResult(answer.value)?.stdout ?? "") : "";
    const said = new RegExp(`^${nonce} (never|over|pid (\\d{1,10}))$`, "m").exec(text);
    if (said === null) return { kind: "unclear" };
    if (said[1] === "never" || said[1] === "over") return { kind: said[1] };
    const pid = Number(said[2]);
    return pid > 1 ? { kind: "pid", pid } : { kind: "unclear" };
  } catch (error) {
    if (error instanceof CallFailure) return { kind: "unclear" };
    throw error;
  }
}

/** Undefined when none of the processes is left, else a clause. */
async function endProcesses({ session }: ExecutionParts, pid: number): Promise<string | undefined> {
  const nonce = randomBytes(12).toString("hex");
  try {
    const answer = await session.call("command.run", [endText(pid, nonce)], { repeatable: true });
    if (answer.kind === "error") return answer.message;
    const marks = new MarkReader(nonce).push(readCommandResult(answer.value)?.stderr ?? Buffer.alloc(0)).marks;
    for (const mark of marks) {
      if (mark.kind === "gone") return undefined;
      if (mark.kind === "left") return reasonText("engine_processes_left", { pids: mark.pids });
    }
    return reasonText("func_no_clear_answer");
  } catch (error) {
    if (error instanceof CallFailure) return error.message;
    throw error;
  }
}

async function remove({ session, hostFolder }: ExecutionParts, nonce: string): Promise<void> {
  try {
    await session.call("command.run", [removeText({ hostFolder, nonce })], { repeatable: true });
  } catch (error) {
    // The host clears old folders away itself at its next task.
    if (!(error instanceof CallFailure)) throw error;
  }
}

function cannotReach({ host }: ExecutionParts, failure: CallFailure): string {
  return reasonText("func_unreachable", { host: host.name, address: host.address, detail: failure.message });
}

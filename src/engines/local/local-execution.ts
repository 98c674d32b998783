import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { EndedEvent, EngineEvent, EngineHost, EngineJob, OutputStream } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { endProgram, taskProgram } from "../../modules/posix.ts";
import type { Sudo } from "../../modules/posix-dialog.ts";
import { LocalProgram } from "./local-program.ts";

export interface LocalExecutionParts {
  readonly host: EngineHost;
  readonly job: EngineJob;
  readonly sudo: Sudo | undefined;
  readonly cancelled: AbortSignal;
  /** Takes an event; false when the source should pause until `resume` is called. */
  tell(event: EngineEvent, resume?: () => void): boolean;
}

const quietAfterExitMilliseconds = 5000;
const killMilliseconds = 15_000;
const closeAfterKillMilliseconds = 2000;

type Ending = Pick<EndedEvent, "state" | "exitCode" | "signal" | "reason"> & { readonly lost?: boolean };

/** Runs the task once on this machine, after its intent is durable. Tells exactly one `ended`; never rejects. */
export async function executeHere(parts: LocalExecutionParts): Promise<void> {
  const { host, job } = parts;
  const totals: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  const limit = job.limits.outputBytes;
  let told = false;
  const untilEnded: LocalExecutionParts = {
    ...parts,
    tell: (event, resume) => told || parts.tell(event, resume),
  };
  let ending: Ending;
  try {
    ending = await run(untilEnded, totals);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    ending = { state: "unknown", reason: reasonText("engine_lost_track", { detail: text }), lost: true };
  }
  told = true;
  const { lost = false, ...how } = ending;
  const cut = totals.stdout > limit || totals.stderr > limit;
  parts.tell({
    kind: "ended",
    position: host.position,
    ...how,
    stdoutBytes: totals.stdout,
    stderrBytes: totals.stderr,
    output: lost ? "partial" : cut ? "truncated" : "complete",
  });
}

async function run(parts: LocalExecutionParts, totals: Record<OutputStream, number>): Promise<Ending> {
  const { host, job, sudo, cancelled } = parts;
  const { task, limits } = job;
  if (task.kind === "native" || task.kind === "playbook") {
    return notStarted(reasonText("engine_no_own_modules"));
  }
  const nonce = randomBytes(12).toString("hex");
  const position = host.position;
  const program = new LocalProgram(taskProgram(task, { nonce, become: sudo !== undefined }), nonce, sudo, {
    started: () => void parts.tell({ kind: "started", position }),
    content: (stdin) => void sendContent(parts, stdin),
    output: (stream, data) => {
      const room = limits.outputBytes - totals[stream];
      totals[stream] += data.length;
      if (room <= 0) return true;
      const kept = data.length > room ? data.subarray(0, room) : data;
      const more = parts.tell({ kind: "output", position, stream, data: kept }, () => program.resume());
      const ownRoom = more ? job.outputRoom?.(position) : undefined;
      void ownRoom?.then(() => program.resume());
      return more && ownRoom === undefined;
    },
  });
  const stop = Promise.withResolvers<"timed_out" | "cancelled">();
  const timer = setTimeout(() => stop.resolve("timed_out"), Math.min(limits.runMilliseconds, 2 ** 31 - 1));
  const aborted = () => stop.resolve("cancelled");
  if (cancelled.aborted) aborted();
  else cancelled.addEventListener("abort", aborted, { once: true });
  try {
    const first = await Promise.race([
      program.end.then(() => "ended" as const),
      program.quiet(quietAfterExitMilliseconds).then(() => "quiet" as const),
      stop.promise,
    ]);
    if (first === "timed_out" || first === "cancelled") return await end(program, first, parts);
    if (first === "quiet") program.abandon();
    return { ...ended(program, sudo), ...(first === "quiet" ? { lost: true } : {}) };
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener("abort", aborted);
  }
}

function ended(program: LocalProgram, sudo: Sudo | undefined): Ending {
  const { exit, failure, dialog } = program;
  const { talk } = dialog;
  if (failure !== undefined) return notStarted(reasonText("local_no_process", { detail: failure }));
  if (dialog.begun && exit !== undefined) return exitEnding(exit);
  if (dialog.wrongPassword) {
    return notStarted(reasonText("local_sudo_password"));
  }
  const said = oneLine(talk);
  if (!dialog.sent) {
    const user = sudo?.user ?? "another user";
    return notStarted(
      talk === "" ? reasonText("local_sudo_refused", { user }) : reasonText("local_sudo_refused_said", { user, said }),
    );
  }
  return notStarted(talk === "" ? reasonText("local_shell_ended") : reasonText("local_shell_ended_said", { said }));
}

/** Ends what runs; the asked state only when it is confirmed that nothing is left. */
async function end(
  program: LocalProgram,
  asked: "timed_out" | "cancelled",
  { job, sudo }: LocalExecutionParts,
): Promise<Ending> {
  const seconds = `${job.limits.runMilliseconds / 1000} s`;
  const why =
    asked === "cancelled" ? reasonText("engine_why_cancelled") : reasonText("engine_why_longer", { time: seconds });
  const { dialog } = program;
  if (!dialog.sent) {
    program.abandon();
    return notStarted(
      asked === "cancelled"
        ? reasonText("why_before_start", { why })
        : reasonText("local_sudo_slow", { time: seconds }),
    );
  }
  for (let tries = 0; dialog.process === undefined && program.exit === undefined && tries < 100; tries++) {
    await Promise.race([program.end, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  const { process, sudoPid } = dialog;
  const { exit } = program;
  if (exit !== undefined) {
    const closed = await within(closeAfterKillMilliseconds, program.end);
    if (!closed) program.abandon();
    return { ...ended(program, sudo), lost: !closed };
  }
  if (process === undefined) {
    program.abandon();
    return { state: "unknown", reason: reasonText("why_no_process", { why }), lost: true };
  }
  const nonce = randomBytes(12).toString("hex");
  const pids = [process.pid, ...(sudoPid === undefined ? [] : [sudoPid])];
  const sessions = process.session === undefined ? [] : [process.session];
  const killer = new LocalProgram(endProgram(pids, sessions, nonce), nonce, sudo, {});
  await within(killMilliseconds, killer.end);
  killer.abandon();
  const closed = await within(closeAfterKillMilliseconds, program.end);
  if (!closed) program.abandon();
  const { answer, talk } = killer.dialog;
  if (answer?.kind === "gone") return { state: asked, reason: reasonText("why_ended", { why }), lost: !closed };
  const left =
    answer === undefined ? oneLine(talk) || "no answer" : reasonText("engine_processes_left", { pids: answer.pids });
  return { state: "unknown", reason: reasonText("why_unconfirmed", { why, detail: left }), lost: true };
}

async function sendContent({ job, host, tell }: LocalExecutionParts, stdin: Writable): Promise<void> {
  if (job.task.kind !== "file") return;
  const closed = finished(stdin).catch(() => undefined);
  let open = true;
  void closed.then(() => {
    open = false;
  });
  try {
    for await (const chunk of await job.file(job.task.sha256)) {
      if (!open) return;
      if (stdin.write(chunk)) continue;
      await Promise.race([new Promise((resolve) => stdin.once("drain", resolve)), closed]);
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    tell({ kind: "notice", position: host.position, message: reasonText("engine_file_unread", { detail: text }) });
  }
  stdin.end();
}

function exitEnding(exit: { readonly code?: number; readonly signal?: string }): Ending {
  if (exit.code === 0) return { state: "ok", exitCode: 0 };
  if (exit.code !== undefined) {
    return { state: "failed", exitCode: exit.code, reason: reasonText("exit_code", { code: exit.code }) };
  }
  const signal = exit.signal ?? "unknown";
  return { state: "failed", signal, reason: reasonText("exit_signal", { signal }) };
}

function notStarted(reason: string): Ending {
  return { state: "not_started", reason };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").slice(0, 300);
}

async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeout.resolve(false), milliseconds);
  const done = await Promise.race([promise.then(() => true), timeout.promise]);
  clearTimeout(timer);
  return done;
}

import { createHash } from "node:crypto";
import type { EndedEvent, EngineEvent, EngineHost, EngineJob, OutputStream, Task } from "../../contract/engine.ts";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Intentions } from "../job/intentions.ts";
import { type MockBehaviour, runMillisecondsOf } from "./behaviour.ts";
import type { Ledger } from "./ledger.ts";
import type { Pauses } from "./pauses.ts";

export interface MockJob {
  readonly job: EngineJob;
  readonly signal: AbortSignal;
  readonly pauses: Pauses;
  readonly intentions: Intentions;
  readonly ledger: Ledger | undefined;
  put(event: EngineEvent): Promise<void> | undefined;
}

type Ending = Pick<EndedEvent, "state" | "exitCode" | "signal" | "reason">;

const cancelledBeforeStart = reasonText("mock_cancelled_before");
let printed: Buffer | undefined;

/** As of a log, about 900 KB with no two lines alike, so that it compresses about as such text does. */
function logText(): Buffer {
  printed ??= Buffer.from(
    Array.from({ length: 12_000 }, (_, at) => {
      const number = (Math.imul(at + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
      return `12:${String(at % 3600).padStart(4, "0")} mock app[${at % 977}]: request ${number} answered in ${at % 419} ms\n`;
    }).join(""),
  );
  return printed;
}

const pieceBytes = 32 * 1024;

/** One host from its connection to its `ended`; yields to the queue when that is full. */
export async function runMockHost(mock: MockJob, host: EngineHost, behaviour: MockBehaviour): Promise<void> {
  const { job, signal } = mock;
  const { position } = host;
  const sent = { stdout: 0, stderr: 0 };

  async function end(ending: Ending): Promise<void> {
    const isCut = Math.max(sent.stdout, sent.stderr) > job.limits.outputBytes;
    await mock.put({
      kind: "ended",
      position,
      ...ending,
      stdoutBytes: sent.stdout,
      stderrBytes: sent.stderr,
      output: ending.state === "unknown" ? "partial" : isCut ? "truncated" : "complete",
    });
  }

  if (signal.aborted) return end({ state: "not_started", reason: cancelledBeforeStart });
  for (const message of behaviour.notices ?? []) await mock.put({ kind: "notice", position, message });
  if (behaviour.end?.kind === "break")
    throw new OmError("engine.broken", reasonText("mock_broke", { host: host.name }));
  if (behaviour.connectMilliseconds)
    await mock.pauses.pause(Math.min(behaviour.connectMilliseconds, job.limits.connectMilliseconds));
  if (signal.aborted) return end({ state: "not_started", reason: cancelledBeforeStart });
  const isTooSlow = (behaviour.connectMilliseconds ?? 0) > job.limits.connectMilliseconds;
  if (isTooSlow || behaviour.end?.kind === "unreachable") {
    const why = behaviour.end?.kind === "unreachable" ? behaviour.end.reason : undefined;
    return end({
      state: "unreachable",
      reason: why ?? reasonText("mock_silent", { host: host.name, address: host.address }),
    });
  }
  if (!(await mock.intentions.intend(position)) || signal.aborted) {
    return end({ state: "not_started", reason: cancelledBeforeStart });
  }
  if (job.task.kind === "file") {
    const problem = await contentProblem(job, job.task);
    if (problem !== undefined) return end({ state: "not_started", reason: problem });
    if (signal.aborted) return end({ state: "not_started", reason: cancelledBeforeStart });
  }

  const entry = { runUid: job.runUid, position, host: host.name };
  // A dry run changes nothing, so there is nothing for the ledger.
  const ledger = job.check ? undefined : mock.ledger;
  ledger?.write({ what: "ran", ...entry });
  await mock.put({ kind: "started", position });
  for (const step of behaviour.steps ?? [])
    await mock.put({ kind: "step", position, path: ["mock"], action: "mock", ...step });
  if (behaviour.facts !== undefined) await mock.put({ kind: "facts", position, facts: behaviour.facts });
  await print(mock, position, sent, behaviour);
  const ending = await untilEnd(mock, host, behaviour);
  if (ending.state !== "unknown") ledger?.write({ what: "ended", ...entry });
  return end(ending);
}

async function untilEnd({ job, signal, pauses }: MockJob, host: EngineHost, behaviour: MockBehaviour): Promise<Ending> {
  const wanted = behaviour.end ?? { kind: "exit", code: 0 };
  const most = job.limits.runMilliseconds;
  const time = wanted.kind === "hang" ? Number.POSITIVE_INFINITY : runMillisecondsOf(behaviour, host.position);
  if (time > 0) await pauses.pause(Math.min(time, most));
  if (wanted.kind === "lost") {
    return { state: "unknown", reason: reasonText("mock_lost", { host: host.name }) };
  }
  if (signal.aborted) return { state: "cancelled", reason: reasonText("mock_cancelled") };
  if (time > most) return { state: "timed_out", reason: reasonText("mock_timed_out", { time: most / 1000 }) };
  switch (wanted.kind) {
    case "signal":
      return {
        state: "failed",
        signal: wanted.signal,
        reason: reasonText("mock_signal", { signal: wanted.signal }),
      };
    case "exit":
      return wanted.code === 0
        ? { state: "ok", exitCode: 0 }
        : { state: "failed", exitCode: wanted.code, reason: reasonText("mock_exit", { code: wanted.code }) };
    default:
      throw new OmError("engine.broken", `The mock host ${host.name} does not know how to end.`);
  }
}

/** Counts all bytes, passes on those within the limit, and stops early only when the run is cancelled. */
async function print(
  mock: MockJob,
  position: number,
  sent: Record<OutputStream, number>,
  behaviour: MockBehaviour,
): Promise<void> {
  async function pass(stream: OutputStream, data: Uint8Array): Promise<void> {
    await mock.job.outputRoom?.(position);
    const room = Math.max(0, mock.job.limits.outputBytes - sent[stream]);
    sent[stream] += data.length;
    if (room > 0 && data.length > 0) await mock.put({ kind: "output", position, stream, data: data.subarray(0, room) });
  }
  for (const stream of ["stdout", "stderr"] as const) {
    const own = behaviour[stream];
    if (own !== undefined) await pass(stream, typeof own === "string" ? Buffer.from(own) : own);
  }
  let rest = behaviour.outputBytes ?? 0;
  const text = rest > 0 ? logText() : Buffer.alloc(0);
  for (let at = 0; rest > 0 && sent.stdout < mock.job.limits.outputBytes && !mock.signal.aborted; ) {
    const piece = text.subarray(at, at + Math.min(rest, pieceBytes));
    await pass("stdout", piece);
    rest -= piece.length;
    at = (at + piece.length) % text.length;
  }
  // What is past the limit is only counted.
  if (!mock.signal.aborted) sent.stdout += rest;
}

/** A mock host takes a file as a real one does: all of it, checked. */
async function contentProblem(job: EngineJob, task: Extract<Task, { kind: "file" }>): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    for await (const part of await job.file(task.sha256)) hash.update(part);
  } catch (error) {
    return `The file could not be sent: ${error instanceof Error ? error.message : String(error)}`;
  }
  return hash.digest("hex") === task.sha256 ? undefined : "The file arrived damaged: its SHA-256 is another one.";
}

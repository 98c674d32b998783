import { readFileSync } from "node:fs";
import type { EndedEvent, Engine, EngineEvent, EngineHost, EngineJob, EngineManifest } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { capabilitiesOf } from "../../modules/engine-tasks.ts";
import type { ReadAnswer } from "./answer-reading.ts";
import { AnswerThread } from "./answer-thread.ts";
import { commandText, hostProblem, type OldModule, oldModule } from "./command.ts";
import type { HostAnswer } from "./html-answer.ts";
import { RpycConnection, RpycException, RpycFailure, type Spoken, textOf } from "./rpyc.ts";
import { seal } from "./sealing.ts";
import type { OmserverV1Settings } from "./settings.ts";

const manifest: EngineManifest = { id: "omserver-v1", capabilities: capabilitiesOf("omserver-v1") };

const warning = reasonText("old_warning");

/** An existing controller of the first OMServer, in its own protocol; for migration, and off unless switched on. */
export function createOmserverV1Engine(settings: OmserverV1Settings): Engine {
  const closing = new AbortController();
  const place: Place = { settings, spoken: {}, answers: new AnswerThread() };
  return {
    manifest,
    async probe() {
      try {
        secrets(settings);
        return { usable: true, version: `${settings.controller}:${settings.port}`, warning };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { usable: false, reason, mend: reasonText("old_files") };
      }
    },
    run: (job, signal) => runBatches(place, job, AbortSignal.any([signal, closing.signal])),
    async close() {
      closing.abort();
      await place.answers.close();
    },
  };
}

interface Place {
  readonly settings: OmserverV1Settings;
  /** What the old controller was found to speak. */
  readonly spoken: Spoken;
  readonly answers: AnswerThread;
}

/** Bytes of an output event. */
const pieceBytes = 256 * 1024;

function secrets({ passwordFile, keyFile }: OmserverV1Settings): { password: string; key: string } {
  const [password = "", key = ""] = [passwordFile, keyFile].map((file) => {
    try {
      return readFileSync(file, "utf8").replace(/\r?\n$/, "");
    } catch {
      throw new Error(reasonText("old_file_unread", { file }));
    }
  });
  return { password, key };
}

/** One request for as many hosts as the run's width, one after the other: the old controller answers for all at once. */
async function* runBatches(
  place: Place,
  job: EngineJob,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void, undefined> {
  const module = moduleOf(job);
  for (let at = 0; at < job.hosts.length; at += Math.max(1, job.width)) {
    const batch = job.hosts.slice(at, at + Math.max(1, job.width));
    if (typeof module === "string") yield* batch.map((host) => ended(host, "not_started", module));
    else yield* runBatch(place, job, module, batch, signal);
  }
}

function moduleOf(job: EngineJob): OldModule | string {
  const { task, become } = job;
  if (become !== undefined) return reasonText("old_become");
  if (task.kind !== "native") return reasonText("old_modules_only");
  return oldModule(task);
}

async function* runBatch(
  place: Place,
  job: EngineJob,
  module: OldModule,
  batch: readonly EngineHost[],
  signal: AbortSignal,
): AsyncGenerator<EngineEvent, void, undefined> {
  const able: EngineHost[] = [];
  for (const host of batch) {
    const problem = signal.aborted ? reasonText("run_cancelled_before_start") : hostProblem(host);
    if (problem === undefined) able.push(host);
    else yield ended(host, "not_started", problem);
  }
  if (able.length === 0) return;
  let connection: RpycConnection | undefined;
  try {
    const { password, key } = secrets(place.settings);
    connection = await signIn(place, job, password, signal);
    const allowed = new Set(await job.intend(able.map((host) => host.position)));
    const hosts = able.filter((host) => allowed.has(host.position) && !signal.aborted);
    for (const host of able) {
      if (!hosts.includes(host)) yield ended(host, "not_started", reasonText("old_taken_out"));
    }
    if (hosts.length > 0) yield* ask(connection, job, { module, hosts, key, signal, answers: place.answers });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    for (const host of able) yield ended(host, error.state, error.message);
  } finally {
    connection?.close();
  }
}

/** Nothing was sent for any host. */
class Refused extends Error {
  readonly state: "not_started" | "unreachable";

  constructor(state: "not_started" | "unreachable", reason: string) {
    super(reason);
    this.state = state;
  }
}

async function signIn(
  { settings, spoken }: Place,
  { limits }: EngineJob,
  password: string,
  signal: AbortSignal,
): Promise<RpycConnection> {
  const place = `${settings.controller}:${settings.port}`;
  let connection: RpycConnection | undefined;
  try {
    const options = { host: settings.controller, port: settings.port, signal, spoken };
    connection = await RpycConnection.open({
      ...options,
      connectMilliseconds: limits.connectMilliseconds,
      answerMilliseconds: limits.runMilliseconds,
    });
    const answer = textOf(await connection.call("login", settings.user, password));
    if (/failed|invalid/i.test(answer)) throw new RpycException(answer);
    return connection;
  } catch (error) {
    connection?.close();
    if (signal.aborted) throw new Refused("not_started", reasonText("run_cancelled_before_start"));
    if (error instanceof RpycException) {
      throw new Refused("not_started", reasonText("old_sign_in", { place, detail: error.message }));
    }
    if (error instanceof RpycFailure) {
      throw new Refused("unreachable", reasonText("old_unreachable", { place, detail: error.message }));
    }
    throw error;
  }
}

async function* ask(
  connection: RpycConnection,
  job: EngineJob,
  request: {
    readonly module: OldModule;
    readonly hosts: readonly EngineHost[];
    readonly key: string;
    readonly signal: AbortSignal;
    readonly answers: AnswerThread;
  },
): AsyncGenerator<EngineEvent, void, undefined> {
  const { module, hosts, key, signal } = request;
  for (const host of hosts) yield { kind: "started", position: host.position };
  let sealed: string;
  try {
    sealed = textOf(await connection.call("Runcommands", seal(commandText(module, hosts), key)));
  } catch (error) {
    if (!(error instanceof RpycFailure) && !(error instanceof RpycException)) throw error;
    const why = signal.aborted ? reasonText("old_cannot_end") : reasonText("old_no_result", { detail: error.message });
    for (const host of hosts) yield ended(host, "unknown", why);
    return;
  }
  let read: ReadAnswer;
  try {
    read = await request.answers.read({ sealed, key, hosts });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    for (const host of hosts) yield ended(host, "unknown", reasonText("old_answer_lost", { detail: why }));
    return;
  }
  for (const host of hosts) {
    if (read.kind === "refused") yield ended(host, "not_started", read.reason);
    else if (read.kind === "closed") {
      const reason = reasonText("old_unopened");
      yield ended(host, "unknown", reason);
    } else yield* answered(host, job, read.answers.get(host.position));
  }
}

function* answered(
  host: EngineHost,
  job: EngineJob,
  answer: HostAnswer | "twice" | undefined,
): Generator<EngineEvent, void, undefined> {
  if (answer === undefined) yield ended(host, "unknown", reasonText("old_not_told"));
  else if (answer === "twice") {
    const reason = reasonText("old_told_twice");
    yield ended(host, "unknown", reason);
  } else yield* told(host, job, answer);
}

function* told(
  host: EngineHost,
  { limits }: EngineJob,
  { succeeded, output }: { succeeded: boolean; output: string },
): Generator<EngineEvent, void, undefined> {
  const bytes = Buffer.from(output === "" ? "" : `${output}\n`);
  const kept = bytes.subarray(0, limits.outputBytes);
  for (let at = 0; at < kept.length; at += pieceBytes) {
    const data = kept.subarray(at, at + pieceBytes);
    yield { kind: "output", position: host.position, stream: "stdout", data };
  }
  yield {
    ...ended(host, succeeded ? "ok" : "failed", succeeded ? "" : reasonText("old_failed")),
    ...(succeeded ? { exitCode: 0 } : {}),
    stdoutBytes: bytes.length,
    output: kept.length < bytes.length ? "truncated" : "complete",
  };
}

function ended(host: EngineHost, state: EndedEvent["state"], reason: string): EndedEvent {
  return {
    kind: "ended",
    position: host.position,
    state,
    ...(reason === "" ? {} : { reason }),
    stdoutBytes: 0,
    stderrBytes: 0,
    output: state === "unknown" ? "partial" : "complete",
  };
}

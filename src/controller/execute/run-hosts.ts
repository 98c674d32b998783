import type { BegunHost, EndedEvent, EngineEvent, OutputStream } from "../../contract/engine.ts";
import type { FinalExecutionState, OutputCompleteness } from "../../contract/states.ts";
import type { EndKind, JournaledRun, Marks } from "../spool/journal.ts";
import { type NewEvent, outputBytes } from "../spool/new-event.ts";
import type { OutputShare } from "../spool/output-share.ts";
import type { Recorder } from "../spool/recorder.ts";
import { StreamBuffer } from "./host-output.ts";
import { redactorFor, redactText } from "./redact.ts";
import { factsEvent, stepEvent } from "./step-event.ts";

const flushMilliseconds = 200;
const longestReason = 1000;
/** Of a host; what an engine goes on to say is left out. */
const mostNotices = 20;

export interface RunHostsOptions {
  readonly run: JournaledRun;
  readonly positions: readonly number[];
  readonly marks: Marks;
  readonly outputLimitBytes: number;
  /** Values that must not show in output or sentences. */
  readonly secrets: readonly string[];
  readonly recorder: Recorder;
  readonly outputShare: OutputShare;
  /** Told when the last host that had begun ends. */
  readonly onIdle: () => void;
}

/** Where each host of a run stands, and the events that tell of it. Every host ends once; what comes after is ignored. */
export interface RunHosts {
  isWaiting(position: number): boolean;
  /** Those of these hosts that an earlier life began and that have not ended, and what was told of their output. */
  begun(positions: readonly number[]): readonly Pick<BegunHost, "position" | "stdoutBytes" | "stderrBytes">[];
  /** Hosts that began (their intent is on its way to the disk) and have not ended. */
  inFlight(): number;
  /** Ended neither ok nor skipped. */
  failures(): number;
  /** Takes the waiting ones of these and resolves, with them, when the intent to start them is on disk. */
  intend(positions: readonly number[]): Promise<readonly number[]>;
  /** `withheld` is why hosts are not started just now; it replaces the engine's own reason. */
  take(event: EngineEvent, withheld: string | undefined): void;
  /** Ends a host for which no engine speaks (any more). */
  end(position: number, state: FinalExecutionState, reason: string): void;
  /** Passes on what output waits and takes nothing more. */
  close(): void;
}

interface HostProgress {
  phase: "waiting" | "intended" | "started" | "ended";
  startedAt: number;
  notices: number;
  stdout?: StreamBuffer | undefined;
  stderr?: StreamBuffer | undefined;
}

export function createRunHosts(options: RunHostsOptions): RunHosts {
  const { run, recorder } = options;
  const newRedactor = redactorFor(options.secrets);
  const { marks } = options;
  const hosts = new Map<number, HostProgress>();
  let inFlight = 0;
  for (const position of options.positions) {
    if (marks.ended.has(position)) continue;
    const begun = marks.intended.has(position);
    hosts.set(position, { phase: begun ? "intended" : "waiting", startedAt: 0, notices: 0 });
    if (begun) inFlight += 1;
  }
  const dirty = new Set<HostProgress>();
  let failures = marks.failures;
  let closed = false;
  let flushTimer: NodeJS.Timeout | undefined;

  function open(position: number): HostProgress | undefined {
    const host = hosts.get(position);
    return closed || host?.phase === "ended" ? undefined : host;
  }

  function onStarted(host: HostProgress, position: number): void {
    if (host.phase === "started") return;
    if (host.phase === "waiting") inFlight += 1;
    host.phase = "started";
    host.startedAt = performance.now();
    recorder.started(run, position);
  }

  function onOutput(host: HostProgress, position: number, stream: OutputStream, data: Uint8Array): void {
    const told = marks.output.get(position)?.[stream];
    const buffer = host[stream] ?? new StreamBuffer(position, stream, options.outputLimitBytes, newRedactor?.(), told);
    host[stream] = buffer;
    for (const due of buffer.push(data)) addOutput(position, due);
    if (buffer.waitingBytes === 0) return;
    dirty.add(host);
    flushTimer ??= setTimeout(flushOutput, flushMilliseconds);
  }

  function addOutput(position: number, event: NewEvent): void {
    options.outputShare.told(run, position, outputBytes(event));
    recorder.add(run, event);
  }

  function flushOutput(): void {
    clearTimeout(flushTimer);
    flushTimer = undefined;
    for (const host of dirty) {
      for (const buffer of [host.stdout, host.stderr]) {
        if (buffer && buffer.waitingBytes > 0) for (const event of buffer.flush()) addOutput(buffer.position, event);
      }
    }
    dirty.clear();
  }

  function onEnded(host: HostProgress, event: EndedEvent, reason: string): void {
    const durationMs = host.phase === "started" ? Math.round(performance.now() - host.startedAt) : 0;
    const told = marks.output.get(event.position);
    const stdout = host.stdout?.end() ?? { ...nothing, offset: told?.stdout ?? 0 };
    const stderr = host.stderr?.end() ?? { ...nothing, offset: told?.stderr ?? 0 };
    const cut = host.stdout?.truncated === true || host.stderr?.truncated === true;
    const output: OutputCompleteness = event.output === "complete" && cut ? "truncated" : event.output;
    // With secrets hidden a stream has another length; what is kept is held against it.
    const stdoutBytes = event.stdoutBytes + (host.stdout?.growth ?? 0);
    const stderrBytes = event.stderrBytes + (host.stderr?.growth ?? 0);
    dirty.delete(host);
    host.stdout = undefined;
    host.stderr = undefined;
    const kind = endKindOf(event.state);
    if (kind !== "well") failures += 1;
    if (host.phase !== "waiting") inFlight -= 1;
    host.phase = "ended";
    recorder.ended(run, event.position, kind, {
      atMs: BigInt(Date.now()),
      kind: {
        case: "ended",
        value: {
          position: event.position,
          state: event.state,
          ...(event.exitCode === undefined ? {} : { exitCode: event.exitCode }),
          signal: event.signal ?? "",
          reason: redactText(reason, options.secrets).slice(0, longestReason),
          stdoutBytes: BigInt(stdoutBytes),
          stderrBytes: BigInt(stderrBytes),
          output,
          stdoutOffset: BigInt(stdout.offset),
          stdout: stdout.data,
          stderrOffset: BigInt(stderr.offset),
          stderr: stderr.data,
          durationMs,
        },
      },
    });
    if (inFlight === 0) options.onIdle();
  }

  return {
    isWaiting: (position) => hosts.get(position)?.phase === "waiting",
    begun: (positions) =>
      positions.flatMap((position) => {
        if (!marks.intended.has(position) || open(position)?.phase !== "intended") return [];
        // With secrets hidden a stream has another length, so it is told from its beginning.
        const told = newRedactor === undefined ? marks.output.get(position) : undefined;
        return [{ position, stdoutBytes: told?.stdout ?? 0, stderrBytes: told?.stderr ?? 0 }];
      }),
    inFlight: () => inFlight,
    failures: () => failures,
    async intend(positions) {
      const taken: number[] = [];
      for (const position of positions) {
        const host = open(position);
        if (host?.phase !== "waiting") continue;
        host.phase = "intended";
        inFlight += 1;
        taken.push(position);
      }
      if (taken.length > 0) await recorder.intend(run, taken);
      return taken;
    },
    take(event, withheld) {
      const host = open(event.position);
      if (host === undefined) return;
      switch (event.kind) {
        case "started":
          onStarted(host, event.position);
          return;
        case "output":
          onOutput(host, event.position, event.stream, event.data);
          return;
        case "notice": {
          host.notices += 1;
          if (host.notices > mostNotices) return;
          const message = redactText(event.message, options.secrets).slice(0, longestReason);
          const value = { position: event.position, code: "engine", message };
          recorder.add(run, { atMs: BigInt(Date.now()), kind: { case: "notice", value } });
          return;
        }
        case "step":
          recorder.add(run, stepEvent(event, options.secrets));
          return;
        case "facts": {
          const fact = factsEvent(event, options.secrets);
          if (fact !== undefined) recorder.add(run, fact);
          return;
        }
        case "ended":
          onEnded(host, event, (event.state === "not_started" ? withheld : undefined) ?? event.reason ?? "");
          return;
      }
    },
    end(position, state, reason) {
      const host = open(position);
      if (host === undefined) return;
      const told = marks.output.get(position);
      const stdoutBytes = (host.stdout?.keptBytes ?? told?.stdout ?? 0) - (host.stdout?.growth ?? 0);
      const stderrBytes = (host.stderr?.keptBytes ?? told?.stderr ?? 0) - (host.stderr?.growth ?? 0);
      const output = state === "unknown" ? "partial" : "complete";
      onEnded(host, { kind: "ended", position, state, stdoutBytes, stderrBytes, output }, reason);
    },
    close() {
      if (!closed) flushOutput();
      closed = true;
    },
  };
}

function endKindOf(state: FinalExecutionState): EndKind {
  switch (state) {
    case "ok":
    case "skipped":
      return "well";
    case "failed":
    case "timed_out":
    case "cancelled":
      return "badly";
    case "unreachable":
    case "not_started":
    case "unknown":
      return "otherwise";
  }
}

const nothing = { offset: 0, data: new Uint8Array() };

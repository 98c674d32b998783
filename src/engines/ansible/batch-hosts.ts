import type { EndedEvent, EngineEvent, EngineJob } from "../../contract/engine.ts";
import type { AnsibleEvent, ResultEvent, StatsEvent } from "./events.ts";
import type { ReachableHost } from "./host-access.ts";
import { type Ending, moduleEnding, playsEnding, programEnding, type Told } from "./host-progress.ts";
import { moduleOutput, outputEvents, programOutput } from "./output.ts";
import type { SshAccess } from "./ssh-access.ts";
import { StepLog, stepEvent } from "./steps.ts";
import type { Work } from "./work.ts";

/** Where a host of a start stands. `stopping`: its time is over, and its end is still to be confirmed. */
export interface Progress {
  readonly reachable: ReachableHost;
  phase: "waiting" | "started" | "stopping" | "ended";
  /** Its start was told. */
  shown: boolean;
  /** Of plays: what was printed of their steps, and the last step that went wrong. */
  log?: StepLog;
  trouble?: ResultEvent;
}

/** The hosts of one start of Ansible, and what its events mean for them. Every host's start is told before all else of it. */
export class BatchHosts {
  readonly #job: EngineJob;
  readonly #access: SshAccess;
  readonly #hosts = new Map<string, Progress>();
  /** Begun by Ansible while too many others were not yet told as ended. */
  readonly #begun: Progress[] = [];
  #open = 0;

  constructor(job: EngineJob, access: SshAccess) {
    this.#job = job;
    this.#access = access;
  }

  has(name: string): boolean {
    return this.#hosts.has(name);
  }

  add(reachable: ReachableHost): void {
    this.#hosts.set(reachable.host.name, { reachable, phase: "waiting", shown: false });
  }

  all(): Progress[] {
    return [...this.#hosts.values()];
  }

  /** Begun and not ended. */
  open(): Progress[] {
    return this.all().filter(({ phase }) => phase === "started" || phase === "stopping");
  }

  /** Ends hosts that have not begun and for which there is a reason that they do not. */
  *refuse(reasonOf: (position: number) => string | undefined): Generator<EngineEvent, void, undefined> {
    for (const [name, { reachable, phase }] of [...this.#hosts]) {
      const { position } = reachable.host;
      const reason = phase === "waiting" ? reasonOf(position) : undefined;
      if (reason === undefined) continue;
      this.#hosts.delete(name);
      yield notStarted(position, reason);
    }
  }

  async *take(event: AnsibleEvent, work: Work): AsyncGenerator<EngineEvent, void, undefined> {
    if (event.kind === "start") {
      const progress = this.#hosts.get(event.host);
      if (progress?.phase !== "waiting") return;
      progress.phase = "started";
      this.#begun.push(progress);
      yield* this.#tellStarted();
      return;
    }
    if (event.kind === "stats") {
      if (work.kind === "playbook") yield* this.#finishPlays(event.hosts);
      return;
    }
    if (event.kind !== "result") return;
    const progress = this.#hosts.get(event.host);
    if (progress?.phase !== "started") return;
    if (work.kind === "playbook") yield* this.#tellStep(progress, event);
    else yield* this.#finish(progress, event, work);
  }

  /** Ansible begins with the next host a moment before it tells the end of another: no more than `width` are shown. */
  *#tellStarted(): Generator<EngineEvent, void, undefined> {
    const width = Math.max(1, this.#job.width);
    while (this.#open < width) {
      const progress = this.#begun.shift();
      if (progress === undefined) return;
      yield this.#show(progress);
    }
  }

  async *#finish(progress: Progress, result: ResultEvent, work: Work): AsyncGenerator<EngineEvent, void, undefined> {
    const job = this.#job;
    const { host } = progress.reachable;
    const { position } = host;
    yield* this.tellStart(progress);
    const told = this.told(progress);
    const meaning = work.kind === "program" ? programEnding(result, told) : moduleEnding(result, told);
    if (work.kind === "module") {
      yield stepEvent(position, result);
      if (result.facts !== undefined) yield { kind: "facts", position, facts: result.facts };
    }
    if (meaning.state === "stop") {
      progress.phase = "stopping";
      return;
    }
    const limit = job.limits.outputBytes;
    const parts = work.kind === "program" ? programOutput(result) : moduleOutput(result);
    const bytes = { stdout: 0, stderr: 0 };
    for (const { stream, part } of parts) {
      yield* outputEvents(position, stream, part, limit);
      bytes[stream] += part.bytes;
    }
    const cut = bytes.stdout > limit || bytes.stderr > limit;
    const partial = meaning.state === "unknown" || result.omserver?.lost === true;
    yield this.end(progress, meaning, bytes, partial ? "partial" : cut ? "truncated" : "complete");
    yield* this.#tellStarted();
  }

  /** One step of a host in plays; its end comes with the last of them. */
  async *#tellStep(progress: Progress, result: ResultEvent): AsyncGenerator<EngineEvent, void, undefined> {
    const { position } = progress.reachable.host;
    yield* this.tellStart(progress);
    progress.log ??= new StepLog(this.#job.limits.outputBytes);
    yield stepEvent(position, result);
    if (result.facts !== undefined) yield { kind: "facts", position, facts: result.facts };
    const data = progress.log.take(result);
    if (data.length > 0) yield { kind: "output", position, stream: "stdout", data };
    if (result.status === "unreachable" || (result.status === "failed" && !result.ignored)) progress.trouble = result;
  }

  async *#finishPlays(hosts: StatsEvent["hosts"]): AsyncGenerator<EngineEvent, void, undefined> {
    for (const [name, progress] of this.#hosts) {
      if (progress.phase === "ended") continue;
      yield* this.tellStart(progress);
      const ending = playsEnding(hosts[name], progress.trouble, this.told(progress));
      const bytes = progress.log?.bytes ?? 0;
      const cut = bytes > this.#job.limits.outputBytes;
      const output = ending.state === "unknown" ? "partial" : cut ? "truncated" : "complete";
      yield this.end(progress, ending, { stdout: bytes, stderr: 0 }, output);
    }
  }

  /** Of a host whose start was held back, so that it comes before anything else of it. */
  *tellStart(progress: Progress): Generator<EngineEvent, void, undefined> {
    const at = this.#begun.indexOf(progress);
    if (at === -1) return;
    this.#begun.splice(at, 1);
    yield this.#show(progress);
  }

  #show(progress: Progress): EngineEvent {
    progress.shown = true;
    this.#open += 1;
    return { kind: "started", position: progress.reachable.host.position };
  }

  end(
    progress: Progress,
    ending: Ending,
    bytes: { readonly stdout: number; readonly stderr: number },
    output: EndedEvent["output"],
  ): EndedEvent {
    progress.phase = "ended";
    if (progress.shown) this.#open -= 1;
    const { state, exitCode, signal, reason } = ending;
    return {
      kind: "ended",
      position: progress.reachable.host.position,
      state,
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(signal === undefined ? {} : { signal }),
      ...(reason === undefined ? {} : { reason }),
      stdoutBytes: bytes.stdout,
      stderrBytes: bytes.stderr,
      output,
    };
  }

  told(progress: Progress): Told {
    const { host } = progress.reachable;
    return {
      host,
      signedIn: this.#access.signedIn(progress.reachable),
      refusedKey: this.#access.refusedKey(progress.reachable),
      runMilliseconds: this.#job.limits.runMilliseconds,
    };
  }
}

export function notStarted(position: number, reason: string): EndedEvent {
  return { kind: "ended", position, state: "not_started", reason, stdoutBytes: 0, stderrBytes: 0, output: "complete" };
}

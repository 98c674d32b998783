import type { EndedEvent, EngineEvent, EngineJob } from "../../contract/engine.ts";
import type { AnsibleEvent, ResultEvent, StatsEvent } from "./events.ts";
import type { ReachableHost } from "./host-access.ts";
import { type Ending, moduleEnding, playsEnding, programEnding, type Told } from "./host-progress.ts";
import { longParts, moduleOutput, programOutput, removeFile, type StreamPart, slicesOf } from "./output.ts";
import type { SshAccess } from "./ssh-access.ts";
import { StepLog, stepEvent } from "./steps.ts";
import type { WaitingOutput } from "./waiting-output.ts";
import type { Work } from "./work.ts";

/** Takes an event at once; resolves when there is room for the next. */
export type Tell = (event: EngineEvent) => Promise<void>;

/**
 * Where a host of a start stands. `stopping`: its time is over, and its end is still to be confirmed; `over`: it has
 * ended, which may be being told still.
 */
export interface Progress {
  readonly reachable: ReachableHost;
  phase: "waiting" | "started" | "stopping" | "over";
  /** Its start was told. */
  shown: boolean;
  /** Of plays: what was printed of their steps, and the last step that went wrong. */
  log?: StepLog;
  trouble?: ResultEvent;
}

export interface BatchHostsParts {
  readonly job: EngineJob;
  readonly access: SshAccess;
  readonly tell: Tell;
  readonly waiting: WaitingOutput;
}

/** The hosts of one start of Ansible, and what its events mean for them. Every host's start is told before all else of it. */
export class BatchHosts {
  readonly #job: EngineJob;
  readonly #access: SshAccess;
  readonly #hosts = new Map<string, Progress>();
  /** Begun by Ansible while too many others were not yet told as ended. */
  readonly #begun: Progress[] = [];
  readonly #telling = new Set<Promise<void>>();
  readonly #tell: Tell;
  readonly #waiting: WaitingOutput;
  #open = 0;
  #left = false;

  constructor({ job, access, tell, waiting }: BatchHostsParts) {
    this.#job = job;
    this.#access = access;
    this.#tell = tell;
    this.#waiting = waiting;
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
  async refuse(reasonOf: (position: number) => string | undefined): Promise<void> {
    for (const [name, { reachable, phase }] of [...this.#hosts]) {
      const { position } = reachable.host;
      const reason = phase === "waiting" ? reasonOf(position) : undefined;
      if (reason === undefined) continue;
      this.#hosts.delete(name);
      await this.#tell(notStarted(position, reason));
    }
  }

  /** Resolves when the next event may come; long output goes on being told, see {@link toldAll}. */
  async take(event: AnsibleEvent, work: Work): Promise<void> {
    if (event.kind === "start") {
      const progress = this.#hosts.get(event.host);
      if (progress?.phase !== "waiting") return;
      progress.phase = "started";
      this.#begun.push(progress);
      await this.#tellStarted();
      return;
    }
    if (event.kind === "stats") {
      if (work.kind === "playbook") await this.#finishPlays(event.hosts);
      return;
    }
    if (event.kind !== "result") return;
    const progress = this.#hosts.get(event.host);
    if (progress?.phase === "started") {
      if (work.kind === "playbook") await this.#tellStep(progress, event);
      else if (await this.#finish(progress, event, work)) return;
    }
    await this.#dropFiles(event);
  }

  /** Resolves when nothing more is being told of hosts. */
  async toldAll(): Promise<void> {
    while (this.#telling.size > 0) await Promise.all(this.#telling);
  }

  /** Nobody takes events any more: what is being told is left. */
  leave(): void {
    this.#left = true;
  }

  /** Ansible begins with the next host a moment before it tells the end of another: no more than `width` are shown. */
  async #tellStarted(): Promise<void> {
    const width = Math.max(1, this.#job.width);
    while (this.#open < width) {
      const progress = this.#begun.shift();
      if (progress === undefined) return;
      await this.#show(progress);
    }
  }

  /** True when files of the result are told still, or were. */
  async #finish(progress: Progress, result: ResultEvent, work: Work): Promise<boolean> {
    const { position } = progress.reachable.host;
    await this.tellStart(progress);
    const told = this.told(progress);
    const meaning = work.kind === "program" ? programEnding(result, told) : moduleEnding(result, told);
    if (work.kind === "module") {
      await this.#tell(stepEvent(position, result));
      if (result.facts !== undefined) await this.#tell({ kind: "facts", position, facts: result.facts });
    }
    if (meaning.state === "stop") {
      progress.phase = "stopping";
      return false;
    }
    const parts = work.kind === "program" ? programOutput(result) : moduleOutput(result);
    // It is over on the host, whenever its turn to tell comes.
    this.#over(progress);
    const telling = this.#tellOutput(progress, meaning, parts, result).finally(() => this.#telling.delete(telling));
    if (longParts(result).length === 0) await telling;
    else this.#telling.add(telling);
    await this.#tellStarted();
    return true;
  }

  /** Never rejects. */
  async #tellOutput(
    progress: Progress,
    ending: Ending,
    parts: readonly StreamPart[],
    result: ResultEvent,
  ): Promise<void> {
    const { position } = progress.reachable.host;
    const limit = this.#job.limits.outputBytes;
    const bytes = { stdout: 0, stderr: 0 };
    let lost = ending.state === "unknown" || result.omserver?.lost === true;
    for (const { stream, part } of parts) {
      bytes[stream] += part.bytes;
      lost ||= part.lost === true;
      try {
        for await (const data of slicesOf(part, limit, () => this.#job.outputRoom?.(position))) {
          if (this.#left) break;
          await this.#tell({ kind: "output", position, stream, data });
        }
      } catch {
        // What the disk does not give back is missing, and shows as missing.
        lost = true;
      }
    }
    await this.#dropFiles(result);
    const cut = bytes.stdout > limit || bytes.stderr > limit;
    await this.#tell(this.end(progress, ending, bytes, lost ? "partial" : cut ? "truncated" : "complete"));
  }

  async #dropFiles(result: ResultEvent): Promise<void> {
    for (const part of longParts(result)) {
      // One that cannot be removed goes with the job's folder.
      await removeFile(part).catch(() => undefined);
      this.#waiting.gone(Math.min(part.bytes, this.#job.limits.outputBytes));
    }
  }

  /** One step of a host in plays; its end comes with the last of them. */
  async #tellStep(progress: Progress, result: ResultEvent): Promise<void> {
    const { position } = progress.reachable.host;
    await this.tellStart(progress);
    progress.log ??= new StepLog(this.#job.limits.outputBytes);
    await this.#tell(stepEvent(position, result));
    if (result.facts !== undefined) await this.#tell({ kind: "facts", position, facts: result.facts });
    const data = progress.log.take(result);
    if (data.length > 0) await this.#tell({ kind: "output", position, stream: "stdout", data });
    if (result.status === "unreachable" || (result.status === "failed" && !result.ignored)) progress.trouble = result;
  }

  async #finishPlays(hosts: StatsEvent["hosts"]): Promise<void> {
    for (const [name, progress] of this.#hosts) {
      if (progress.phase === "over") continue;
      await this.tellStart(progress);
      const ending = playsEnding(hosts[name], progress.trouble, this.told(progress));
      const bytes = progress.log?.bytes ?? 0;
      const cut = bytes > this.#job.limits.outputBytes;
      const output = ending.state === "unknown" ? "partial" : cut ? "truncated" : "complete";
      await this.#tell(this.end(progress, ending, { stdout: bytes, stderr: 0 }, output));
    }
  }

  /** Of a host whose start was held back, so that it comes before anything else of it. */
  async tellStart(progress: Progress): Promise<void> {
    const at = this.#begun.indexOf(progress);
    if (at === -1) return;
    this.#begun.splice(at, 1);
    await this.#show(progress);
  }

  async #show(progress: Progress): Promise<void> {
    progress.shown = true;
    this.#open += 1;
    await this.#tell({ kind: "started", position: progress.reachable.host.position });
  }

  #over(progress: Progress): void {
    if (progress.phase !== "over" && progress.shown) this.#open -= 1;
    progress.phase = "over";
  }

  end(
    progress: Progress,
    ending: Ending,
    bytes: { readonly stdout: number; readonly stderr: number },
    output: EndedEvent["output"],
  ): EndedEvent {
    this.#over(progress);
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

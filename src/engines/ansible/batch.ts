import { randomBytes } from "node:crypto";
import type { EndedEvent, EngineEvent, EngineHost, EngineJob } from "../../contract/engine.ts";
import { type AnsibleHome, AnsibleProcess } from "./ansible-process.ts";
import type { ContentCache } from "./content.ts";
import { type AnsibleEvent, parseEvent, type ResultEvent, type StatsEvent } from "./events.ts";
import type { ReachableHost } from "./host-access.ts";
import type { SeenKeys } from "./host-key-checks.ts";
import {
  type Ending,
  longerThan,
  moduleEnding,
  oneLine,
  playsEnding,
  programEnding,
  type Told,
} from "./host-progress.ts";
import { inventoryOf, nameProblem } from "./inventory.ts";
import { type JobFolder, makeJobFolder } from "./job-folder.ts";
import { moduleOutput, outputEvents, programOutput } from "./output.ts";
import { preparePlaybook } from "./playbook-work.ts";
import { SshAccess } from "./ssh-access.ts";
import { StepLog, stepEvent } from "./steps.ts";
import { prepareEnd, prepareTask } from "./task-work.ts";
import type { Work } from "./work.ts";

export interface BatchParts {
  readonly home: AnsibleHome;
  readonly job: EngineJob;
  readonly hosts: readonly EngineHost[];
  readonly cancelled: AbortSignal;
  readonly seenKeys: SeenKeys;
  readonly content: ContentCache;
}

interface Progress {
  readonly reachable: ReachableHost;
  phase: "waiting" | "started" | "stopping" | "ended";
  /** Of plays: what was printed of their steps, and the last step that went wrong. */
  log?: StepLog;
  trouble?: ResultEvent;
}

/**
 * One start of Ansible for some hosts of a job. Every one of them ends exactly once, whatever becomes of Ansible:
 * what was asked for and not answered for is ended on the host and confirmed, else it is `unknown`.
 */
export class Batch {
  readonly #parts: BatchParts;
  readonly #folder: JobFolder = makeJobFolder();
  readonly #access: SshAccess;
  readonly #hosts = new Map<string, Progress>();
  readonly #nonce = randomBytes(9).toString("hex");
  readonly #notices: EngineEvent[] = [];
  /** Hosts that Ansible has begun with while too many others were not yet told as ended. */
  readonly #begun: Progress[] = [];
  #open = 0;
  #tooLong = false;
  #process: AnsibleProcess | undefined;
  #work: Work | undefined;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    const { home, job, seenKeys, content } = parts;
    this.#access = new SshAccess({
      home,
      context: job,
      folder: this.#folder,
      seenKeys,
      connectMilliseconds: job.limits.connectMilliseconds,
      content: () => content.path(),
    });
    this.#access.onFirstUse = (position, message) => void this.#notices.push({ kind: "notice", position, message });
  }

  async *run(): AsyncGenerator<EngineEvent, void, undefined> {
    const { cancelled } = this.#parts;
    try {
      yield* this.#enlist();
      if (this.#hosts.size === 0) return;
      const work = await this.#prepare();
      if (typeof work === "string") {
        yield* this.#refuse(() => work);
        return;
      }
      this.#work = work;
      yield* this.#intend();
      if (this.#hosts.size === 0) return;
      await this.#access.open([...this.#hosts.values()].map(({ reachable }) => reachable));
      const ansible = this.#start(work);
      this.#process = ansible;
      const stop = () => void ansible.stop();
      cancelled.addEventListener("abort", stop, { once: true });
      if (cancelled.aborted) stop();
      const timer = work.kind === "playbook" ? this.#limitTime(ansible) : undefined;
      for await (const line of ansible.lines()) {
        const event = parseEvent(line);
        if (event !== undefined && !cancelled.aborted) yield* this.#take(event, work);
      }
      clearTimeout(timer);
      cancelled.removeEventListener("abort", stop);
      await ansible.ended;
      await ansible.stop();
      yield* this.#conclude(ansible);
    } finally {
      await this.#close();
    }
  }

  async #prepare(): Promise<Work | string> {
    const { job, home, cancelled } = this.#parts;
    const { task } = job;
    if (task.kind !== "playbook") return prepareTask(job, task, this.#folder);
    const { settings } = home;
    try {
      return await preparePlaybook({
        job,
        task,
        folder: this.#folder,
        settings,
        engineFolder: home.folder,
        signal: cancelled,
      });
    } catch (error) {
      return cancelled.aborted ? cancelledFirst : textOf(error);
    }
  }

  /** Plays have no end of their own that could be limited on a host: past the time all of it is stopped. */
  #limitTime(ansible: AnsibleProcess): NodeJS.Timeout {
    const milliseconds = Math.min(this.#parts.job.limits.runMilliseconds, 2 ** 31 - 1);
    return setTimeout(() => {
      this.#tooLong = true;
      void ansible.stop();
    }, milliseconds);
  }

  /** Ends hosts for which there is a reason that they do not start. */
  *#refuse(reasonOf: (position: number) => string | undefined): Generator<EngineEvent, void, undefined> {
    for (const [name, { reachable }] of [...this.#hosts]) {
      const { position } = reachable.host;
      const reason = reasonOf(position);
      if (reason === undefined) continue;
      this.#hosts.delete(name);
      yield notStarted(position, reason);
    }
  }

  /** Hosts that cannot be tried at all end here. */
  async *#enlist(): AsyncGenerator<EngineEvent, void, undefined> {
    for (const host of this.#parts.hosts) {
      const twice = this.#hosts.has(host.name) ? `Another host of this run is called “${host.name}”, too.` : undefined;
      const reached = nameProblem(host.name) ?? twice ?? (await this.#access.reach(host));
      if (typeof reached === "string") yield notStarted(host.position, reached);
      else this.#hosts.set(host.name, { reachable: reached, phase: "waiting" });
    }
  }

  /** All hosts of the batch at once: it is Ansible that begins with one after the other. */
  async *#intend(): AsyncGenerator<EngineEvent, void, undefined> {
    const positions = [...this.#hosts.values()].map(({ reachable }) => reachable.host.position);
    let allowed = new Set<number>();
    let reason = "It was taken out of the run before it was started.";
    try {
      allowed = new Set(await this.#parts.job.intend(positions));
      if (this.#parts.cancelled.aborted) {
        allowed.clear();
        reason = cancelledFirst;
      }
    } catch (error) {
      reason = `The controller could not record that it was about to start: ${textOf(error)}`;
    }
    yield* this.#refuse((position) => (allowed.has(position) ? undefined : reason));
  }

  #start(
    work: Work,
    hosts: readonly Progress[] = [...this.#hosts.values()],
    inventory = "inventory.json",
  ): AnsibleProcess {
    const { home, job } = this.#parts;
    const { become } = job;
    const text = inventoryOf(
      hosts.map(({ reachable }) => reachable),
      {
        sshWords: (reachable) => this.#access.words(reachable),
        hostPython: home.settings.hostPython,
        execution: (position) => this.#executionOf(position),
        withBecomePasswords: become !== undefined,
        groups: job.task.kind === "playbook" ? job.task.groups : [],
      },
    );
    const forks = Math.max(1, Math.min(job.width, home.settings.forks, hosts.length));
    const connectSeconds = Math.max(1, Math.ceil(job.limits.connectMilliseconds / 1000));
    return new AnsibleProcess({
      home,
      folder: this.#folder,
      argv: [
        "--inventory",
        this.#folder.write(inventory, text),
        `--forks=${forks}`,
        `--timeout=${connectSeconds}`,
        "--diff",
        ...(job.check ? ["--check"] : []),
        ...(become === undefined ? [] : ["--become", "--become-method=sudo", `--become-user=${become.user}`]),
        ...work.argv,
      ],
      outputBytes: job.limits.outputBytes,
      cwd: work.cwd,
      ...(work.inputs === undefined ? {} : { inputs: work.inputs }),
      variables: {
        ...work.variables,
        ...(work.kind === "playbook" ? { OMSERVER_MARK_PLAYS: this.#executionOf(0) } : {}),
      },
    });
  }

  /** The mark of what runs on a host. Plays are marked as a whole: they end as a whole, too. */
  #executionOf(position: number): string {
    return this.#parts.job.task.kind === "playbook" ? this.#nonce : `${this.#nonce}-${position}`;
  }

  async *#take(event: AnsibleEvent, work: Work): AsyncGenerator<EngineEvent, void, undefined> {
    while (this.#notices.length > 0) {
      const notice = this.#notices.shift();
      if (notice !== undefined) yield notice;
    }
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
    const width = Math.max(1, this.#parts.job.width);
    while (this.#open < width) {
      const progress = this.#begun.shift();
      if (progress === undefined) return;
      this.#open += 1;
      yield { kind: "started", position: progress.reachable.host.position };
    }
  }

  async *#finish(progress: Progress, result: ResultEvent, work: Work): AsyncGenerator<EngineEvent, void, undefined> {
    const { job } = this.#parts;
    const { host } = progress.reachable;
    const { position } = host;
    yield* this.#tellNow(progress);
    const told = this.#told(progress);
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
    yield this.#end(progress, meaning, bytes, partial ? "partial" : cut ? "truncated" : "complete");
    yield* this.#tellStarted();
  }

  /** One step of a host in plays; its end comes with the last of them. */
  async *#tellStep(progress: Progress, result: ResultEvent): AsyncGenerator<EngineEvent, void, undefined> {
    const { position } = progress.reachable.host;
    yield* this.#tellNow(progress);
    progress.log ??= new StepLog(this.#parts.job.limits.outputBytes);
    yield stepEvent(position, result);
    if (result.facts !== undefined) yield { kind: "facts", position, facts: result.facts };
    const data = progress.log.take(result);
    if (data.length > 0) yield { kind: "output", position, stream: "stdout", data };
    if (result.status === "unreachable" || (result.status === "failed" && !result.ignored)) progress.trouble = result;
  }

  async *#finishPlays(hosts: StatsEvent["hosts"]): AsyncGenerator<EngineEvent, void, undefined> {
    for (const [name, progress] of this.#hosts) {
      if (progress.phase === "ended") continue;
      yield* this.#tellNow(progress);
      const ending = playsEnding(hosts[name], progress.trouble, this.#told(progress));
      if (progress.phase === "waiting") this.#open += 1;
      const bytes = progress.log?.bytes ?? 0;
      const cut = bytes > this.#parts.job.limits.outputBytes;
      const output = ending.state === "unknown" ? "partial" : cut ? "truncated" : "complete";
      yield this.#end(progress, ending, { stdout: bytes, stderr: 0 }, output);
    }
  }

  /** A host whose start was held back has its start told before anything else of it. */
  *#tellNow(progress: Progress): Generator<EngineEvent, void, undefined> {
    const at = this.#begun.indexOf(progress);
    if (at === -1) return;
    this.#begun.splice(at, 1);
    this.#open += 1;
    yield { kind: "started", position: progress.reachable.host.position };
  }

  #end(
    progress: Progress,
    ending: Ending,
    bytes: { readonly stdout: number; readonly stderr: number },
    output: EndedEvent["output"],
  ): EndedEvent {
    progress.phase = "ended";
    this.#open -= 1;
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

  #told(progress: Progress): Told {
    const { host } = progress.reachable;
    return {
      host,
      signedIn: this.#access.signedIn(progress.reachable),
      refusedKey: this.#access.refusedKey(progress.reachable),
      runMilliseconds: this.#parts.job.limits.runMilliseconds,
    };
  }

  /** Ansible is gone: hosts that it never began with did not start; what may run of the others is ended. */
  async *#conclude(ansible: AnsibleProcess): AsyncGenerator<EngineEvent, void, undefined> {
    const { cancelled } = this.#parts;
    const talk = oneLine(
      ansible.talk
        .split("\n")
        .filter((line) => /ERROR|Error|error/.test(line))
        .join(" ") || ansible.talk,
    );
    const broke = cancelled.aborted
      ? cancelledFirst
      : `Ansible ended before this host's turn: ${talk || "it did not say why."}`;
    const open: Progress[] = [];
    for (const progress of this.#hosts.values()) {
      if (progress.phase === "ended") continue;
      if (progress.phase === "waiting") {
        progress.phase = "ended";
        yield notStarted(progress.reachable.host.position, broke);
        continue;
      }
      open.push(progress);
    }
    if (open.length === 0) return;
    const doubts = await this.#endOnHosts(open);
    for (const progress of open) {
      yield* this.#tellNow(progress);
      const doubt = doubts.get(progress.reachable.host.name);
      const timedOut = progress.phase === "stopping" || this.#tooLong;
      const why = timedOut
        ? longerThan(this.#parts.job.limits)
        : cancelled.aborted
          ? "The run was cancelled"
          : `Ansible broke (${talk})`;
      const state = timedOut ? "timed_out" : cancelled.aborted ? "cancelled" : "unknown";
      const ending: Ending =
        doubt === undefined
          ? { state, reason: `${why}; all its processes on ${progress.reachable.host.name} were ended.` }
          : {
              state: "unknown",
              reason: `${why}; its end on ${progress.reachable.host.name} could not be confirmed: ${doubt}`,
            };
      yield this.#end(
        progress,
        ending,
        { stdout: 0, stderr: 0 },
        state === "cancelled" && doubt === undefined ? "complete" : "partial",
      );
    }
  }

  /** By host name why its end is not certain; nothing for a host where nothing is left. */
  async #endOnHosts(open: readonly Progress[]): Promise<Map<string, string | undefined>> {
    const doubts = new Map<string, string | undefined>(
      open.map(({ reachable }) => [reachable.host.name, "the host did not answer."] as const),
    );
    const ansible = this.#start(prepareEnd(this.#folder), open, "end-inventory.json");
    for await (const line of ansible.lines()) {
      const event = parseEvent(line);
      if (event?.kind !== "result" || !doubts.has(event.host)) continue;
      const left = event.omserver?.left;
      if (left === undefined) doubts.set(event.host, oneLine(event.message) || "the host did not answer.");
      else doubts.set(event.host, left.length === 0 ? undefined : `processes ${left.join(", ")} are left.`);
    }
    await ansible.stop();
    return doubts;
  }

  /** Also when nobody wants the events any more: then what runs is ended all the same. */
  async #close(): Promise<void> {
    try {
      if (this.#process !== undefined) await this.#process.stop();
      const open = [...this.#hosts.values()].filter(({ phase }) => phase === "started" || phase === "stopping");
      if (open.length > 0) await this.#endOnHosts(open);
    } finally {
      this.#work?.close?.();
      this.#access.close();
      this.#folder.remove();
    }
  }
}

export const cancelledFirst = "The run was cancelled before this host was started.";

export function notStarted(position: number, reason: string): EndedEvent {
  return { kind: "ended", position, state: "not_started", reason, stdoutBytes: 0, stderrBytes: 0, output: "complete" };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

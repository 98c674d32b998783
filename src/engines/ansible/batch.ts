import { randomBytes } from "node:crypto";
import type { EngineEvent, EngineHost, EngineJob } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { createEventChannel } from "../job/event-channel.ts";
import { type AnsibleHome, AnsibleProcess, endProcessesOf } from "./ansible-process.ts";
import { BatchHosts, notStarted, type Progress } from "./batch-hosts.ts";
import type { ContentCache } from "./content.ts";
import { parseEvent } from "./events.ts";
import type { SeenKeys } from "./host-key-checks.ts";
import { type Asked, confirmedEnding, longerThan, oneLine } from "./host-progress.ts";
import { nameProblem } from "./inventory.ts";
import type { JobFolder } from "./job-folder.ts";
import { orderOf } from "./order.ts";
import { preparePlaybook } from "./playbook-work.ts";
import type { Launched } from "./reserve.ts";
import { SshAccess } from "./ssh-access.ts";
import { prepareEnd, prepareTask } from "./task-work.ts";
import { WaitingOutput } from "./waiting-output.ts";
import type { Work } from "./work.ts";

export interface BatchParts {
  readonly home: AnsibleHome;
  readonly job: EngineJob;
  readonly hosts: readonly EngineHost[];
  readonly cancelled: AbortSignal;
  readonly seenKeys: SeenKeys;
  readonly content: ContentCache;
  /** Bytes of output that may lie on the disk before they are told. */
  readonly waitingBytes?: number;
  /** Whose folder is the batch's from now on. */
  readonly launched: Launched;
}

/**
 * One start of Ansible for some hosts of a job. Every one of them ends exactly once, whatever becomes of Ansible:
 * what was asked for and not answered for is ended on the host and confirmed, else it is `unknown`.
 */
export class Batch {
  readonly #parts: BatchParts;
  readonly #folder: JobFolder;
  readonly #access: SshAccess;
  readonly #hosts: BatchHosts;
  readonly #nonce = randomBytes(9).toString("hex");
  readonly #channel = createEventChannel<EngineEvent>();
  readonly #waiting: WaitingOutput;
  readonly #left = new AbortController();
  readonly #cancelled: AbortSignal;
  readonly #notices: EngineEvent[] = [];
  #tooLong = false;
  #ends = 0;
  #process: AnsibleProcess | undefined;
  #work: Work | undefined;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#folder = parts.launched.folder;
    this.#waiting = new WaitingOutput(parts.waitingBytes);
    this.#cancelled = AbortSignal.any([parts.cancelled, this.#left.signal]);
    const { home, job, seenKeys, content } = parts;
    this.#access = new SshAccess({
      home,
      context: job,
      folder: this.#folder,
      seenKeys,
      connectMilliseconds: job.limits.connectMilliseconds,
      content: () => content.path(),
      room: (bytes) => this.#waiting.room(bytes),
    });
    const tell = (event: EngineEvent) => this.#tell(event);
    this.#hosts = new BatchHosts({ job, access: this.#access, tell, waiting: this.#waiting });
    this.#access.onFirstUse = (position, message) => void this.#notices.push({ kind: "notice", position, message });
  }

  async *run(): AsyncGenerator<EngineEvent, void, undefined> {
    const done = this.#run().finally(() => this.#channel.end());
    // It is awaited below; until then nobody would see that it broke.
    done.catch(() => undefined);
    try {
      yield* this.#channel.events();
    } finally {
      this.#left.abort();
      this.#channel.discard();
      this.#hosts.leave();
      await done;
    }
  }

  async #run(): Promise<void> {
    try {
      await this.#enlist();
      if (this.#hosts.all().length === 0) return;
      const work = await this.#prepare();
      if (typeof work === "string") {
        await this.#hosts.refuse(() => work);
        return;
      }
      this.#work = work;
      await this.#intend();
      if (this.#hosts.all().length === 0) return;
      await this.#access.open(this.#hosts.all().map(({ reachable }) => reachable));
      await this.#play(work);
    } finally {
      await this.#hosts.toldAll();
      await this.#close();
    }
  }

  async #play(work: Work): Promise<void> {
    const cancelled = this.#cancelled;
    const ansible = this.#start(work);
    this.#process = ansible;
    const stop = () => void ansible.stop();
    cancelled.addEventListener("abort", stop, { once: true });
    if (cancelled.aborted) stop();
    const timer = work.kind === "playbook" ? this.#limitTime(ansible) : undefined;
    for await (const line of ansible.lines()) {
      const event = parseEvent(line);
      if (event === undefined || cancelled.aborted) continue;
      for (const notice of this.#notices.splice(0)) await this.#tell(notice);
      await this.#hosts.take(event, work);
    }
    clearTimeout(timer);
    cancelled.removeEventListener("abort", stop);
    await ansible.ended;
    await ansible.stop();
    await this.#conclude(ansible);
  }

  async #tell(event: EngineEvent): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (!this.#channel.put(event, resolve)) await promise;
  }

  async #prepare(): Promise<Work | string> {
    const { job, home } = this.#parts;
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
        signal: this.#cancelled,
      });
    } catch (error) {
      return this.#cancelled.aborted ? cancelledFirst : textOf(error);
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

  /** Hosts that cannot be tried at all end here. */
  async #enlist(): Promise<void> {
    for (const host of this.#parts.hosts) {
      const twice = this.#hosts.has(host.name) ? reasonText("ansible_same_name", { host: host.name }) : undefined;
      const reached = nameProblem(host.name) ?? twice ?? (await this.#access.reach(host));
      if (typeof reached === "string") await this.#tell(notStarted(host.position, reached));
      else this.#hosts.add(reached);
    }
  }

  /** All hosts of the batch at once: it is Ansible that begins with one after the other. */
  async #intend(): Promise<void> {
    const positions = this.#hosts.all().map(({ reachable }) => reachable.host.position);
    let allowed = new Set<number>();
    let reason = reasonText("taken_out_before_start");
    try {
      allowed = new Set(await this.#parts.job.intend(positions));
      if (this.#cancelled.aborted) {
        allowed.clear();
        reason = cancelledFirst;
      }
    } catch (error) {
      reason = reasonText("engine_not_recorded", { detail: textOf(error) });
    }
    await this.#hosts.refuse((position) => (allowed.has(position) ? undefined : reason));
  }

  #start(work: Work, hosts: readonly Progress[] = this.#hosts.all(), inventory = "inventory.json"): AnsibleProcess {
    const { home, job } = this.#parts;
    const order = orderOf(job, work, {
      settings: home.settings,
      folder: this.#folder,
      inventory,
      hosts: hosts.map(({ reachable }) => reachable),
      sshWords: (reachable) => this.#access.words(reachable),
      execution: (position) => this.#executionOf(position),
    });
    const ansible = this.#launched(work);
    ansible.begin(order);
    return ansible;
  }

  /** The one that came launched, for the first start, unless that asks for something of its own while it loads. */
  #launched(work: Work): AnsibleProcess {
    const { ansible } = this.#parts.launched;
    if (!ansible.waits) return new AnsibleProcess(this.#parts.home, this.#folder, work);
    if (work.inputs === undefined && work.variables === undefined) return ansible;
    ansible.spare();
    return new AnsibleProcess(this.#parts.home, this.#folder, work);
  }

  /** The mark of what runs on a host. Plays are marked as a whole: they end as a whole, too. */
  #executionOf(position: number): string {
    return this.#parts.job.task.kind === "playbook" ? this.#nonce : `${this.#nonce}-${position}`;
  }

  /** Ansible is gone: hosts that it never began with did not start; what may run of the others is ended. */
  async #conclude(ansible: AnsibleProcess): Promise<void> {
    const { job } = this.#parts;
    const cancelled = this.#cancelled;
    const talk = ansible.lastWords;
    const late = reasonText("why_before_turn", { why: longerThan(job.limits) });
    const broke = this.#tooLong ? late : reasonText("ansible_ended_before", { detail: talk });
    await this.#hosts.refuse(() => (cancelled.aborted ? cancelledFirst : broke));
    const open = this.#hosts.open();
    if (open.length === 0) return;
    const doubts = await this.#endOnHosts(open);
    for (const progress of open) {
      await this.#hosts.tellStart(progress);
      const { name } = progress.reachable.host;
      const timedOut = progress.phase === "stopping" || this.#tooLong;
      const asked: Asked = timedOut
        ? { state: "timed_out", why: longerThan(job.limits) }
        : cancelled.aborted
          ? { state: "cancelled", why: reasonText("engine_why_cancelled") }
          : { state: "unknown", why: reasonText("ansible_broke", { detail: talk }) };
      const { signedIn } = this.#hosts.told(progress);
      const ending = confirmedEnding(asked, name, doubts.get(name), signedIn);
      const whole = ending.state === "cancelled" || ending.state === "not_started";
      const bytes = { stdout: progress.log?.bytes ?? 0, stderr: 0 };
      await this.#tell(this.#hosts.end(progress, ending, bytes, whole ? "complete" : "partial"));
    }
  }

  /** By host name why its end is not certain; nothing for a host where nothing is left. */
  async #endOnHosts(open: readonly Progress[]): Promise<Map<string, string | undefined>> {
    const doubts = new Map<string, string | undefined>(
      open.map(({ reachable }) => [reachable.host.name, reasonText("engine_no_answer")] as const),
    );
    this.#ends += 1;
    const name = `end-${this.#ends}`;
    const ansible = this.#start(prepareEnd(this.#folder, name), open, `${name}-inventory.json`);
    for await (const line of ansible.lines()) {
      const event = parseEvent(line);
      if (event?.kind !== "result" || !doubts.has(event.host)) continue;
      const left = event.omserver?.left;
      if (left === undefined) doubts.set(event.host, oneLine(event.message) || reasonText("engine_no_answer"));
      else
        doubts.set(
          event.host,
          left.length === 0 ? undefined : reasonText("engine_processes_left_end", { pids: left.join(", ") }),
        );
    }
    await ansible.stop();
    return doubts;
  }

  /** Also when nobody wants the events any more: then what runs is ended all the same. */
  async #close(): Promise<void> {
    try {
      await this.#process?.stop();
      await endProcessesOf(this.#folder.path);
      const open = this.#hosts.open();
      if (open.length > 0) await this.#endOnHosts(open);
    } finally {
      this.#waiting.close();
      this.#work?.close?.();
      this.#access.close();
      this.#folder.remove();
    }
  }
}

export const cancelledFirst = reasonText("run_cancelled_before_start");

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

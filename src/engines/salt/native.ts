import type { EngineHost, EngineJob, Task } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type Carrier, type Ending, type HostEnd, noKey, nothing, notStarted, unknown, within } from "./ending.ts";
import type { SaltReturn } from "./jobs.ts";
import { HostTale, type Lane } from "./lane.ts";
import { nativeResult } from "./native-result.ts";
import { asRecord } from "./record.ts";
import { createSendings, type Sendings, type Sent } from "./sendings.ts";

type NativeTask = Extract<Task, { kind: "native" }>;

const firstLookMilliseconds = 1000;
const lookPatience = 15_000;
const graceMilliseconds = 2000;
/** `find_job` may answer so often that nothing runs, while no return comes, before the job counts as lost. */
const emptyLooks = 3;

/** Why Salt's own function cannot be run like this, in one sentence; undefined when it can. */
export function nativeProblem(job: EngineJob, task: NativeTask, secretsInJobs: boolean): string | undefined {
  const { name } = task;
  if (!/^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return reasonText("salt_no_function_name", { name });
  }
  const strange = Object.keys(task.arguments).find((key) => !/^[A-Za-z][A-Za-z0-9_]*$/.test(key));
  if (strange !== undefined) return reasonText("salt_no_argument_name", { name: strange });
  if (job.become !== undefined && job.become.user !== "root") {
    return reasonText("salt_cannot_become", { user: job.become.user });
  }
  if (job.check && !isState(name)) return reasonText("salt_no_dry_run", { function: name });
  if ((task.secretNames?.length ?? 0) > 0 && !secretsInJobs) {
    return reasonText("salt_secret_argument");
  }
  return undefined;
}

function isState(name: string): boolean {
  return ["state.apply", "state.highstate", "state.sls", "state.sls_id", "state.single", "state.top"].includes(name);
}

/** Salt's own functions: execution modules, states and the highstate. Arguments go as data, by their names. */
export function createNativeCarrier(lane: Lane, task: NativeTask): Carrier {
  const kwarg = { ...task.arguments, ...(lane.job.check ? { test: true } : {}) };
  const calls = createSendings(lane.jobs, () => ({ fun: task.name, kwarg }));
  const questions = new Map<string, Sendings>();

  /** `saltutil.FUN` about a job, to many minions at once; undefined without an answer. */
  async function question(fun: string, job: string, minion: string): Promise<Answered | undefined> {
    const key = `${fun} ${job}`;
    const sendings = questions.get(key) ?? createSendings(lane.jobs, () => ({ fun, kwarg: { jid: job } }), { keep: 4 });
    questions.set(key, sendings);
    const sent = await sendings.send(minion);
    const sentAt = performance.now();
    const answer = sent.kind === "sent" ? await within(lookPatience, sent.answer) : undefined;
    if (answer !== undefined) lane.signs.answered(performance.now() - sentAt);
    if (answer !== undefined) return { value: answer.value };
    // Silence is the minion's where the master's bus brought the question itself.
    return sent.kind === "sent" && lane.jobs.heardAt > sentAt ? { silent: true } : undefined;
  }

  return {
    async carry(host) {
      const sent = await calls.send(host.name);
      if (sent.kind === "no_key") return nothing(noKey(host));
      if (sent.kind === "fault") {
        if (!sent.perhapsSent) return nothing(notStarted(sent.message));
        return nothing(unknown(reasonText("salt_perhaps_taken", { detail: sent.message })));
      }
      return await new NativeExecution(lane, host, task, sent, question).end();
    },
    async close() {
      calls.close();
      for (const each of questions.values()) each.close();
    },
  };
}

type Answered = { readonly value: unknown; readonly silent?: never } | { readonly silent: true };
type Question = (fun: string, job: string, minion: string) => Promise<Answered | undefined>;

class NativeExecution {
  readonly #lane: Lane;
  readonly #host: EngineHost;
  readonly #task: NativeTask;
  readonly #sent: Extract<Sent, { kind: "sent" }>;
  readonly #question: Question;
  readonly #tale: HostTale;
  readonly #sentAt = performance.now();
  readonly #lost = Promise.withResolvers<Ending>();
  #over = false;

  constructor(
    lane: Lane,
    host: EngineHost,
    task: NativeTask,
    sent: Extract<Sent, { kind: "sent" }>,
    question: Question,
  ) {
    this.#lane = lane;
    this.#host = host;
    this.#task = task;
    this.#sent = sent;
    this.#question = question;
    this.#tale = new HostTale(lane, host);
  }

  async end(): Promise<HostEnd> {
    const { cancelled, job } = this.#lane;
    const stop = Promise.withResolvers<"timed_out" | "cancelled">();
    const timer = setTimeout(() => stop.resolve("timed_out"), Math.min(job.limits.runMilliseconds, 2 ** 31 - 1));
    const aborted = () => stop.resolve("cancelled");
    if (cancelled.aborted) aborted();
    else cancelled.addEventListener("abort", aborted, { once: true });
    void this.#look();
    try {
      const first = await Promise.race([this.#sent.answer, this.#lost.promise, stop.promise]);
      if (typeof first === "string") return await this.#stop(first);
      return "state" in first ? nothing(first) : await this.#finish(first);
    } finally {
      this.#over = true;
      clearTimeout(timer);
      cancelled.removeEventListener("abort", aborted);
    }
  }

  /** Asks the minion whether it is at it, until it returns. */
  async #look(): Promise<void> {
    const { signs } = this.#lane;
    let pause = Math.max(firstLookMilliseconds, 3 * signs.pace);
    for (let empty = 0; ; pause = Math.min(pause * 1.5 + this.#lane.settings.lookMilliseconds, 15_000)) {
      await within(pause, this.#sent.answer);
      if (this.#over) return;
      const found = await this.#question("saltutil.find_job", this.#sent.job, this.#host.name);
      if (found === undefined || this.#over) continue;
      if (found.silent) {
        // A minion of which there was no sign since the call was sent need not be waited for to the call's time.
        if ((signs.heardAt(this.#host.name) ?? 0) >= this.#sentAt) continue;
        this.#lost.resolve(unknown(reasonText("salt_silent", { host: this.#host.name })));
        return;
      }
      if (isRunning(found.value)) {
        this.#tale.started();
        empty = 0;
        continue;
      }
      empty += 1;
      await this.#lane.jobs.catchUp(this.#sent.job);
      if (empty < emptyLooks || this.#over) continue;
      this.#lost.resolve(unknown(reasonText("salt_job_gone", { host: this.#host.name })));
      return;
    }
  }

  async #stop(asked: "timed_out" | "cancelled"): Promise<HostEnd> {
    const { name } = this.#host;
    const time = `${this.#lane.job.limits.runMilliseconds / 1000} s`;
    const cancelled = asked === "cancelled";
    for (const fun of ["saltutil.term_job", "saltutil.kill_job"]) {
      await this.#question(fun, this.#sent.job, name);
      for (let tries = 0; tries < 4; tries++) {
        const answer = await within(tries * 300, this.#sent.answer);
        if (answer !== undefined) return await this.#finish(answer);
        const found = await this.#question("saltutil.find_job", this.#sent.job, name);
        if (found === undefined || found.silent || isRunning(found.value)) continue;
        const late = await within(graceMilliseconds, this.#sent.answer);
        if (late !== undefined) return await this.#finish(late);
        const reason = cancelled
          ? reasonText("salt_cancel_ended", { host: name })
          : reasonText("salt_timeout_ended", { host: name, time });
        return nothing({ state: asked, reason });
      }
    }
    const unproved = cancelled
      ? reasonText("salt_cancel_unproved", { host: name })
      : reasonText("salt_timeout_unproved", { host: name, time });
    return nothing(unknown(unproved));
  }

  async #finish(answer: SaltReturn): Promise<HostEnd> {
    const { position } = this.#host;
    const result = nativeResult(this.#task.name, answer, position, this.#lane.job.danger);
    if (result.notRun !== undefined) return nothing(notStarted(result.notRun));
    this.#tale.started();
    for (const event of result.events) this.#tale.tell(event);
    await this.#tale.output("stdout", result.stdout);
    await this.#tale.output("stderr", result.stderr);
    return { ending: result.ending, stdout: result.stdout.length, stderr: result.stderr.length };
  }
}

function isRunning(found: unknown): boolean {
  return Object.keys(asRecord(found)).length > 0;
}

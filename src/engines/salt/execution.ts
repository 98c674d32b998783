import type { EngineHost, OutputStream } from "../../contract/engine.ts";
import { reasonText } from "../../contract/reasons.ts";
import { type Ending, exitEnding, notStarted, unknown, within } from "./ending.ts";
import type { SaltReturn } from "./jobs.ts";
import { HostTale, type Lane } from "./lane.ts";
import { type Answer, isCount, minionCall, type Order, readAnswer, readPiece } from "./orders.ts";
import { asRecord } from "./record.ts";
import { createSendings, type Sendings } from "./sendings.ts";

/** Bytes of each stream that come with the end of a task, and how much room they may take there when compressed. */
export const inlineBytes = 1024 * 1024;
export const inlineRoom = 96 * 1024;
/** The rest is fetched in pieces below the master's `max_event_size`, 1 MiB unless it is changed. */
const pieceBytes = 4 * 1024 * 1024;
const pieceRoom = 384 * 1024;
const fetchMilliseconds = 30_000;

/** Of looks whose output waits for its turn. */
const mostWaiting = 4;
/** Looks that may find nothing of an execution before it counts as lost. */
const emptyLooks = 4;
/** For a task that outlives its time on the host itself: the minion's clock has been given up on then. */
const graceMilliseconds = 20_000;
const firstLookMilliseconds = 1500;
const closeMilliseconds = 8000;

/** Why a task is ended before its own end. */
type Stop = "timed_out" | "cancelled";

export interface Totals {
  readonly stdout: number;
  readonly stderr: number;
}

/** What the executions of a job share: how they are looked at and how they are ended. */
export interface Watch {
  /** Executions that are looked at every while. */
  add(execution: Execution): void;
  remove(execution: Execution): void;
  /** Has the minion end the execution; undefined when it does not answer in time. */
  end(execution: Execution): Promise<Answer | undefined>;
}

/** A task on one minion, from the moment it was sent to its end. */
export class Execution {
  readonly host: EngineHost;
  readonly nonce: string;
  readonly sentAt = performance.now();
  /** When the next look at it is due. */
  lookAt: number;
  readonly #lane: Lane;
  readonly #tale: HostTale;
  readonly #answer = Promise.withResolvers<Answer>();
  readonly #silent = Promise.withResolvers<"silent">();
  /** Output is passed on in the order in which it came. */
  #passing: Promise<void> = Promise.resolve();
  /** Pieces that are not passed on yet. */
  #waiting = 0;
  /** It returned, and ran what the order says. */
  #isAnswered = false;
  #emptyLooks = 0;
  #orphaned = 0;
  #totals: Totals = { stdout: 0, stderr: 0 };

  constructor(lane: Lane, host: EngineHost, nonce: string, answer: Promise<SaltReturn>) {
    this.#lane = lane;
    this.lookAt = this.sentAt + Math.max(firstLookMilliseconds, 3 * lane.signs.pace);
    this.host = host;
    this.nonce = nonce;
    this.#tale = new HostTale(lane, host);
    void answer.then((value) => {
      const read = readAnswer(value);
      this.#isAnswered = read.kind === "answer";
      if (read.kind === "answer" && isCount(read.value.milliseconds)) {
        lane.signs.answered(performance.now() - this.sentAt - read.value.milliseconds);
      }
      this.#answer.resolve(read);
    });
  }

  get totals(): Totals {
    return this.#totals;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** What a look found: still running (with new output), its answer, or nothing. */
  looked(found: unknown): void {
    const { answer, running, out, err } = asRecord(found);
    if (answer !== undefined) {
      this.#answer.resolve({ kind: "answer", value: asRecord(answer) });
      return;
    }
    if (running === undefined) {
      this.#emptyLooks += 1;
      if (this.#emptyLooks >= emptyLooks) this.#lose(reasonText("salt_minion_knows_nothing"));
      return;
    }
    this.#emptyLooks = 0;
    this.#tale.started();
    // While this host is held back nothing piles up here: what is left out is fetched at its end.
    if (this.#waiting < mostWaiting) {
      this.#pass("stdout", out);
      this.#pass("stderr", err);
    }
    this.#orphaned = running === true ? 0 : this.#orphaned + 1;
    if (this.#orphaned >= 2) this.#lose(reasonText("salt_keeper_ended"));
  }

  /**
   * A look was not answered in time, while others were heard. A minion of which there was no sign since the task was sent
   * need not be waited for to the task's time: perhaps it was gone already.
   */
  unanswered(): void {
    const heardAt = this.#lane.signs.heardAt(this.host.name) ?? 0;
    if (heardAt < this.sentAt) this.#silent.resolve("silent");
  }

  #lose(reason: string): void {
    this.#answer.resolve({ kind: "lost", reason });
  }

  #pass(stream: OutputStream, value: unknown): void {
    this.#waiting += 1;
    this.#passing = this.#passing.then(async () => {
      const piece = readPiece(value, 2 * pieceBytes);
      this.#waiting -= 1;
      // One that does not begin where the last one ended is caught up with at the end.
      if (piece === undefined || piece.data.length === 0 || piece.at > this.#tale.passed(stream)) return;
      const fresh = piece.data.subarray(this.#tale.passed(stream) - piece.at);
      if (fresh.length > 0) await this.#tale.output(stream, fresh);
    });
  }

  /** Waits for the end, or brings it about when the run is cancelled or the host does not keep the time. */
  async end(watch: Watch): Promise<Ending> {
    const { job, cancelled } = this.#lane;
    watch.add(this);
    const stop = Promise.withResolvers<Stop>();
    const overdue = Math.min(job.limits.runMilliseconds + graceMilliseconds, 2 ** 31 - 1);
    const timer = setTimeout(() => stop.resolve("timed_out"), overdue);
    const aborted = () => stop.resolve("cancelled");
    if (cancelled.aborted) aborted();
    else cancelled.addEventListener("abort", aborted, { once: true });
    try {
      const first = await Promise.race([this.#answer.promise, this.#silent.promise, stop.promise]);
      if (first === "silent") return await this.#finishSilent(watch);
      return typeof first === "string" ? await this.#stop(first, watch) : await this.#finish(first, watch);
    } finally {
      clearTimeout(timer);
      cancelled.removeEventListener("abort", aborted);
      watch.remove(this);
    }
  }

  /** Has the task not begin any more, or end; what is known of it then. */
  async #finishSilent(watch: Watch): Promise<Ending> {
    const host = this.host.name;
    const patience = Math.max(this.#lane.settings.answerMilliseconds, 5 * this.#lane.signs.pace);
    const said = await within(patience, Promise.race([watch.end(this), this.#answer.promise.then(() => undefined)]));
    const found = said?.kind === "answer" ? asRecord(asRecord(said.value.ended)[this.nonce]) : {};
    if (found.never === true) return notStarted(reasonText("salt_never_reached", { host }));
    const answer = await within(said === undefined ? 0 : closeMilliseconds, this.#answer.promise);
    if (answer === undefined) return unknown(reasonText("salt_silent", { host }));
    const ending = await this.#finish(answer, watch, "timed_out");
    return ending.state === "timed_out" ? { ...ending, reason: reasonText("salt_silent_ended", { host }) } : ending;
  }

  async #stop(asked: Stop, watch: Watch): Promise<Ending> {
    const { name } = this.host;
    const time = this.#seconds();
    const cancelled = asked === "cancelled";
    const beforeTask = cancelled
      ? reasonText("salt_cancelled_before_task", { host: name })
      : reasonText("salt_timed_out_before_task", { host: name, time });
    const said = await Promise.race([watch.end(this), this.#answer.promise.then(() => undefined)]);
    const found = said?.kind === "answer" ? asRecord(asRecord(said.value.ended)[this.nonce]) : {};
    if (found.never === true && !this.#tale.isStarted) return notStarted(beforeTask);
    const answer = await within(closeMilliseconds, this.#answer.promise);
    if (answer?.kind === "answer") return await this.#finish(answer, watch, asked);
    if (answer?.kind === "refused") return notStarted(beforeTask);
    await this.#passing;
    if (Array.isArray(found.left) && found.left.length === 0) {
      this.#totals = { stdout: this.#tale.passed("stdout"), stderr: this.#tale.passed("stderr") };
      return { state: asked, reason: endedText(name, cancelled ? undefined : time), lost: true };
    }
    const detail = Array.isArray(found.left)
      ? reasonText("engine_processes_left_end", { pids: found.left.slice(0, 20).join(" ") })
      : undefined;
    return unknown(unconfirmedText(name, cancelled ? undefined : time, detail));
  }

  /** True when the minion says that the task never began, and sees to it that it does not begin any more. */
  async #forbid(watch: Watch): Promise<boolean> {
    const said = await watch.end(this);
    return said?.kind === "answer" && asRecord(asRecord(said.value.ended)[this.nonce]).never === true;
  }

  async #finish(answer: Answer, watch: Watch, asked?: Stop): Promise<Ending> {
    await this.#passing;
    const { name } = this.host;
    if (answer.kind === "refused") return notStarted(refusalText(answer.reason, name));
    if (answer.kind === "lost") {
      if (!this.#tale.isStarted && (await this.#forbid(watch))) {
        return notStarted(reasonText("salt_never_reached", { host: name }));
      }
      this.#totals = { stdout: this.#tale.passed("stdout"), stderr: this.#tale.passed("stderr") };
      return unknown(reasonText("salt_lost", { host: name, detail: answer.reason }));
    }
    const { value } = answer;
    const { stdout, stderr, exit, signal, left, timedOut, lost } = value;
    if (!isCount(stdout) || !isCount(stderr) || !(isCount(exit) || typeof signal === "string"))
      return unknown(reasonText("salt_strange_answer", { host: name }));
    this.#totals = { stdout, stderr };
    this.#tale.started();
    const whole = (await this.#rest("stdout", stdout, value.out)) && (await this.#rest("stderr", stderr, value.err));
    const incomplete = lost === true || !whole;
    if (left === undefined) {
      const ended = isCount(exit) ? exitEnding({ code: exit }) : exitEnding({ signal: String(signal).slice(0, 20) });
      return { ...ended, lost: incomplete };
    }
    const state = timedOut === true ? "timed_out" : (asked ?? "cancelled");
    const time = state === "timed_out" ? this.#seconds() : undefined;
    if (Array.isArray(left) && left.length === 0) {
      return { state, reason: endedText(name, time), lost: incomplete };
    }
    return unknown(
      unconfirmedText(name, time, reasonText("engine_processes_left_end", { pids: String(left).slice(0, 200) })),
    );
  }

  /** Passes on what of a stream is not passed on yet. False when some of it could not be had. */
  async #rest(stream: OutputStream, total: number, inline: unknown): Promise<boolean> {
    const { outputBytes } = this.#lane.job.limits;
    this.#pass(stream, inline);
    await this.#passing;
    const due = Math.min(total, outputBytes);
    while (this.#tale.passed(stream) < due) {
      await this.#tale.room();
      const before = this.#tale.passed(stream);
      const order: Order = {
        do: "fetch",
        id: this.nonce,
        stream: stream === "stdout" ? "out" : "err",
        at: before,
        most: Math.min(pieceBytes, due - before),
        room: pieceRoom,
      };
      const answer = (await ask(this.#lane, this.host.name, order)) ?? (await ask(this.#lane, this.host.name, order));
      if (answer?.kind !== "answer") return false;
      this.#pass(stream, answer.value);
      await this.#passing;
      if (this.#tale.passed(stream) === before) return false;
    }
    return true;
  }

  #seconds(): string {
    return `${this.#lane.job.limits.runMilliseconds / 1000} s`;
  }
}

/** `time` is set when it ran too long. */
function endedText(host: string, time: string | undefined): string {
  return time === undefined
    ? reasonText("cancelled_and_ended", { host })
    : reasonText("timed_out_and_ended", { host, time });
}

function unconfirmedText(host: string, time: string | undefined, detail: string | undefined): string {
  if (detail === undefined) {
    return time === undefined
      ? reasonText("cancel_unproved", { host })
      : reasonText("timeout_unproved", { host, time });
  }
  return time === undefined
    ? reasonText("cancel_unconfirmed", { host, detail })
    : reasonText("timeout_unconfirmed", { host, time, detail });
}

function refusalText(reason: string, name: string): string {
  if (reason === "stopped") return reasonText("salt_never_reached", { host: name });
  if (reason === "twice") return reasonText("salt_twice", { host: name });
  return reason;
}

/** Has one minion do one thing; undefined when it does not answer in time. */
export async function ask(lane: Lane, minion: string, order: Order): Promise<Answer | undefined> {
  const sendings: Sendings = createSendings(lane.jobs, () => minionCall(order));
  try {
    const sent = await sendings.send(minion);
    if (sent.kind !== "sent") return undefined;
    const value = await within(fetchMilliseconds, sent.answer);
    return value === undefined ? undefined : readAnswer(value);
  } finally {
    sendings.close();
  }
}

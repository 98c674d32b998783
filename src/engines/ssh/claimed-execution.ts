import { randomBytes } from "node:crypto";
import { reasonText } from "../../contract/reasons.ts";
import { taskProgram } from "../../modules/posix.ts";
import { type ClaimOptions, claimName, followProgram } from "../../modules/posix-claim.ts";
import { type ClaimVerdict, ProgramDialog } from "../../modules/posix-dialog.ts";
import { FollowDialog, type FollowVerdict } from "../../modules/posix-follow.ts";
import { removeClaim } from "./claim-removal.ts";
import { endConfirmed, type KillableDialog } from "./confirmed-end.ts";
import type { Lease } from "./connections.ts";
import { cancelledBeforeStart, type Ending, exitEnding, notStarted, unknown, within } from "./ending.ts";
import type { ExecutionParts } from "./execution-parts.ts";
import type { HostOutput } from "./host-output.ts";
import { takeShell } from "./host-shell.ts";
import { endedBefore, endedUnbegun, quietAfterExit, sudoOf, sudoReason } from "./program-end.ts";
import { approachOf, reach } from "./reach.ts";
import { Reconnection } from "./reconnection.ts";
import { type ProgramHandlers, RemoteProgram } from "./remote-program.ts";
import type { Stop } from "./stop.ts";
import { runUnclaimed } from "./unclaimed-execution.ts";

/** What a look at the host came to, when it is not the end. */
type Next = ClaimVerdict | FollowVerdict | "stale connection" | "cut";

const firstWordMilliseconds = 10_000;

/** An execution under a claim on its host (posix-claim.ts): it begins at most once and is found again after any cut. */
export function runClaimed(parts: ExecutionParts, output: HostOutput, stop: Stop): Promise<Ending> {
  return new ClaimedExecution(parts, output, stop).run();
}

class ClaimedExecution {
  readonly #parts: ExecutionParts;
  readonly #output: HostOutput;
  readonly #stop: Stop;
  readonly #reconnection: Reconnection;
  readonly #name: string;
  #asked: Promise<string | undefined> | undefined;
  /** When a start may have left for the host, at the earliest. Undefined: it surely has not. */
  #begunAt: number | undefined;
  #startedTold = false;

  constructor(parts: ExecutionParts, output: HostOutput, stop: Stop) {
    this.#parts = parts;
    this.#output = output;
    this.#stop = stop;
    this.#name = claimName(parts.runUid, parts.host.position);
    this.#reconnection = new Reconnection(parts, stop);
    const { begun } = parts.host;
    if (begun !== undefined) this.#begunAt = performance.now() - begun.milliseconds;
  }

  async run(): Promise<Ending> {
    let step: "start" | "follow" | "bury" = this.#begunAt === undefined ? "start" : "follow";
    let refusal: string | undefined;
    let fresh = false;
    for (;;) {
      const approach = approachOf(this.#parts);
      const lease =
        this.#begunAt === undefined
          ? await reach(this.#parts, fresh ? { ...approach, fresh } : approach)
          : await this.#reconnection.connect();
      if ("state" in lease) return lease;
      if (step === "start") {
        refusal = await this.#refusal();
        if (refusal !== undefined && this.#begunAt === undefined) {
          lease.release(true);
          return notStarted(refusal);
        }
        if (refusal !== undefined) step = "bury";
      }
      const begunBefore = this.#begunAt;
      const bury = step === "bury" || (step === "follow" && this.#stop.asked !== undefined);
      const result = step === "start" ? await this.#start(lease) : await this.#follow(lease, bury);
      if (typeof result !== "string") return result;
      switch (result) {
        case "stale connection":
          fresh = true;
          break;
        case "cut":
        case "taken":
          step = "follow";
          break;
        case "none":
          // No tombstone could be made, so no claim can be either.
          if (bury) return notStarted(refusal ?? this.#neverReason());
          step = "start";
          break;
        case "bare":
          this.#begunAt = begunBefore;
          return await this.#withoutClaim();
        case "never":
          return notStarted(refusal ?? this.#neverReason());
        case "restarted":
          return unknown(reasonText("ssh_restarted", { host: this.#parts.host.name }));
      }
    }
  }

  #neverReason(): string {
    if (this.#stop.asked?.reason === "cancelled") return cancelledBeforeStart.reason;
    return reasonText("ssh_not_begun", { host: this.#parts.host.name });
  }

  /** Why it may not start; undefined when it may. */
  async #refusal(): Promise<string | undefined> {
    const { cancellation } = this.#parts;
    if (cancellation.cancelled) return cancelledBeforeStart.reason;
    this.#asked ??= this.#parts.permission();
    const refusal = await this.#asked;
    return cancellation.cancelled ? (refusal ?? cancelledBeforeStart.reason) : refusal;
  }

  async #start(lease: Lease): Promise<Ending | Next> {
    const { task, limits } = this.#parts;
    const nonce = randomBytes(12).toString("hex");
    const sudo = sudoOf(this.#parts);
    const shell = this.#begunAt === undefined ? takeShell(lease.client) : undefined;
    const claim: ClaimOptions = {
      nonce,
      name: this.#name,
      outputBytes: limits.outputBytes,
      again: shell !== undefined,
      ...this.#since(),
    };
    const options = { nonce, become: sudo !== undefined, claimed: true };
    const text = sudo === undefined ? this.#parts.programs.claimed(claim) : taskProgram(task, options);
    const sentAt = performance.now();
    const program: RemoteProgram<ProgramDialog> = new RemoteProgram(
      { client: lease.client, claim: text.goesOn === true ? "kept" : "once", shell },
      this.#handlers(() => program),
      (handlers) => new ProgramDialog(text, nonce, sudo, handlers, claim),
    );
    this.#stop.arm(limits.runMilliseconds);
    const watched = await this.#watch(lease, program);
    if (program.dialog.sent) this.#begunAt ??= sentAt;
    if (watched !== undefined) return watched;
    const { dialog, channelExit } = program;
    if (dialog.complete) {
      lease.release(true);
      if (dialog.verdict !== undefined) return dialog.verdict;
      return this.#ended(program);
    }
    lease.release(program.refusal !== undefined);
    if (dialog.begun) return "cut";
    const ending = endedBefore(this.#parts, lease, program);
    // A shell that ran others before may have died of that.
    if (ending !== "cut" || channelExit?.code === undefined || shell !== undefined) return ending;
    return endedUnbegun(this.#parts, dialog.talk);
  }

  /** Looks for what was begun; with `bury` it leaves a tombstone where nothing is. */
  async #follow(lease: Lease, bury: boolean): Promise<Ending | Next> {
    const { host, task, limits } = this.#parts;
    const nonce = randomBytes(12).toString("hex");
    const sudo = sudoOf(this.#parts);
    const marksStderr = sudo !== undefined || task.kind === "file";
    const stderr = this.#output.total("stderr");
    const text = followProgram({
      nonce,
      name: this.#name,
      stdoutFrom: this.#output.total("stdout"),
      stderrFrom: marksStderr ? 0 : stderr,
      ...(bury ? { buryAfter: this.#since().againAfter ?? 0 } : {}),
    });
    const found = (seconds: number) => this.#stop.arm(Math.max(0, limits.runMilliseconds - seconds * 1000));
    const program: RemoteProgram<FollowDialog> = new RemoteProgram(
      { client: lease.client, claim: "once" },
      this.#handlers(() => program),
      (handlers) =>
        new FollowDialog(
          { program: text, nonce, marksStderr, stderrSkip: marksStderr ? stderr : 0 },
          { ...handlers, found },
        ),
    );
    const watched = await this.#watch(lease, program);
    if (watched !== undefined) return watched;
    const { dialog } = program;
    lease.release(dialog.complete || program.refusal !== undefined);
    if (!dialog.complete) return program.refusal !== undefined && lease.reused ? "stale connection" : "cut";
    if (dialog.verdict !== undefined) return dialog.verdict;
    if (!dialog.lost) return this.#ended(program);
    this.#keep(program);
    return unknown(reasonText("ssh_watch_gone", { host: host.name }));
  }

  /** Until the program has ended or is to be ended; undefined when that happened by itself. */
  async #watch(lease: Lease, program: RemoteProgram<KillableDialog>): Promise<Ending | undefined> {
    const quiet = quietAfterExit(program);
    try {
      const ended = program.end.then(() => "ended" as const);
      const first = await Promise.race([ended, quiet.promise, this.#stop.promise]);
      this.#reconnection.heard(program.moved > 0);
      if (first === "ended") return undefined;
      if (first === "quiet") {
        program.abandon();
        lease.release(true);
        this.#sweep();
        return { ...exitEnding(program.exit ?? {}), lost: true };
      }
      // A host that is looked at again says first what there is.
      const { dialog } = program;
      if (dialog.sent && dialog.process === undefined)
        await within(firstWordMilliseconds, program.end, () => dialog.process !== undefined);
      if (program.dialog.complete) return undefined;
      const ending = await endConfirmed(this.#parts, lease, program, sudoOf(this.#parts), first);
      if (program.dialog.complete) this.#keep(program);
      else if (program.dialog.sent || sudoOf(this.#parts) !== undefined) this.#sweep();
      return ending;
    } finally {
      quiet.stop();
    }
  }

  /** The command's own end; the host keeps it until that is settled. */
  #ended(program: RemoteProgram<KillableDialog>): Ending {
    this.#keep(program);
    const { dialog } = program;
    if (dialog.begun && dialog.exit !== undefined) return exitEnding(dialog.exit);
    // What was to tell the end is gone, by the command's own hand perhaps: that it began is all that is known.
    if (dialog.begun) return unknown(reasonText("ssh_watch_gone", { host: this.#parts.host.name }));
    if (dialog.wrongPassword) {
      return notStarted(reasonText("sudo_password_refused", { host: this.#parts.host.name }));
    }
    if (sudoOf(this.#parts) !== undefined) return notStarted(sudoReason(this.#parts, dialog.talk));
    return endedUnbegun(this.#parts, dialog.talk);
  }

  /** No claim can be made there: that it runs without one is durable before it runs. */
  async #withoutClaim(): Promise<Ending> {
    try {
      await this.#parts.forgoClaim();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return notStarted(reasonText("engine_not_recorded", { detail: text }));
    }
    for (let fresh = false; ; fresh = true) {
      const lease = await reach(this.#parts, { ...approachOf(this.#parts), fresh });
      if ("state" in lease) return lease;
      const ending = await runUnclaimed(this.#parts, lease, this.#output, this.#stop);
      if (ending !== "stale connection") return ending;
    }
  }

  #handlers(program: () => RemoteProgram<KillableDialog>): ProgramHandlers {
    const { host, outbox } = this.#parts;
    return {
      started: () => {
        if (this.#startedTold) return;
        this.#startedTold = true;
        outbox.event({ kind: "started", position: host.position });
      },
      content: (channel) => this.#parts.sendContent(channel, "and leave open"),
      output: (stream, data) => {
        const more = this.#output.take(stream, data);
        if (!more) this.#output.whenRoom(() => program().resume());
        return more;
      },
    };
  }

  #since(): { againAfter?: number } {
    return this.#begunAt === undefined ? {} : { againAfter: (performance.now() - this.#begunAt) / 1000 };
  }

  #keep(program: RemoteProgram<KillableDialog>): void {
    const settle = async () => {
      if (!(await program.settle())) await removeClaim(this.#parts, this.#name);
    };
    this.#parts.keep({ settle, drop: () => program.abandon() });
  }

  #sweep(): void {
    this.#parts.keep({ settle: () => removeClaim(this.#parts, this.#name), drop: () => undefined });
  }
}

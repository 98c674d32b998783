import type { Logger } from "pino";
import type { Engine, EngineContext, EngineEvent, EngineJob, JobLimits, Task } from "../../contract/engine.ts";
import type { Plan } from "../../contract/link/controller_pb.ts";
import type { ModuleManifest, ParameterValues } from "../../contract/module.ts";
import { reasonText } from "../../contract/reasons.ts";
import { renderTask } from "../../modules/render.ts";
import type { JournaledRun, Marks } from "../spool/journal.ts";
import type { OutputShare } from "../spool/output-share.ts";
import type { Recorder } from "../spool/recorder.ts";
import { engineHost } from "./engine-host.ts";
import { createRunHosts } from "./run-hosts.ts";
import { type Group, stagesOf } from "./waves.ts";

export interface ExecutionOptions {
  /** Name of this controller. */
  readonly controller: string;
  readonly run: JournaledRun;
  readonly plan: Plan;
  /** Waves above 0 wait for a release, and failures elsewhere count. */
  readonly coordinated: boolean;
  readonly manifest: ModuleManifest;
  readonly parameters: ParameterValues;
  /** Values that must not show in output or sentences. */
  readonly secrets: readonly string[];
  /** What an earlier life of the controller did of it. */
  readonly marks: Marks;
  /** At least so long ago was the first of them begun. */
  readonly milliseconds?: number;
  /** Why hosts that never began may not begin any more, when the run is taken up again too late. */
  readonly tooLate?: string | undefined;
  /** Asked before hosts start: it calls `overslept` first when this process has stood still. */
  readonly lookAround: () => void;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly context: EngineContext;
  /** Credential of hosts that name none. */
  readonly defaultCredential: string | undefined;
  readonly recorder: Recorder;
  readonly outputShare: OutputShare;
  readonly log: Logger;
  /** An engine that says nothing for so long after its own limits is not believed to answer any more. Milliseconds. */
  readonly patience: number;
}

/** A run on this controller, from its order to the end of its last host. */
export interface RunExecution {
  cancel(actor: string): void;
  /** `run.released` has become more: a wave may start, or too many have failed elsewhere. */
  released(): void;
  /** The order expired while this process stood still: hosts that have not begun may not begin any more. */
  overslept(reason: string): void;
  /** Hosts that run just now. */
  inFlight(): number;
  /** Starts no more hosts, lets those that run end for at most so long, then leaves the rest to the next start. */
  leave(milliseconds: number): Promise<void>;
  /** Resolves (never rejects) when every host has ended and that is on disk, or when the run was left. */
  readonly done: Promise<void>;
}

/**
 * Takes an order through its waves. What `options.marks` says was begun is taken up by the engine that can find it again
 * (it then starts at most once, see `EngineRecovery`), else it ends as `unknown`.
 */
export function startExecution(options: ExecutionOptions): RunExecution {
  const { run, plan, recorder, log } = options;
  const abort = new AbortController();
  const done = Promise.withResolvers<void>();
  const idle = Promise.withResolvers<void>();
  const limits = limitsOf(plan);
  let cancelledBy = run.cancelledBy;
  let brokenReason: string | undefined;
  let { tooLate } = options;
  let leaving = false;
  let left = false;
  let moved = Promise.withResolvers<void>();
  const hosts = createRunHosts({
    run,
    positions: plan.hosts.map((host) => host.position),
    marks: options.marks,
    outputLimitBytes: limits.outputBytes,
    secrets: options.secrets,
    recorder,
    outputShare: options.outputShare,
    onIdle: () => {
      if (leaving) idle.resolve();
    },
  });

  /** Why no further host may start; undefined while they may. */
  function stopReason(): string | undefined {
    if (cancelledBy !== undefined) return reasonText("cancelled_before_start", { actor: cancelledBy });
    if (brokenReason !== undefined) return reasonText("not_started_because", { why: brokenReason });
    if (tooLate !== undefined) return tooLate;
    if (plan.maxFailures > 0 && hosts.failures() + run.released.failuresElsewhere > plan.maxFailures) {
      return reasonText("too_many_failures", { count: plan.maxFailures });
    }
    return undefined;
  }

  async function intend(positions: readonly number[]): Promise<readonly number[]> {
    if (leaving) await done.promise;
    options.lookAround();
    if (left || stopReason() !== undefined) return [];
    const taken = await hosts.intend(positions);
    options.lookAround();
    // Cancelled or too late while it became durable: nothing has left for these hosts yet, and nothing will.
    return cancelledBy === undefined && tooLate === undefined && !left ? taken : [];
  }

  /** Whether hosts that were begun, and never ran, may run now; that they were to is on disk already. */
  async function intendAgain(positions: readonly number[]): Promise<readonly number[]> {
    if (leaving) await done.promise;
    options.lookAround();
    return left || stopReason() !== undefined ? [] : positions;
  }

  async function runGroup(group: Group, reason: string | undefined): Promise<void> {
    const begun = hosts.begun(group.hosts.map((host) => host.position));
    const width = Math.max(1, group.width - begun.length);
    await Promise.all([recoverHosts(group, begun), startHosts({ ...group, width }, reason)]);
  }

  async function startHosts(group: Group, reason: string | undefined): Promise<void> {
    const waiting = group.hosts.filter((host) => hosts.isWaiting(host.position));
    if (waiting.length === 0) return;
    const prepared = reason ?? prepare(group.engine);
    if (typeof prepared === "string") {
      for (const host of waiting) hosts.end(host.position, "not_started", prepared);
      return;
    }
    const job = jobOf({ ...group, hosts: waiting }, prepared.task, intend);
    const broken = await drive(prepared.engine, job, (signal) => prepared.engine.run(job, signal));
    brokenReason ??= broken;
    const without = broken ?? reasonText("engine_gave_no_result", { engine: group.engine });
    for (const host of waiting) hosts.end(host.position, "unknown", without);
  }

  async function recoverHosts(group: Group, begun: ReturnType<typeof hosts.begun>): Promise<void> {
    if (begun.length === 0) return;
    const prepared = prepare(group.engine);
    const recovery = typeof prepared === "string" ? undefined : prepared.engine.recovery;
    const asked = begun.filter(({ position }) => recovery !== undefined && !options.marks.unclaimed.has(position));
    const positions = new Set(asked.map((host) => host.position));
    for (const { position } of begun) {
      if (!positions.has(position)) hosts.end(position, "unknown", reasonText("controller_stopped"));
    }
    if (typeof prepared === "string" || recovery === undefined || asked.length === 0) return;
    const { milliseconds = 0 } = options;
    const members = group.hosts.filter((host) => positions.has(host.position));
    const job = jobOf({ ...group, hosts: members }, prepared.task, intendAgain);
    const broken = await drive(prepared.engine, job, (signal) =>
      recovery.recover(
        job,
        asked.map((host) => ({ ...host, milliseconds })),
        signal,
      ),
    );
    for (const position of positions) hosts.end(position, "unknown", broken ?? reasonText("controller_stopped"));
  }

  function jobOf(group: Group, task: Task, mayStart: EngineJob["intend"]): EngineJob {
    return {
      ...options.context,
      runUid: run.uid,
      hosts: group.hosts.map((host) => engineHost(host, options.defaultCredential)),
      task,
      danger: options.manifest.danger,
      check: plan.check,
      ...(plan.becomeUser === "" ? {} : { become: { user: plan.becomeUser } }),
      width: group.width,
      limits,
      intend: mayStart,
      forgoClaim: (positions) => recorder.forgoClaim(run, positions),
      outputRoom: (position) => options.outputShare.room(run, position),
    };
  }

  /** Resolves when the engine is through, or no longer believed to be working; with a sentence when it broke. */
  async function drive(
    engine: Engine,
    job: EngineJob,
    events: (signal: AbortSignal) => AsyncIterable<EngineEvent>,
  ): Promise<string | undefined> {
    const { id } = engine.manifest;
    // An engine that finds its hosts again looks for them when a connection is lost.
    const looking = engine.recovery === undefined ? 0 : reconnectPatience;
    const patience = options.patience + looking;
    const silence = limits.connectMilliseconds * (1 + longestJumps(job)) + limits.runMilliseconds + patience;
    const stop = new AbortController();
    const silent = Promise.withResolvers<string>();
    let heardAt = performance.now();
    const watch = setInterval(() => {
      const limit = abort.signal.aborted ? patience : silence;
      if (performance.now() - heardAt < limit) return;
      log.error({ engine: id, run: run.uid }, "an engine no longer answers");
      silent.resolve(reasonText("engine_silent", { engine: id }));
      stop.abort();
    }, options.patience / 12);

    async function pull(): Promise<undefined> {
      for await (const event of events(AbortSignal.any([abort.signal, stop.signal]))) {
        hosts.take(event, stopReason());
        // Nothing more may start and nothing runs: the engine need not reach the other hosts to leave them alone.
        if (hosts.inFlight() === 0 && stopReason() !== undefined) stop.abort();
        const room = recorder.room();
        if (room !== undefined) await room;
        heardAt = performance.now();
        if (!left) continue;
        // Who leaves the loop tells the engine to end what runs. What is found again stays, until the engine is closed.
        if (engine.recovery !== undefined) await new Promise(() => undefined);
        return;
      }
    }

    abort.signal.addEventListener("abort", () => {
      heardAt = performance.now();
    });
    try {
      return await Promise.race([pull(), silent.promise, done.promise.then(() => undefined)]);
    } catch (error) {
      log.error({ error, engine: id, run: run.uid }, "an engine broke");
      return reasonText("engine_broke", {
        engine: id,
        detail: error instanceof Error ? error.message : String(error),
      });
    } finally {
      clearInterval(watch);
    }
  }

  function prepare(id: string): { engine: Engine; task: Task } | string {
    const engine = options.engines.get(id);
    if (engine === undefined) return reasonText("engine_missing", { controller: options.controller, engine: id });
    try {
      const tasks = engine.manifest.capabilities.tasks;
      const files = new Map(plan.files.map((file) => [file.sha256, { bytes: Number(file.bytes) }]));
      const task = renderTask(options.manifest, options.parameters, { id: engine.manifest.id, tasks }, (sha256) =>
        files.get(sha256),
      );
      if (task !== undefined) return { engine, task };
      return reasonText("module_not_for_engine", { module: options.manifest.key, engine: id });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  function wake(): void {
    moved.resolve();
    moved = Promise.withResolvers<void>();
  }

  /** Resolves when hosts of the wave may start, or when it is known that they will not. */
  async function untilReleased(wave: number): Promise<void> {
    while (options.coordinated && wave > run.released.wave && stopReason() === undefined && !left) {
      await Promise.race([moved.promise, done.promise]);
    }
  }

  async function runStages(): Promise<void> {
    for (const stage of stagesOf(plan.hosts, plan.width)) {
      await untilReleased(stage.wave);
      if (leaving) await done.promise;
      if (left) return;
      const reason = stopReason();
      await Promise.all(stage.groups.map((group) => runGroup(group, reason)));
    }
    if (!left) await recorder.runEnded(run);
  }

  if (cancelledBy !== undefined) abort.abort();
  runStages()
    .catch((error: unknown) => log.error({ error, run: run.uid }, "a run could not be carried to its end"))
    .finally(done.resolve);

  return {
    cancel(actor) {
      cancelledBy ??= actor;
      abort.abort();
      wake();
    },
    released: wake,
    overslept(reason) {
      tooLate ??= reason;
      wake();
    },
    inFlight: hosts.inFlight,
    async leave(milliseconds) {
      leaving = true;
      if (hosts.inFlight() === 0) idle.resolve();
      const timer = setTimeout(idle.resolve, milliseconds);
      await Promise.race([idle.promise, done.promise]);
      clearTimeout(timer);
      left = true;
      hosts.close();
      done.resolve();
    },
    done: done.promise,
  };
}

/** What an engine that finds its hosts again may need for that. Milliseconds. */
const reconnectPatience = 120_000;

export function limitsOf(plan: Plan): JobLimits {
  return {
    connectMilliseconds: Number(plan.connectTimeoutMs),
    runMilliseconds: Number(plan.runTimeoutMs),
    outputBytes: Number(plan.outputLimitBytes),
  };
}

function longestJumps(job: EngineJob): number {
  return job.hosts.reduce((most, host) => Math.max(most, host.jumps.length), 0);
}

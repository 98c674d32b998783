import { fromBinary } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import type { Engine, EngineContext, EngineErrand } from "../contract/engine.ts";
import { OrderSchema } from "../contract/link/controller_pb.ts";
import { reasonText } from "../contract/reasons.ts";
import type { CredentialStore } from "./credentials/credential-store.ts";
import { engineHost } from "./execute/engine-host.ts";
import { limitsOf, type RunExecution, startExecution } from "./execute/run-execution.ts";
import { watchSleep } from "./execute/sleep-watch.ts";
import type { FileCache } from "./files/file-cache.ts";
import type { HostKeyStore } from "./host-keys/host-keys.ts";
import { type Work, workOf } from "./orders/order-intake.ts";
import { expiry } from "./orders/verify-order.ts";
import type { Journal, JournaledRun, Marks } from "./spool/journal.ts";
import type { OutputShare } from "./spool/output-share.ts";
import type { Recorder } from "./spool/recorder.ts";

export interface RunRegisterParts {
  /** Of this controller. */
  readonly name: string;
  readonly journal: Journal;
  readonly recorder: Recorder;
  readonly outputShare: OutputShare;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly credentials: CredentialStore;
  readonly defaultCredential: () => string | undefined;
  readonly hostKeys: HostKeyStore;
  readonly files: FileCache;
  readonly log: Logger;
  readonly clock: () => number;
  /** Of the machine, in milliseconds; its own where left out. */
  readonly uptime: (() => number) | undefined;
  /** See `ControllerLimits.engineMilliseconds`. */
  readonly patience: number;
}

/** The runs that this controller carries out just now. */
export interface RunRegister {
  begin(run: JournaledRun, work: Work): void;
  /**
   * Takes up runs of an earlier life: hosts that had begun are found again by engines that can, else they end as
   * `unknown`; the others go on, unless the order has expired meanwhile. Hosts that ended, and may not have heard that this
   * is durable, hear it, also of runs that have ended. It may itself be killed at any point and is then done again.
   */
  recover(run: JournaledRun): void;
  /** The ends of these hosts are on disk: what the hosts keep of them may go. */
  settled(run: JournaledRun, positions: readonly number[]): void;
  cancel(runUid: string, actor: string): void;
  /** What its `released` says has become more. */
  released(run: JournaledRun): void;
  /** Runs under way and hosts that run just now. */
  load(): { readonly runs: number; readonly hosts: number };
  /** Starts no more hosts; lets those that run end for at most so many milliseconds, then leaves the rest. */
  leave(milliseconds: number): Promise<void>;
}

const noMarks: Marks = {
  intended: new Set(),
  ended: new Set(),
  failures: 0,
  unclaimed: new Set(),
  unsettled: new Set(),
  output: new Map(),
};
/** Between the clock that dated an order and the one here. */
const clockTolerance = 5 * 60_000;
/** Hosts at a time that are only told that they may forget. */
const errandWidth = 20;
const tooLate = reasonText("order_expired_meanwhile");

export function createRunRegister(parts: RunRegisterParts): RunRegister {
  const { journal, recorder, log, clock } = parts;
  const executions = new Map<string, { readonly run: JournaledRun; readonly execution: RunExecution }>();
  const leaving = new AbortController();
  const sleep = watchSleep(onWake, parts.uptime);

  /** As after a restart: what has not begun by an order that expired meanwhile does not begin by surprise. */
  function onWake(milliseconds: number): void {
    log.warn({ milliseconds }, "this controller stood still; runs whose orders expired meanwhile begin no more hosts");
    for (const { run, execution } of executions.values()) {
      const read = readAgain(run);
      if (typeof read === "string" || read.late !== undefined) execution.overslept(tooLate);
    }
  }

  /** What engines may ask for a run. A key trusted on first use is on disk, on its way to the audit, before it counts. */
  function contextOf(run: JournaledRun, { plan }: Work, keys: "new too" | "known only" = "new too"): EngineContext {
    function record(address: string, port: number, message: string): Promise<void> {
      const shown = plan.hosts.find((host) =>
        [host, ...host.jumps].some((hop) => hop.address === address && hop.port === port),
      );
      const value = { position: shown?.position ?? 0, code: "host_key_trusted", message };
      recorder.add(run, { atMs: BigInt(clock()), kind: { case: "notice", value } });
      return recorder.flushed();
    }
    return {
      credential: async (name) => parts.credentials.get(name),
      hostKeys: {
        async check(address, port, key) {
          if (keys === "new too") {
            return await parts.hostKeys.check(address, port, key, (line) => record(address, port, line));
          }
          const verdict = await parts.hostKeys.check(address, port, key);
          return verdict === "trusted_first_use" ? "unknown" : verdict;
        },
      },
      file: (sha256) => parts.files.open(sha256),
    };
  }

  function carryOut(run: JournaledRun, work: Work, marks: Marks, late?: string, milliseconds = 0): void {
    const execution = startExecution({
      ...work,
      controller: parts.name,
      run,
      marks,
      tooLate: late,
      milliseconds,
      engines: parts.engines,
      context: contextOf(run, work),
      defaultCredential: parts.defaultCredential(),
      recorder,
      outputShare: parts.outputShare,
      log,
      patience: parts.patience,
      lookAround: sleep.look,
    });
    executions.set(run.uid, { run, execution });
    void execution.done.then(() => executions.delete(run.uid));
  }

  /** In the background: nobody waits for it, and what it misses goes from the hosts by its age. */
  function settleAgain(run: JournaledRun, work: Work, { unsettled }: Marks): void {
    const hosts = work.plan.hosts.filter(({ position, unclaimed }) => unsettled.has(position) && !unclaimed);
    for (const [id, members] of Map.groupBy(hosts, ({ engine }) => engine)) {
      const recovery = parts.engines.get(id)?.recovery;
      if (recovery === undefined) continue;
      const errand: EngineErrand = {
        ...contextOf(run, work, "known only"),
        runUid: run.uid,
        hosts: members.map((host) => engineHost(host, parts.defaultCredential())),
        width: Math.min(work.plan.width, errandWidth),
        limits: limitsOf(work.plan),
      };
      const positions = members.map(({ position }) => position);
      void recovery.settleAgain(errand, leaving.signal).then(() => {
        if (!leaving.signal.aborted) recorder.settled(run, positions);
      });
    }
  }

  function readAgain(
    run: JournaledRun,
  ): { readonly work: Work; readonly late: string | undefined; readonly milliseconds: number } | string {
    try {
      const order = fromBinary(OrderSchema, journal.order(run));
      const work = order.plan === undefined ? "it has no plan" : workOf(order.plan, order.coordinated);
      const milliseconds = Math.max(0, clock() - Number(order.issuedAtMs)) + clockTolerance;
      return typeof work === "string" ? work : { work, late: expiry(order, clock()), milliseconds };
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  return {
    begin: (run, work) => carryOut(run, work, noMarks),
    recover(run) {
      const read = readAgain(run);
      if (typeof read !== "string") {
        const late = read.late === undefined ? undefined : tooLate;
        const marks = journal.marks(run);
        if (!run.ended) carryOut(run, read.work, marks, late, read.milliseconds);
        settleAgain(run, read.work, marks);
        return;
      }
      if (run.ended) return;
      // The web server turns its open hosts to unknown.
      log.error({ run: run.uid, reason: read }, "an accepted order cannot be read any more; its run is ended");
      void recorder.runEnded(run);
    },
    settled(run, positions) {
      const recoveries = [...parts.engines.values()].flatMap(({ recovery }) => recovery ?? []);
      if (recoveries.length === 0) return;
      const told = recoveries.map((recovery) => recovery.settled(run.uid, positions));
      void Promise.all(told).then(() => recorder.settled(run, positions));
    },
    cancel: (runUid, actor) => executions.get(runUid)?.execution.cancel(actor),
    released: (run) => executions.get(run.uid)?.execution.released(),
    load() {
      let hosts = 0;
      for (const { execution } of executions.values()) hosts += execution.inFlight();
      return { runs: executions.size, hosts };
    },
    async leave(milliseconds) {
      leaving.abort();
      sleep.close();
      await Promise.all([...executions.values()].map(({ execution }) => execution.leave(milliseconds)));
    },
  };
}

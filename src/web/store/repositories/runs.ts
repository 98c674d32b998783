import type { OutputStream } from "../../../contract/engine.ts";
import type { ParameterValues } from "../../../contract/module.ts";
import type { ExecutionCounts, ExecutionState, OutputCompleteness, RunState } from "../../../contract/states.ts";
import type { Execution, ExecutionNotice, ExecutionStep, NewExecution, RunChange } from "./executions.ts";
import type { Page } from "./page.ts";

export interface NewRun {
  /** UUIDv7; the run's name on the link. */
  readonly uid: string;
  readonly moduleId: number;
  readonly moduleVersion: number;
  readonly moduleKey: string;
  readonly moduleName: { readonly zh: string; readonly en: string };
  readonly danger: string;
  /** Secrets already replaced by `"••••••"`. */
  readonly parameters: ParameterValues;
  readonly query: string;
  readonly planSha256: string;
  readonly width: number;
  /** Hosts that go together, and failures that are allowed; undefined for no such limit. */
  readonly waveSize?: number;
  readonly maxFailures?: number;
  readonly becomeUser: string;
  readonly timeoutMilliseconds: number;
  /** A dry run: it says what would change and changes nothing. Left out: no. */
  readonly check?: boolean;
  readonly requestedBy: string;
  readonly requestedByUserId: number;
  /** Run this one repeats, with what selection. */
  readonly rerunOf?: RerunOf;
  readonly idempotencyKey?: string;
  /** Its controllers wait for one another, wave by wave, and its failures are counted over all of them. */
  readonly coordinated?: boolean;
  /** It waits for a second person until then; it has no orders and no controllers yet, only its frozen plan. */
  readonly approval?: { readonly until: number; readonly plan: Uint8Array };
  /** Per controller; the signed order as sent, kept until the controller has answered. */
  readonly orders: readonly { readonly controller: string; readonly order: Uint8Array }[];
  readonly executions: readonly NewExecution[];
}

export interface RerunOf {
  readonly runId: number;
  readonly selection: string;
  /** That run was deleted since. */
  readonly gone?: boolean;
}

export interface Run extends Omit<NewRun, "orders" | "executions" | "idempotencyKey" | "coordinated" | "approval"> {
  /** Undefined where no second person was needed. */
  readonly approval?: RunApproval;
  readonly coordinated: boolean;
  readonly check: boolean;
  /** Counts up from 1: what people call the run. */
  readonly id: number;
  readonly state: RunState;
  readonly needsAttention: boolean;
  readonly counts: ExecutionCounts;
  readonly hostCount: number;
  /** Highest event folded in; also the version of the run for live views. Changes of the run itself count it up too. */
  readonly liveSeq: number;
  /** Why it waits or ended as it did, when the state does not say; else empty. */
  readonly reason: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly cancelRequestedBy?: string;
}

export interface RunApproval {
  readonly until: number;
  /** What the second person said; undefined as long as nobody has, and where nobody did. */
  readonly decision?: "approved" | "rejected";
  readonly by?: string;
  readonly at?: number;
  readonly comment: string;
}

/** What an approval adds to a waiting run: who drives which host, and the signed orders. */
export interface ApprovedRun {
  readonly by: string;
  readonly comment: string;
  readonly at: number;
  readonly coordinated: boolean;
  readonly orders: NewRun["orders"];
  /** Controller of each host that takes part, by position. */
  readonly controllerOf: ReadonlyMap<number, string>;
}

/** How a waiting run ends without having run. */
export interface WaitingEnd {
  readonly state: "rejected" | "cancelled" | "expired";
  /** Who rejected or cancelled it; nobody of one that expired. */
  readonly by?: string;
  readonly comment?: string;
  /** Of the run and of its hosts. */
  readonly reason: string;
  readonly at: number;
}

/** Which hosts a reader may see: all, or those of these app categories. Applied inside the query. */
export type Scope = "all" | readonly number[];

export interface RunFilter {
  readonly state?: readonly RunState[];
  readonly moduleId?: number;
  readonly requestedBy?: string;
  /** Number of a user whose own runs are left out. */
  readonly notRequestedBy?: number;
  /** Of modules of these dangers. */
  readonly danger?: readonly string[];
  /** Of runs with this module number only those with one of these module keys. */
  readonly keysOf?: { readonly moduleId: number; readonly keys: readonly string[] };
  readonly hostId?: number;
  /** Created in [from, to). */
  readonly from?: number;
  readonly to?: number;
}

export interface RunRepository {
  /**
   * Writes run, executions and orders, state `queued`, or `awaiting_approval` with its plan; a run whose every host is skipped is final at once. With an idempotency key that is already there the earlier run
   * is returned and nothing is written (`repeated: true`); the caller compares plan hashes.
   */
  create(run: NewRun): Promise<{ run: Run; repeated: boolean }>;
  get(id: number, scope: Scope): Promise<Run | undefined>;
  getByUid(uid: string): Promise<Run | undefined>;
  /** Newest first. A run is in scope when all its hosts are. */
  list(filter: RunFilter, scope: Scope, page: { cursor?: string; limit: number }): Promise<Page<Run>>;
  /** By position. `after` is a position. `changedSince`: only rows with `liveSeq` above it. */
  executions(
    runId: number,
    options: { after?: number; limit: number; changedSince?: number; state?: readonly ExecutionState[] },
  ): Promise<readonly Execution[]>;
  execution(runId: number, position: number): Promise<Execution | undefined>;
  /**
   * Every execution in columns, by position, equal answers once; a fraction of the time and room of `executions`.
   * `newer` names the rows that changed after `seq`, with their own: the rows are read one after the other.
   */
  columns(runId: number, seq: number): Promise<RunColumns>;
  /** Other runs of the run's module that have ended. A command or script that was typed is its own module. */
  earlier(run: Run, scope: Scope): Promise<EarlierRuns>;
  /** Host ids by their last state in that run, for `failed(run)` and reruns. */
  hostsByState(runId: number, states: readonly ExecutionState[]): Promise<readonly number[]>;
  /** Newest finished or running executions of a host. */
  executionsOfHost(
    hostId: number,
    limit: number,
  ): Promise<
    readonly (Execution & {
      readonly runId: number;
      readonly moduleName: { readonly zh: string; readonly en: string };
    })[]
  >;
  /**
   * Kept bytes of a stream from `offset` on, at most `limit`; while it runs, what has come so far.
   * Empty past the end. Undefined when run or position do not exist.
   */
  output(
    runId: number,
    position: number,
    stream: OutputStream,
    range: { offset: number; limit: number },
  ): Promise<Uint8Array | undefined>;
  /** Kept bytes by content; only if an execution of this run has it. */
  outputByHash(
    runId: number,
    sha256: string,
    range: { offset: number; limit: number },
  ): Promise<Uint8Array | undefined>;
  /** Steps of a host in their order, for engines that tell them; `after` is the `seq` of the last one known. */
  steps(runId: number, position: number, options: { after?: number; limit: number }): Promise<readonly ExecutionStep[]>;
  /** The first {@link keptNotices} notices of a host, in their order. */
  notices(runId: number, position: number): Promise<readonly ExecutionNotice[]>;
  /** Hosts with the same final state, exit code, stdout and stderr, largest group first. */
  groups(runId: number): Promise<readonly OutputGroup[]>;
  /** Orders not yet answered, for sending again after a restart or a new link. */
  pendingOrders(controller: string): Promise<readonly { readonly runUid: string; readonly order: Uint8Array }[]>;
  /** The controller took it. Forgets the kept order. Idempotent. */
  orderAccepted(runUid: string, controller: string): Promise<void>;
  /** The controller refused it: its executions end `not_started` with this reason; a run with no open execution is final. Idempotent. */
  orderRefused(runUid: string, controller: string, reason: string, at: number): Promise<Run>;
  /** `queued`/`running`/`paused` → `cancelling`; final runs stay as they are. Returns the run after it. */
  requestCancel(id: number, by: string): Promise<Run>;
  /** Runs that are `cancelling` with open executions at this controller. */
  cancelling(controller: string): Promise<readonly { readonly runUid: string; readonly by: string }[]>;
  /**
   * Folds a batch in, one transaction: a redelivered event (seq ≤ what is stored for that controller) is ignored; a gap
   * is refused with `store.conflict` and nothing is written; a final execution never changes again. Counts are kept, not
   * recounted. Run becomes `running` with its first event, and final when every controller has ended it: hosts still
   * open then become `unknown`. Output chunks of an ended stream are replaced by one content-addressed copy.
   * Returns the run after it.
   */
  apply(change: RunChange): Promise<Run>;
  /** Highest contiguous seq folded in, per unfinished run of this controller. */
  progress(controller: string): Promise<readonly { readonly runUid: string; readonly lastSeq: number }[]>;
  /** What of these runs controllers still have: `unanswered` while none has taken the order. By run and controller. */
  openShares(
    runIds: readonly number[],
  ): Promise<readonly { readonly runId: number; readonly controller: string; readonly unanswered: boolean }[]>;
  /**
   * Gives a share whose order certainly reached nobody to another controller, with the order for it. Undefined, and
   * nothing is changed, when the share is no longer there, the run is being cancelled, or that controller has its own
   * share of the run.
   */
  adoptShare(runUid: string, from: string, to: string, order: Uint8Array): Promise<Run | undefined>;
  /** Coordinated runs that this controller has not ended, oldest first. */
  coordinated(controller: string): Promise<readonly string[]>;
  /** How far each controller with open hosts may go in a run; none of a run whose hosts have all ended. */
  releases(runUid: string): Promise<readonly RunRelease[]>;
  /** The plan of a waiting run, as it was given to `create`; undefined of any other. */
  waitingPlan(id: number): Promise<Uint8Array | undefined>;
  /**
   * `awaiting_approval` → `queued`, with its orders; `done: false`, and nothing is changed, when it no longer waits or its
   * time is over: of several people who act at once, one does it.
   */
  approve(id: number, approved: ApprovedRun): Promise<{ readonly run: Run; readonly done: boolean }>;
  /**
   * Ends a waiting run, every host `not_started`; `done: false`, and nothing is changed, when it no longer waits, or when
   * it is to expire and its time is not over.
   */
  endWaiting(id: number, end: WaitingEnd): Promise<{ readonly run: Run; readonly done: boolean }>;
  /** Waiting runs whose time is over, oldest first. */
  overdue(at: number): Promise<readonly Run[]>;
  /** Unfinished runs, oldest first. */
  unfinished(): Promise<readonly Run[]>;
}

export interface RunRelease {
  readonly controller: string;
  /** The lowest wave with an open host, at whatever controller: what is above must wait. */
  readonly wave: number;
  /** Hosts at other controllers that ended neither ok nor skipped. */
  readonly failuresElsewhere: number;
}

export interface EarlierRuns {
  /** The newest, newest first; later ones than the run too. */
  readonly runs: readonly Run[];
  /** The last one before it on exactly its hosts. */
  readonly sameHosts?: Run;
  /** What a host took in the middle, in the newest runs with the same parameters. */
  readonly usualHostMilliseconds?: number;
}

export type ColumnAnswer = Pick<
  Execution,
  | "wave"
  | "state"
  | "exitCode"
  | "signal"
  | "reason"
  | "stdoutBytes"
  | "stderrBytes"
  | "output"
  | "stdoutSha256"
  | "stderrSha256"
> & { readonly engine: string };

export interface RunColumns {
  readonly hostIds: readonly number[];
  readonly hostNames: readonly string[];
  readonly addresses: readonly string[];
  /** Each different one once, its reason as in {@link OutputGroup}. */
  readonly answers: readonly ColumnAnswer[];
  /** Place in `answers`. */
  readonly answerOf: readonly number[];
  /** By position: reasons that name their own host, as they are. */
  readonly reasons: ReadonlyMap<number, string>;
  readonly startedAt: readonly (number | null)[];
  readonly finishedAt: readonly (number | null)[];
  /** By position. */
  readonly newer: ReadonlyMap<number, number>;
}

export interface OutputGroup {
  readonly state: ExecutionState;
  readonly exitCode?: number;
  readonly signal: string;
  readonly stdoutSha256?: string;
  readonly stderrSha256?: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly output?: OutputCompleteness;
  /** What the hosts' reasons have in common, see src/contract/shared-reason.ts. */
  readonly reason: string;
  readonly count: number;
  readonly hostNames: readonly string[];
}

import type { ControllerState, EngineReport } from "../../contract/controller.ts";
import type { CredentialKind } from "../../contract/credential.ts";
import type { EngineId, OutputStream, StepStatus } from "../../contract/engine.ts";
import type { ModuleManifest, ParameterValues } from "../../contract/module.ts";
import type {
  ExecutionCounts,
  ExecutionState,
  FinalExecutionState,
  OutputCompleteness,
  RunState,
} from "../../contract/states.ts";

/**
 * What the web server keeps. One method is one intention; each is one transaction and is durable when its promise
 * resolves. The same on SQLite, MySQL/MariaDB and PostgreSQL. Times are milliseconds since 1970 (numbers).
 * Errors: `store.unavailable` when the database does not answer; `inventory.duplicate`, `inventory.in_use`,
 * `store.conflict` as named below.
 */
export interface Store {
  readonly inventory: InventoryRepository;
  readonly controllers: ControllerRepository;
  readonly enrolments: EnrolmentRepository;
  readonly modules: ModuleRepository;
  readonly runs: RunRepository;
  readonly users: UserRepository;
  readonly savedViews: SavedViewRepository;
  readonly audit: AuditRepository;
  readonly shellCommands: ShellCommandRepository;
  readonly files: FileRepository;
  readonly credentials: CredentialRepository;
  readonly settings: SettingsRepository;
  readonly firstOmserver: FirstOmserverRepository;
  close(): Promise<void>;
}

// ---- inventory -------------------------------------------------------------------------------------------------

export interface FunctionCategory {
  readonly id: number;
  readonly name: string;
  /** Of its hosts, unless they or their app category name one; empty for the default zone. */
  readonly zone: string;
}

export interface AppCategory {
  readonly id: number;
  readonly functionCategoryId: number;
  readonly name: string;
  /** Of its hosts that name none; empty for that of its function category. */
  readonly zone: string;
}

export interface Host {
  readonly id: number;
  /** Unique in the inventory. */
  readonly name: string;
  readonly appCategoryId: number;
  /** Reached from outside; empty when there is none. */
  readonly outerAddress: string;
  /** The address that the controller connects to; empty means: use the outer one. */
  readonly innerAddress: string;
  readonly port: number;
  /** Free text such as `Debian 12`; `os=Debian*` matches it. */
  readonly os: string;
  /** In order of preference: a run takes the first that can be used and has an implementation of its module. */
  readonly engines: readonly EngineId[];
  readonly user: string;
  /** Credential name; empty is the controller's default. */
  readonly credential: string;
  /** `user@address:port` list, outermost first, comma-separated; empty for none. */
  readonly proxyJump: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  readonly note: string;
  /** Its controllers drive the host; empty for that of its category. */
  readonly zone: string;
  /** Keeps what it runs until that is told, so that it is found again after a crash. False: nothing is left there. */
  readonly claim: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewHost = Omit<Host, "id" | "createdAt" | "updatedAt" | "zone" | "claim"> & {
  readonly zone?: string;
  /** True where left out. */
  readonly claim?: boolean;
};
export type HostChange = Partial<NewHost>;
/** For several hosts: tags that each of them gets or loses, besides what it carries. */
export type HostsChange = HostChange & {
  readonly addTags?: readonly string[];
  readonly removeTags?: readonly string[];
};

/** Everything, for matching queries in memory. Immutable; a change makes a new one. Hosts are sorted by id. */
export interface InventorySnapshot {
  readonly version: number;
  readonly functionCategories: readonly FunctionCategory[];
  readonly appCategories: readonly AppCategory[];
  readonly hosts: readonly Host[];
}

/** An import row whose category is named by path. */
export interface ImportedHost extends Omit<NewHost, "appCategoryId"> {
  readonly functionCategory: string;
  readonly appCategory: string;
}

export interface InventoryRepository {
  /** Cheap when nothing changed (one version read); safe against changes by another web server. */
  snapshot(): Promise<InventorySnapshot>;
  /** `inventory.duplicate` when the name is taken at that level. */
  createFunctionCategory(name: string, zone?: string): Promise<FunctionCategory>;
  changeFunctionCategory(id: number, change: { name?: string; zone?: string }): Promise<void>;
  /** `inventory.in_use` while it has app categories. */
  deleteFunctionCategory(id: number): Promise<void>;
  createAppCategory(functionCategoryId: number, name: string, zone?: string): Promise<AppCategory>;
  changeAppCategory(id: number, change: { name?: string; functionCategoryId?: number; zone?: string }): Promise<void>;
  /** `inventory.in_use` while it has hosts. */
  deleteAppCategory(id: number): Promise<void>;
  createHost(host: NewHost): Promise<Host>;
  /**
   * All or nothing. Undefined fields stay. Tags are added to and removed from what a host carries at that moment, so two
   * who tag the same hosts at once lose nothing of each other.
   */
  changeHosts(ids: readonly number[], change: HostsChange): Promise<void>;
  /** All or nothing. Runs keep their frozen copy of name and address. */
  deleteHosts(ids: readonly number[]): Promise<void>;
  /** Adds the categories and hosts, changes those whose name exists; all or nothing, in bulk (100,000 in seconds). */
  importHosts(hosts: readonly ImportedHost[]): Promise<{ added: number; changed: number }>;
  /** What was last learnt of a host; undefined when nothing ever was. */
  facts(hostId: number): Promise<HostFacts | undefined>;
  /** What an import learnt of hosts, by their names; replaces what was known of them. Unknown names are left out. */
  learnFacts(facts: ReadonlyMap<string, HostFacts["facts"]>): Promise<void>;
}

// ---- controllers -----------------------------------------------------------------------------------------------

export interface StoredController {
  readonly name: string;
  /** It serves the hosts of this zone, with the other controllers of it. */
  readonly zone: string;
  readonly state: ControllerState;
  /** Undefined until it has connected once. */
  readonly firstSeenAt?: number;
  readonly lastSeenAt?: number;
  /** As it last said; empty until then. */
  readonly version: string;
  readonly engines: readonly EngineReport[];
  /** Runs it carries out and hosts that run just now. */
  readonly load: { readonly runs: number; readonly hosts: number };
  /** Events on its disk that were not acknowledged. */
  readonly spool: { readonly events: number; readonly bytes: number };
  /** Where its journal is. */
  readonly diskFreeBytes?: number;
  /** Its clock minus the web server's. */
  readonly clockSkewMilliseconds?: number;
  /** Undefined where the link needs none (in the same process). */
  readonly certificate?: { readonly serial: string; readonly issuedAt: number; readonly expiresAt: number };
}

/** What a controller says of itself now and then. */
export type ControllerReport = Pick<
  StoredController,
  "version" | "engines" | "load" | "spool" | "diskFreeBytes" | "clockSkewMilliseconds"
>;

export interface ControllerRepository {
  /** By name. */
  list(): Promise<readonly StoredController[]>;
  get(name: string): Promise<StoredController | undefined>;
  /** Adds it where there is none of the name; one that is there stays as it is. Two at once make one. */
  ensure(name: string, zone: string): Promise<StoredController>;
  /** Adds it, or makes one of the name, revoked or not, `enabled` again with this zone and certificate. */
  enrol(controller: {
    name: string;
    zone: string;
    certificate?: NonNullable<StoredController["certificate"]>;
  }): Promise<StoredController>;
  setCertificate(name: string, certificate: NonNullable<StoredController["certificate"]>): Promise<void>;
  /** Runs that are under way stay where they are. */
  setZone(name: string, zone: string): Promise<void>;
  /** `store.conflict` for a revoked one: only `enrol` brings it back. */
  setState(name: string, state: ControllerState): Promise<void>;
  /** Notes that it was heard of at this time, and what it said. */
  seen(name: string, at: number, report?: ControllerReport): Promise<void>;
  /** `inventory.in_use` while a run that is not final has hosts there. */
  delete(name: string): Promise<void>;
}

// ---- enrolment of controllers ------------------------------------------------------------------------------------

export interface Invitation {
  /** Name and zone that the controller gets. */
  readonly controller: string;
  readonly zone: string;
  /** Who invited. */
  readonly createdBy: string;
}

export interface ControllerCertificate {
  /** Lower-case hexadecimal; unique for ever. */
  readonly serial: string;
  readonly controller: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface EnrolmentRepository {
  /** Takes the place of an earlier invitation of the same controller. */
  invite(invitation: Invitation & { tokenSha256: string; createdAt: number; expiresAt: number }): Promise<void>;
  /** Once: of several at a time one gets it. Undefined for one that is unknown, used or expired. */
  redeem(tokenSha256: string, now: number): Promise<Invitation | undefined>;
  addCertificate(certificate: ControllerCertificate): Promise<void>;
  certificate(serial: string): Promise<(ControllerCertificate & { readonly revoked: boolean }) | undefined>;
  /** All certificates and the invitation of this controller, for good. */
  revoke(controller: string, now: number): Promise<void>;
}

// ---- modules ---------------------------------------------------------------------------------------------------

export interface StoredModule {
  readonly id: number;
  readonly key: string;
  readonly version: number;
  readonly manifest: ModuleManifest;
  /** SHA-256, hex, of the canonical JSON of the manifest. */
  readonly sha256: string;
  readonly builtIn: boolean;
  readonly enabled: boolean;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

export interface ModuleRepository {
  /** Newest version of each, by id. */
  list(): Promise<readonly StoredModule[]>;
  get(id: number): Promise<StoredModule | undefined>;
  getVersion(id: number, version: number): Promise<StoredModule | undefined>;
  /** Newest first. */
  versions(id: number): Promise<readonly StoredModule[]>;
  /** Id is the highest + 1, at least 2001; the stored manifest carries it. `inventory.duplicate` when the key is taken. */
  create(manifest: Omit<ModuleManifest, "id">, by: string): Promise<StoredModule>;
  /** Adds a version; nothing happens when the content is the same. `store.conflict` when `expectedVersion` is not the newest. */
  addVersion(id: number, manifest: ModuleManifest, expectedVersion: number, by: string): Promise<StoredModule>;
  setEnabled(id: number, enabled: boolean): Promise<void>;
  /** Inserts or updates the built-in ones (start-up); idempotent, also when two web servers start at once. */
  syncBuiltIn(manifests: readonly ModuleManifest[]): Promise<void>;
}

// ---- what the first OMServer leaves ------------------------------------------------------------------------------

/** What is taken over from the first OMServer, checked and compared with what is here. */
export interface FirstOmserverImport {
  readonly functionCategories: readonly string[];
  readonly appCategories: readonly { readonly functionCategory: string; readonly appCategory: string }[];
  readonly hosts: readonly ImportedHost[];
  readonly newModules: readonly Omit<ModuleManifest, "id">[];
  readonly changedModules: readonly {
    readonly id: number;
    readonly version: number;
    readonly manifest: ModuleManifest;
  }[];
  readonly commands: readonly {
    /** Tells it from every other; at most 40 characters. */
    readonly identity: string;
    readonly address: string;
    readonly hostName: string;
    readonly loginUser: string;
    readonly typedAt: number;
    readonly receivedAt: number;
    readonly command: string;
  }[];
}

export interface FirstOmserverRepository {
  /** Those of these commands that are here already. */
  knownCommands(identities: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Writes all of it or nothing, in one transaction. `store.conflict` when a module has changed since, `inventory.duplicate`
   * when a name was taken since. A command that is here already is left alone.
   */
  apply(content: FirstOmserverImport, by: string): Promise<void>;
}

// ---- runs ------------------------------------------------------------------------------------------------------

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
  readonly rerunOf?: { readonly runId: number; readonly selection: string };
  readonly idempotencyKey?: string;
  /** Its controllers wait for one another, wave by wave, and its failures are counted over all of them. */
  readonly coordinated?: boolean;
  /** Per controller; the signed order as sent, kept until the controller has answered. */
  readonly orders: readonly { readonly controller: string; readonly order: Uint8Array }[];
  readonly executions: readonly NewExecution[];
}

export interface NewExecution {
  /** 0-based place in the frozen list; the executions of a run are 0 … n-1. */
  readonly position: number;
  readonly hostId: number;
  readonly hostName: string;
  readonly address: string;
  readonly engine: EngineId;
  readonly appCategoryId: number;
  /** Empty for a skipped host. */
  readonly controller: string;
  readonly wave: number;
  /** Why this host takes no part: it is `skipped` from the start, and no controller ever speaks of it. */
  readonly skipped?: string;
}

export interface Run extends Omit<NewRun, "orders" | "executions" | "idempotencyKey" | "coordinated"> {
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

export interface Execution {
  readonly position: number;
  readonly hostId: number;
  readonly hostName: string;
  readonly address: string;
  readonly engine: EngineId;
  readonly appCategoryId: number;
  readonly wave: number;
  readonly state: ExecutionState;
  readonly exitCode?: number;
  readonly signal: string;
  readonly reason: string;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Bytes that the host sent; the kept ones may be fewer. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly output?: OutputCompleteness;
  /** SHA-256 hex of the kept stream; undefined while it grows; the hash of nothing for empty. */
  readonly stdoutSha256?: string;
  readonly stderrSha256?: string;
  /** `Run.liveSeq` at this row's last change. */
  readonly liveSeq: number;
}

/** Which hosts a reader may see: all, or those of these app categories. Applied inside the query. */
export type Scope = "all" | readonly number[];

/** Events of one controller for one run, already decoded and folded per host by ingest. */
export interface RunChange {
  readonly runUid: string;
  readonly controller: string;
  /** The batch holds the controller's events `firstSeq … lastSeq`, without gaps. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly dispatching: readonly number[];
  readonly running: readonly { readonly position: number; readonly at: number }[];
  readonly output: readonly {
    readonly position: number;
    readonly stream: OutputStream;
    readonly offset: number;
    readonly data: Uint8Array;
  }[];
  readonly ended: readonly EndedExecution[];
  /** Left out where there are none, as with `facts`. */
  readonly steps?: readonly {
    readonly position: number;
    /** Of its event. */
    readonly seq: number;
    readonly step: Omit<ExecutionStep, "seq">;
  }[];
  readonly facts?: readonly { readonly position: number; readonly at: number; readonly facts: HostFacts["facts"] }[];
  readonly notices?: readonly (ExecutionNotice & { readonly position: number })[];
  /** The controller has nothing more to say about this run. */
  readonly runEnded: boolean;
}

export interface EndedExecution {
  readonly position: number;
  readonly at: number;
  readonly state: FinalExecutionState;
  readonly exitCode?: number;
  readonly signal: string;
  readonly reason: string;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly output: OutputCompleteness;
  /** Rest of the stream from `offset`; what came before is in earlier `output` chunks. */
  readonly stdout: { readonly offset: number; readonly data: Uint8Array };
  readonly stderr: { readonly offset: number; readonly data: Uint8Array };
}

/** One step of a host's share of a run (an Ansible task, a Salt state); `seq` keeps their order. */
export interface ExecutionStep {
  readonly seq: number;
  /** Where it belongs, outermost first: play, role … */
  readonly path: readonly string[];
  readonly name: string;
  readonly action: string;
  readonly status: StepStatus;
  readonly message: string;
  readonly diff: string;
  readonly milliseconds?: number;
}

/** What an engine had to tell of a host besides its output; `seq`, of its event, keeps their order. */
export interface ExecutionNotice {
  readonly seq: number;
  readonly at: number;
  /** At most 500 characters are kept. */
  readonly message: string;
}

/** What was last learnt of a host. */
export interface HostFacts {
  readonly at: number;
  /** The run that told it; undefined when an import did. */
  readonly runId?: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface RunFilter {
  readonly state?: readonly RunState[];
  readonly moduleId?: number;
  readonly requestedBy?: string;
  readonly hostId?: number;
  /** Created in [from, to). */
  readonly from?: number;
  readonly to?: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Opaque; undefined on the last page. */
  readonly next?: string;
}

export interface RunRepository {
  /**
   * Writes run, executions and orders, state `queued`; a run whose every host is skipped is final at once. With an idempotency key that is already there the earlier run
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

// ---- users -----------------------------------------------------------------------------------------------------

export const roles = ["administrator", "operator", "viewer"] as const;
export type Role = (typeof roles)[number];

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** App categories and whole function categories whose hosts the user sees; both empty with `everything`. */
  readonly scope: {
    readonly everything: boolean;
    readonly functionCategories: readonly number[];
    readonly appCategories: readonly number[];
  };
  readonly enabled: boolean;
  readonly hasPassword: boolean;
  readonly createdAt: number;
  readonly lastSignInAt?: number;
}

export type TokenKind = "session" | "api" | "sign_in_link" | "setup_link";

export interface Token {
  readonly id: number;
  readonly kind: TokenKind;
  /** Undefined for the set-up link, which makes its user. */
  readonly userId?: number;
  readonly name: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
}

export interface UserRepository {
  count(): Promise<number>;
  list(): Promise<readonly User[]>;
  get(id: number): Promise<User | undefined>;
  findByName(name: string): Promise<{ readonly user: User; readonly passwordHash: string } | undefined>;
  /** `inventory.duplicate` when the name is taken (case-insensitively). */
  create(user: { name: string; role: Role; scope: User["scope"]; passwordHash: string }): Promise<User>;
  /** Refuses (`inventory.in_use`) to take away the last enabled administrator. Disabling or a new password ends its sessions. */
  change(
    id: number,
    change: { role?: Role; scope?: User["scope"]; enabled?: boolean; passwordHash?: string },
  ): Promise<User>;
  delete(id: number): Promise<void>;
  /** Only the SHA-256 of a token is kept. */
  addToken(token: {
    kind: TokenKind;
    userId?: number;
    name: string;
    sha256: string;
    expiresAt?: number;
  }): Promise<Token>;
  /**
   * Undefined when unknown, expired at `now`, or its user is disabled; with `idleMilliseconds` also when its last noted
   * use (or its making) is longer ago than that. Notes the use at most once a minute.
   */
  useToken(
    sha256: string,
    kinds: readonly TokenKind[],
    now: number,
    idleMilliseconds?: number,
  ): Promise<{ readonly token: Token; readonly user?: User } | undefined>;
  /** Takes a single-use token out: of two that try at once, one gets it. */
  redeemToken(sha256: string, kinds: readonly TokenKind[], now: number): Promise<Token | undefined>;
  tokens(filter: { kind: TokenKind; userId?: number }): Promise<readonly Token[]>;
  deleteToken(id: number): Promise<void>;
  deleteExpiredTokens(now: number): Promise<void>;
}

// ---- saved views -----------------------------------------------------------------------------------------------

/** Filters of a list, as they stand in its address, under a name. */
export interface SavedView {
  readonly id: number;
  /** The list: `runs`. */
  readonly scene: string;
  readonly name: string;
  readonly search: Readonly<Record<string, string | number>>;
}

/** Each user's own; they go with the user. */
export interface SavedViewRepository {
  /** By name. */
  list(userId: number, scene: string): Promise<readonly SavedView[]>;
  /** A view of the same name is replaced. */
  put(userId: number, view: Omit<SavedView, "id">): Promise<SavedView>;
  /** `request.not_found` also for somebody else's. */
  delete(userId: number, id: number): Promise<void>;
}

// ---- audit -----------------------------------------------------------------------------------------------------

export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  /** Where it came from: IP address, `cli`, or a controller's name. */
  readonly source: string;
  /** `run.start`, `host.delete`, `session.sign_in_failed` … */
  readonly action: string;
  readonly object: string;
  /** Host count and, up to 100,000, the hosts themselves as folded ranges. */
  readonly hosts: string;
  /** JSON; no secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** `hash` = SHA-256 over the previous hash and the canonical JSON of the entry with its seq. */
export interface AuditRecord extends AuditEntry {
  readonly seq: number;
  readonly previousHash: string;
  readonly hash: string;
}

export interface AuditRepository {
  /** Durable when it resolves; `audit.unavailable` otherwise. Two at once (also from two web servers) get consecutive places. */
  append(entry: AuditEntry): Promise<AuditRecord>;
  /** Newest first. */
  list(
    filter: { actor?: string; action?: string; text?: string; from?: number; to?: number },
    page: { cursor?: string; limit: number },
  ): Promise<Page<AuditRecord>>;
  /** Walks the whole chain; the first record that does not fit is named. */
  verify(): Promise<
    | { readonly ok: true; readonly records: number; readonly lastHash: string }
    | { readonly ok: false; readonly seq: number; readonly reason: string }
  >;
}

// ---- shell commands --------------------------------------------------------------------------------------------

/** A command that somebody typed in a shell of a host, as the host reported it. What it says is the host's word. */
export interface ShellCommand {
  readonly id: number;
  /** Undefined once the host is deleted, or where the inventory never had it. */
  readonly hostId?: number;
  readonly hostName: string;
  readonly address: string;
  /** Account on the host. */
  readonly user: string;
  /** By the host's clock. */
  readonly typedAt: number;
  readonly receivedAt: number;
  readonly command: string;
  readonly source: ShellCommandSource;
}

/** `shell` was reported by the host itself, `omserver-v1` came with the history of the first OMServer. */
export const shellCommandSources = ["shell", "omserver-v1"] as const;
export type ShellCommandSource = (typeof shellCommandSources)[number];

export interface NewShellCommand extends Omit<ShellCommand, "id" | "receivedAt"> {
  /** What makes it the same one when it comes again; at most 255 characters. */
  readonly key: string;
}

export interface ShellCommandFilter {
  readonly hostIds?: readonly number[];
  readonly user?: string;
  /** Anywhere in the command, whatever the case. */
  readonly text?: string;
  /** Typed in [from, to). */
  readonly from?: number;
  readonly to?: number;
}

/** Append-only: nothing changes or deletes a command. */
export interface ShellCommandRepository {
  /** All or nothing; one whose key is there already is left out. Returns how many are new. */
  append(commands: readonly NewShellCommand[]): Promise<number>;
  /** Newest first, by when they were typed. */
  list(filter: ShellCommandFilter, page: { cursor?: string; limit: number }): Promise<Page<ShellCommand>>;
  /** Those with a higher id, oldest first: what has come in meanwhile. */
  newer(filter: ShellCommandFilter, than: number, limit: number): Promise<readonly ShellCommand[]>;
  /** The highest id; 0 for none. */
  lastId(): Promise<number>;
  /** Commands by the hour in which they were typed; hours without any are left out. */
  activity(filter: ShellCommandFilter): Promise<readonly { readonly hour: number; readonly count: number }[]>;
  /** The token that a host reports with; a new one replaces it. Only its SHA-256 is kept. */
  setReportToken(hostId: number, sha256: string, by: string): Promise<void>;
  deleteReportToken(hostId: number): Promise<void>;
  reportToken(hostId: number): Promise<ReportToken | undefined>;
  /** The host that this token belongs to; notes its use at most once a minute. */
  useReportToken(
    sha256: string,
    now: number,
  ): Promise<{ readonly hostId: number; readonly hostName: string; readonly address: string } | undefined>;
}

export interface ReportToken {
  readonly createdAt: number;
  readonly createdBy: string;
  readonly lastUsedAt?: number;
}

// ---- files, credentials, settings ------------------------------------------------------------------------------

export interface LibraryFile {
  readonly id: number;
  /** Unique; a new upload under the name makes a new entry current and keeps the content of the old one for runs that name it. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly uploadedBy: string;
  readonly uploadedAt: number;
}

/** The library's index; content is kept by hash in the data folder. */
export interface FileRepository {
  list(): Promise<readonly LibraryFile[]>;
  add(file: { name: string; sha256: string; bytes: number; uploadedBy: string }): Promise<LibraryFile>;
  get(id: number): Promise<LibraryFile | undefined>;
  findByHash(sha256: string): Promise<LibraryFile | undefined>;
  delete(id: number): Promise<void>;
}

export interface StoredCredential {
  readonly id: number;
  readonly name: string;
  readonly kind: CredentialKind;
  readonly user: string;
  readonly description: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
  /** Its secret is for the controllers of these zones; none named is all zones. */
  readonly zones: readonly string[];
  /** Controllers that took the secret as it was last put. Another one lacks it, or has an older one. */
  readonly heldBy: readonly string[];
}

/** Names and kinds only: the secret goes to the controllers and is not kept here. */
export interface CredentialRepository {
  list(): Promise<readonly StoredCredential[]>;
  /** Replaces what is known of one of this name, who holds it among it. */
  put(credential: {
    name: string;
    kind: CredentialKind;
    user: string;
    description: string;
    updatedBy: string;
    zones: readonly string[];
    heldBy: readonly string[];
  }): Promise<StoredCredential>;
  /** `inventory.in_use` while a host names it. */
  delete(id: number): Promise<void>;
}

export interface SettingsRepository {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

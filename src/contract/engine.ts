import type { Credential } from "./credential.ts";
import type { Danger } from "./module.ts";
import type { FinalExecutionState, OutputCompleteness } from "./states.ts";

/**
 * What an engine promises. An engine reaches hosts in one way (ssh, local, ansible, salt, func …).
 *
 * Never: an exception for a failing host (that is an `ended` event); two `ended` events for a host; a host without
 * `ended` when the iterable finishes normally; a byte sent for a host before `job.intend` resolved for it;
 * a string built for a shell on the controller.
 * An exception out of `run` means that the engine itself broke; the caller turns every host without `ended` to `unknown`.
 */
export interface Engine {
  readonly manifest: EngineManifest;
  /** Usable on this machine? Fast (under a second or so) and without side effects. */
  probe(signal: AbortSignal): Promise<EngineHealth>;
  /**
   * Runs the task on every host of the job, at most `job.width` at a time.
   * On abort: ends what runs on the hosts, confirms it, and still yields `ended` for each host
   * (`cancelled` only when the end was confirmed, `not_started` when nothing was sent, else `unknown`); then returns.
   * Pulling slowly slows the hosts' output and holds bounded memory.
   */
  run(job: EngineJob, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** Hosts that the engine's own system knows, for the import; see {@link HostSource}. */
  readonly hostSource?: HostSource;
  /** Keys of hosts that ask to join the engine's own system; see {@link HostKeyring}. */
  readonly keyring?: HostKeyring;
  /** Finds again what an earlier life began; present exactly when `capabilities.survivesController` is true. */
  readonly recovery?: EngineRecovery;
  /** Tries to connect and sign in to one host and runs nothing there. */
  testConnection?(host: EngineHost, context: EngineContext, signal: AbortSignal): Promise<ConnectionReport>;
  /** Gives back sockets, threads and child processes. Idempotent. */
  close(): Promise<void>;
}

export type EngineId = "ssh" | "local" | "mock" | "ansible" | "salt" | "func" | "omserver-v1";
export const engineIds = [
  "ssh",
  "local",
  "mock",
  "ansible",
  "salt",
  "func",
  "omserver-v1",
] as const satisfies readonly EngineId[];

export interface EngineManifest {
  readonly id: EngineId;
  readonly capabilities: EngineCapabilities;
}

/** What the engine can do, as data: the console shows it before a run, and the conformance suite reads it. */
export interface EngineCapabilities {
  /** Kinds of task that it carries. */
  readonly tasks: readonly Task["kind"][];
  /** stdout and stderr arrive apart and byte-exact. */
  readonly separateStreams: boolean;
  /** Output arrives while the command runs, not only at its end. */
  readonly streaming: boolean;
  /** A cancel ends the remote processes and confirms it. */
  readonly confirmedCancel: boolean;
  readonly become: boolean;
  /** Output is byte for byte what the host printed; else text that the engine's own wire could carry. */
  readonly exactBytes: boolean;
  /** What runs on a host outlives connection and controller, and is found again; see {@link EngineRecovery}. */
  readonly survivesController: boolean;
  /** A dry run (`EngineJob.check`) says what would change and changes nothing. */
  readonly check: boolean;
  /** Tells the steps of a host (Ansible's tasks, Salt's states) one by one, with their differences. */
  readonly steps: boolean;
}

/**
 * An optional ability: a host keeps what it runs, by run and position, until its end is settled. So whoever comes after
 * a death of the controller finds out whether it ran, runs, or never began, and no execution runs twice.
 */
export interface EngineRecovery {
  /**
   * Takes up hosts whose intent was durable and whose end is not. Each ends exactly once, also after abort: with its own
   * end when it ran (whether it had ended or still runs; then it is followed, and ended by timeout or abort as in `run`),
   * `unknown` when that cannot be found out within a bounded time. One that never began begins now if `intend` lets it,
   * else it ends as `not_started`, and a start that is still on its way can no longer happen.
   * Output is told from the byte after {@link BegunHost.stdoutBytes} on. May be killed and done again at any point.
   */
  recover(job: EngineJob, begun: readonly BegunHost[], signal: AbortSignal): AsyncIterable<EngineEvent>;
  /**
   * The ends of these hosts are durable: what the hosts kept of them may go. Resolves when it is gone, or left to go by its
   * age; never rejects.
   */
  settled(runUid: string, positions: readonly number[]): Promise<void>;
  /**
   * The same for all hosts of an errand, which ended in an earlier life that may have died before it could tell them.
   * Starts nothing there, and tells nothing.
   */
  settleAgain(errand: EngineErrand, signal: AbortSignal): Promise<void>;
}

/** A host that an earlier life of the controller began. */
export interface BegunHost {
  readonly position: number;
  /** Bytes of its own output that are durable already and are not wanted again. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** At least so long ago was it begun. A host that was restarted since may have lost what it knew of it. */
  readonly milliseconds: number;
}

/** What a person should know before a run that an engine cannot do. */
export const engineLacks = ["separate_streams", "streaming", "confirmed_cancel", "exact_bytes"] as const;
export type EngineLack = (typeof engineLacks)[number];

export type EngineHealth =
  | {
      readonly usable: true;
      readonly version: string;
      /** What stays dangerous as long as it is used so (a broken cipher, say); shown wherever the engine is. */
      readonly warning?: string;
    }
  | { readonly usable: false; readonly reason: string; readonly mend: string };

/** An engine that a controller could have and does not. */
export interface AbsentEngine {
  readonly id: EngineId;
  readonly reason: string;
  readonly mend: string;
}

/** A host as the engine's own system (an Ansible inventory, Salt's master, certmaster) knows it. */
export interface DiscoveredHost {
  /** Its name there, which the engine finds it by; checked by the import as any other name. */
  readonly name: string;
  readonly address?: string;
  readonly port?: number;
  readonly user?: string;
  readonly os?: string;
  /** Groups, roles: become categories or tags, as the person who imports chooses. */
  readonly groups: readonly string[];
  /** What else is known of it, e.g. Salt's grains. Plain JSON, untrusted, at most 64 KiB a host. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Reads hosts from the engine's own system; changes nothing there. Throws `engine.unusable` with reason and mend. */
export interface HostSource {
  discover(signal: AbortSignal): Promise<readonly DiscoveredHost[]>;
}

export const hostKeyStates = ["accepted", "pending", "rejected", "denied"] as const;
export type HostKeyState = (typeof hostKeyStates)[number];

/** Engines whose own system lets hosts in by keys; each has a {@link HostKeyring}. */
export const keyringEngines = ["salt"] as const satisfies readonly EngineId[];

/** Sees and handles the keys of hosts that ask to join (Salt's minions). */
export interface HostKeyring {
  list(signal: AbortSignal): Promise<readonly { readonly name: string; readonly state: HostKeyState }[]>;
  /** Throws `engine.unusable` when it did not happen; the key is then as it was. */
  change(name: string, action: "accept" | "reject" | "delete", signal: AbortSignal): Promise<void>;
}

export interface ConnectionReport {
  readonly ok: boolean;
  /** One sentence: what answered, or what is wrong and what to do. */
  readonly message: string;
  readonly milliseconds: number;
}

/** One host of a job. `position` is its place in the run's frozen host list and its name in every event. */
export interface EngineHost {
  readonly position: number;
  readonly name: string;
  /** IPv4, IPv6 (no brackets) or DNS name; never begins with `-`. */
  readonly address: string;
  readonly port: number;
  /** Account on the host; undefined leaves the choice to the credential, then to the engine. */
  readonly user?: string;
  /** Name of a credential on the controller. */
  readonly credential?: string;
  /** Jump hosts in order, outermost first. */
  readonly jumps: readonly JumpHost[];
  /** Nothing is kept on this host (by an operator's choice): after a crash what it ran is not known. */
  readonly unclaimed?: boolean;
}

export interface JumpHost {
  readonly address: string;
  readonly port: number;
  readonly user?: string;
  readonly credential?: string;
}

/** What runs, already rendered from module and parameters; nothing in it is shell text built from parameters. */
export type Task =
  | {
      readonly kind: "command";
      readonly argv: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
      /** Names of environment entries that must never show in a process list or a log. */
      readonly secretNames: readonly string[];
      readonly stdin?: Uint8Array;
    }
  | {
      readonly kind: "script";
      /** Program and its options that reads the script's file as its next argument, e.g. `["/bin/sh"]`. */
      readonly interpreter: readonly string[];
      readonly script: string;
      readonly arguments: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
      readonly secretNames: readonly string[];
    }
  | {
      readonly kind: "file";
      readonly sha256: string;
      readonly bytes: number;
      /** Absolute path on the host. */
      readonly destination: string;
      readonly owner?: string;
      readonly group?: string;
      /** Octal, e.g. `0644`. */
      readonly mode?: string;
      /** Keep what was there as `<destination>.<UTC time>~`. */
      readonly keepOld: boolean;
      /** Runs on the host when the file has changed or `afterAlways` is set; its output and exit code are the host's. */
      readonly after?: readonly string[];
      readonly afterAlways: boolean;
    }
  /** The engine's own module by its name and named arguments (Ansible, Salt, Func). */
  | {
      readonly kind: "native";
      readonly name: string;
      readonly arguments: Readonly<Record<string, unknown>>;
      /** Names of arguments in the order in which an engine that has no names for them (Func) passes them. */
      readonly positional?: readonly string[];
      /** Arguments that must never show in a process list or a log. */
      readonly secretNames?: readonly string[];
    }
  /** Plays of Ansible: a playbook or a role, with the run's hosts. */
  | {
      readonly kind: "playbook";
      readonly source: PlaybookSource;
      /** What is played: the path of a playbook, or the name of a role, in the source. */
      readonly play: { readonly playbook: string } | { readonly role: string };
      /** Extra variables, as data; what stands in them is never taken for a template. */
      readonly variables: Readonly<Record<string, string | number | boolean>>;
      readonly tags: readonly string[];
      readonly skipTags: readonly string[];
      /** A pattern of Ansible that leaves out hosts of the run. */
      readonly limit?: string;
      /** Groups that every host of the run is in, for plays that are meant for them. */
      readonly groups: readonly string[];
      /** Variables that must never show in a process list or a log. */
      readonly secretNames: readonly string[];
    };

export type PlaybookSource =
  /** A folder that the controller's settings name; with a SHA-256 only as long as its content is that. */
  | { readonly kind: "project"; readonly project: string; readonly sha256?: string }
  /** A git repository at one commit, named by its full id: nobody can put something else in its place. */
  | { readonly kind: "git"; readonly url: string; readonly commit: string };

export interface Become {
  readonly user: string;
}

export interface JobLimits {
  readonly connectMilliseconds: number;
  /** From the first byte of the command to its end; then the process group is killed: `timed_out`. */
  readonly runMilliseconds: number;
  /** Kept bytes of each of stdout and stderr of a host; past it output is drained, counted and dropped. */
  readonly outputBytes: number;
}

/** What an engine may ask of the controller while it works. */
export interface EngineContext {
  credential(name: string): Promise<Credential>;
  /** Policy and memory of host keys; see {@link HostKeys}. */
  readonly hostKeys: HostKeys;
  /** A library file in order, checked by the controller against its SHA-256; may be read many times at once. */
  file(sha256: string): Promise<AsyncIterable<Uint8Array>>;
}

export interface HostKeys {
  /**
   * Whether the key that a host showed is the host's.
   * `trusted_first_use` is told to the audit by the controller before the connection goes on.
   */
  check(
    address: string,
    port: number,
    key: Uint8Array,
  ): Promise<"trusted" | "trusted_first_use" | "unknown" | "changed">;
}

/** A way to hosts of a run, at most `width` of them at a time. */
export interface EngineErrand extends EngineContext {
  readonly runUid: string;
  readonly hosts: readonly EngineHost[];
  readonly width: number;
  readonly limits: JobLimits;
}

export interface EngineJob extends EngineErrand {
  readonly task: Task;
  readonly danger: Danger;
  /** A dry run. Only ever set for an engine whose `capabilities.check` is true. */
  readonly check: boolean;
  readonly become?: Become;
  /**
   * Makes the intent to start these hosts (by position) durable. The engine awaits it before the first byte of the
   * command leaves for them. Returns the positions that may start: one that was cancelled meanwhile is left out and
   * must end as `not_started`.
   */
  intend(positions: readonly number[]): Promise<readonly number[]>;
  /**
   * Makes durable that these hosts, which could keep nothing, run all the same; awaited before they start. After a crash
   * they are not asked, since they could not tell. Only engines with {@link EngineRecovery} call it.
   */
  forgoClaim?(positions: readonly number[]): Promise<void>;
  /**
   * Whether more of this host's output may be told now: undefined, or else resolves (soon, and never rejects) when it
   * may. An engine that can hold back one host alone asks as it goes, so that a host that prints without end waits while
   * the others are told of; with an engine that does not ask, they all wait for what that host has printed.
   */
  outputRoom?(position: number): Promise<void> | undefined;
}

export type EngineEvent =
  | { readonly kind: "started"; readonly position: number }
  | { readonly kind: "output"; readonly position: number; readonly stream: OutputStream; readonly data: Uint8Array }
  | StepEvent
  /** What the host is: plain JSON, kept as the host's newest facts. At most 256 KiB, else the engine leaves it out. */
  | { readonly kind: "facts"; readonly position: number; readonly facts: Readonly<Record<string, unknown>> }
  | EndedEvent
  /** Something an operator should know about the host, e.g. a key trusted on first use. Plain text. */
  | { readonly kind: "notice"; readonly position: number; readonly message: string };

export const stepStatuses = ["ok", "changed", "failed", "skipped", "unreachable"] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** One step of a host's share: an Ansible task, a Salt state. In the order in which they ended on the host. */
export interface StepEvent {
  readonly kind: "step";
  readonly position: number;
  /** Where it belongs, outermost first: play, role … Each at most 200 characters. */
  readonly path: readonly string[];
  /** At most 200 characters. */
  readonly name: string;
  /** What it was done by: `ansible.builtin.copy`, `file.managed`. */
  readonly action: string;
  readonly status: StepStatus;
  /** A sentence or two of its result; at most 4 KiB. */
  readonly message?: string;
  /** What it changed or would change, as a unified diff or plain text; at most 64 KiB, cut with a last line that says so. */
  readonly diff?: string;
  readonly milliseconds?: number;
}

export type OutputStream = "stdout" | "stderr";

export interface EndedEvent {
  readonly kind: "ended";
  readonly position: number;
  readonly state: FinalExecutionState;
  /** Set for `ok` (0) and `failed` by exit. */
  readonly exitCode?: number;
  /** Set for `failed` by a signal, without `SIG`: `KILL`. */
  readonly signal?: string;
  /** One plain sentence for every state but `ok`: what happened and, where it helps, what to do. */
  readonly reason?: string;
  /** Bytes that the host sent, kept or not. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly output: OutputCompleteness;
}

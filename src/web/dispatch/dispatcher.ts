import type { Credential } from "../../contract/credential.ts";
import type { ConnectionReport, DiscoveredHost, EngineId, HostKeyState } from "../../contract/engine.ts";
import type { WebEnd } from "../../contract/link/link.ts";
import type { PlannedRun } from "../plan/plan-run.ts";
import type { StoredController } from "../store/repositories/controllers.ts";
import type { Run } from "../store/repositories/runs.ts";

/** Who asks, for the order and the records. */
export interface Actor {
  readonly userId: number;
  readonly name: string;
}

export interface StartRun {
  readonly planned: PlannedRun;
  readonly query: string;
  readonly actor: Actor;
  readonly idempotencyKey?: string;
  readonly rerunOf?: { readonly runId: number; readonly selection: string };
  /** It waits so long for a second person before its order is signed. */
  readonly approvalMilliseconds?: number;
}

/** A second person's word. That they may is the caller's to check. */
export interface Decision {
  readonly runId: number;
  readonly actor: Actor;
  readonly comment: string;
}

/** A controller as it is kept, with the newest of what it said, and whether it is connected to this web server. */
export interface ControllerStatus extends StoredController {
  readonly connected: boolean;
  /** Milliseconds since 1970 of the last change of `connected`, where this process saw it. */
  readonly since?: number;
}

/** For whom hosts wait: a controller that is away or takes no new orders, or a zone that has none. */
export interface WaitsFor {
  readonly zone: string;
  /** Undefined with `none`. Of several in a zone, any of them would do. */
  readonly controller?: string;
  readonly reason: "away" | "draining" | "revoked" | "none";
  /** When it was last heard of; undefined when it never was. */
  readonly since?: number;
  /** So many hosts wait; undefined where they were not counted. */
  readonly hosts?: number;
}

/** Hosts of a run as far as their place matters. */
export interface PlacedHost {
  readonly id: number;
  readonly appCategoryId: number;
  readonly zone?: string;
}

/**
 * Writes runs and sends their signed orders; keeps the links to the controllers. The audit record is the caller's to
 * write first.
 */
export interface EngineFault {
  readonly reason: string;
  readonly mend: string;
}

export interface Dispatcher {
  /** Run, host list and order are durable when it resolves; the order leaves at once, or when its controller is back. */
  start(run: StartRun): Promise<Run>;
  /**
   * Signs the orders of a waiting run for whoever drives its hosts now, with the approver in them, and sends them.
   * `run.not_waiting` when it no longer waits, `order.refused` when what was frozen is not what the record says.
   */
  approve(decision: Decision): Promise<Run>;
  /** Ends a waiting run; nothing of it has started. `run.not_waiting` when it no longer waits. */
  reject(decision: Decision): Promise<Run>;
  /** Durable, then told to the controllers; told again after every new link until the run is final. Idempotent. */
  cancel(runId: number, actor: Actor): Promise<Run>;
  /**
   * Takes over an open link; resolves when it closes. Orders, cancels and events flow until then. Where the carrier knows
   * who is at its other end, a Hello under another name than `controller` is refused.
   */
  attach(end: WebEnd, controller?: string): Promise<void>;
  /** Tells every connected controller of a new order-signing key; before any order that is signed with it. */
  announceKeys(): void;
  /** By name; those that are revoked too. */
  controllers(): Promise<readonly ControllerStatus[]>;
  /**
   * Whether the controllers of a host can use an engine: the one that would get it now, or any of its zone while none is
   * live; undefined while nothing is known of them.
   */
  engineUse(): Promise<(host: PlacedHost, engine: EngineId) => boolean | undefined>;
  /** Why those controllers cannot use it, and the mend; undefined when one can, or nothing is known. */
  engineFaults(): Promise<(host: PlacedHost, engine: EngineId) => EngineFault | undefined>;
  /** For whom these runs wait just now; only runs that wait for somebody are in it. */
  waiting(runIds: readonly number[]): Promise<ReadonlyMap<number, readonly WaitsFor[]>>;
  /** For whom a run over these hosts would wait if it started now. */
  wouldWait(hosts: readonly PlacedHost[]): Promise<readonly WaitsFor[]>;
  /** A draining controller gets no new orders and finishes what it has; durable. `request.not_found`, `store.conflict`. */
  setDraining(controller: string, draining: boolean): Promise<ControllerStatus>;
  /** New hosts of the zone go to it from now on; those under way stay where they are. */
  setZone(controller: string, zone: string): Promise<ControllerStatus>;
  /**
   * Cuts the link of a controller that was revoked in the store. Hosts whose order it had certainly not been sent
   * end `not_started`, its other open ones `unknown`.
   */
  revoked(controller: string): Promise<void>;
  /**
   * Gives the secret to the connected controllers of these zones (none named: of all) and tells which took it.
   * `controller.unreachable` when none of them is connected, else the error of the first that refuses when none took it.
   */
  putCredential(
    name: string,
    secret: Credential,
    zones: readonly string[],
    actor: Actor,
  ): Promise<{ readonly heldBy: readonly string[] }>;
  /** `controller.unreachable`, and nothing is deleted, while one of the holders is away; revoked ones do not count. */
  deleteCredential(name: string, heldBy: readonly string[], actor: Actor): Promise<void>;
  testConnection(host: TestedHost, actor: Actor): Promise<ConnectionReport>;
  /** To every connected controller now, to the others when they are back. */
  setHostKeyPolicy(policy: "strict" | "accept_new", actor: Actor): Promise<void>;
  /** On every connected controller; one that is away goes on refusing the host's new key. */
  forgetHostKey(address: string, port: number, actor: Actor): Promise<void>;
  /** Looks for usable engines anew, on every connected controller or on this one. */
  probeEngines(controller?: string): Promise<readonly ControllerStatus[]>;
  /** Hosts that an engine of this controller knows from its own system. `engine.unusable` when it knows none. */
  discoverHosts(controller: string, engine: EngineId, actor: Actor): Promise<DiscoveredHosts>;
  /** Keys of hosts that ask to join the engine's own system. */
  hostKeys(
    controller: string,
    engine: EngineId,
    actor: Actor,
  ): Promise<readonly { name: string; state: HostKeyState }[]>;
  changeHostKey(
    controller: string,
    change: { readonly engine: EngineId; readonly name: string; readonly action: "accept" | "reject" | "delete" },
    actor: Actor,
  ): Promise<void>;
  close(): Promise<void>;
}

export interface DiscoveredHosts {
  readonly hosts: readonly DiscoveredHost[];
  /** Hosts whose facts were too much for one answer. */
  readonly withoutFacts: number;
}

export interface TestedHost extends PlacedHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly engine: EngineId;
  readonly user: string;
  readonly credential: string;
  readonly proxyJump: string;
}

import type { Credential } from "../../contract/credential.ts";
import type { ConnectionReport, DiscoveredHost, EngineId, HostKeyState } from "../../contract/engine.ts";
import type { WebEnd } from "../../contract/link/link.ts";
import type { PlannedRun } from "../plan/plan-run.ts";
import type { Run } from "../store/store.ts";

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
}

export interface ControllerStatus {
  readonly name: string;
  readonly connected: boolean;
  readonly version: string;
  /** Milliseconds since 1970 of the last change of `connected`. */
  readonly since?: number;
  readonly engines: readonly {
    readonly id: string;
    readonly usable: boolean;
    readonly version: string;
    readonly reason: string;
    readonly mend: string;
    /** What stays dangerous while the engine is used as it is set up; empty mostly. */
    readonly warning: string;
  }[];
}

/**
 * Writes runs and sends their signed orders; keeps the links to the controllers. The audit record is the caller's to
 * write first.
 */
export interface Dispatcher {
  /** Run, host list and order are durable when it resolves; the order leaves at once, or when its controller is back. */
  start(run: StartRun): Promise<Run>;
  /** Durable, then told to the controllers; told again after every new link until the run is final. Idempotent. */
  cancel(runId: number, actor: Actor): Promise<Run>;
  /** Takes over an open link; resolves when it closes. Orders, cancels and events flow until then. */
  attach(end: WebEnd): Promise<void>;
  controllers(): readonly ControllerStatus[];
  /** Whether the controller of this host can use the engine; undefined while nothing is known of that controller. */
  canUse(host: Pick<TestedHost, "name">, engine: EngineId): boolean | undefined;
  putCredential(name: string, secret: Credential, actor: Actor): Promise<void>;
  deleteCredential(name: string, actor: Actor): Promise<void>;
  testConnection(host: TestedHost, actor: Actor): Promise<ConnectionReport>;
  setHostKeyPolicy(policy: "strict" | "accept_new", actor: Actor): Promise<void>;
  forgetHostKey(address: string, port: number, actor: Actor): Promise<void>;
  /** Looks for usable engines anew on every connected controller. */
  probeEngines(): Promise<readonly ControllerStatus[]>;
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

export interface TestedHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly engine: EngineId;
  readonly user: string;
  readonly credential: string;
  readonly proxyJump: string;
}

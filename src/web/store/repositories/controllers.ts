import type { ControllerState, EngineReport } from "../../../contract/controller.ts";

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

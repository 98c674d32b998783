/** What web server, console and CLI say of a controller. */

/**
 * `draining` takes no new orders and finishes what it has; `revoked` is never spoken to again, under its name only
 * after it was enrolled anew.
 */
export const controllerStates = ["enabled", "draining", "revoked"] as const;
export type ControllerState = (typeof controllerStates)[number];

/** What a controller is called: part of orders, certificates and file names. */
export const controllerNamePattern = /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/;
/** A zone is a word of letters (of any script), digits, `.`, `_` and `-`. */
export const zoneNamePattern = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u;
/** Hosts belong to it when neither they nor their categories name one. */
export const defaultZone = "default";

/** What a controller says of one of its engines. */
export interface EngineReport {
  readonly id: string;
  readonly usable: boolean;
  readonly version: string;
  /** Why it is not usable, and how to make it so; empty when it is. */
  readonly reason: string;
  readonly mend: string;
  /** What stays dangerous while it is used as it is set up; empty mostly. */
  readonly warning: string;
}

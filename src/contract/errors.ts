import type { Reason } from "./reasons.ts";

/**
 * The one error class and its closed catalogue. A message names the thing, says what is wrong and what to do;
 * it is shown to people as it is. `cause` goes to the log only. docs/errors.md lists every code (a test holds the two together).
 */

interface CatalogueEntry {
  /** HTTP status of a problem document with this code. */
  readonly status: number;
  /** Short, constant title (RFC 9457 `title`). */
  readonly title: string;
}

export const errorCatalogue = {
  "request.invalid": { status: 400, title: "The request is not well formed" },
  "request.not_found": { status: 404, title: "There is nothing at this address" },
  "request.too_large": { status: 413, title: "The request is too large" },
  "request.too_many": { status: 429, title: "Too many requests" },
  "request.foreign_origin": { status: 403, title: "The request comes from a foreign page" },
  "request.unanswered": { status: 502, title: "OMServer did not answer" },
  "access.not_signed_in": { status: 401, title: "Not signed in" },
  "access.denied": { status: 403, title: "Not permitted" },
  "access.bad_credentials": { status: 401, title: "Name or password is wrong" },
  "access.bad_link": { status: 401, title: "This one-time link is not valid" },
  "query.syntax": { status: 422, title: "The host query has a syntax error" },
  "query.unknown_name": { status: 422, title: "The host query names something that does not exist" },
  "query.no_hosts": { status: 422, title: "The query matches no host" },
  "inventory.invalid": { status: 422, title: "The inventory change is not valid" },
  "inventory.duplicate": { status: 409, title: "The name is already taken" },
  "inventory.in_use": { status: 409, title: "It is still in use" },
  "module.invalid": { status: 422, title: "The module is not valid" },
  "module.parameters": { status: 422, title: "The module's parameters are not valid" },
  "module.unsupported": { status: 422, title: "The module has no implementation for an engine of these hosts" },
  "run.confirmation": { status: 409, title: "The run needs a confirmation" },
  "run.changed": { status: 409, title: "What would run has changed since it was shown" },
  "run.finished": { status: 409, title: "The run has already finished" },
  "run.not_waiting": { status: 409, title: "The run does not wait for a second person" },
  "run.duplicate": { status: 409, title: "The idempotency key was used for a different run" },
  "order.refused": { status: 409, title: "The controller refused the order" },
  "controller.unreachable": { status: 503, title: "The controller cannot be reached" },
  "engine.unusable": { status: 503, title: "The engine cannot be used here" },
  "engine.broken": { status: 500, title: "The engine broke" },
  "credential.unusable": { status: 422, title: "The credential cannot be used" },
  "audit.unavailable": { status: 503, title: "The audit record cannot be written" },
  "audit.broken": { status: 500, title: "The audit chain does not verify" },
  "store.unavailable": { status: 503, title: "The database cannot be used" },
  "store.conflict": { status: 409, title: "It was changed by someone else" },
  "backup.invalid": { status: 422, title: "The backup cannot be restored" },
  "config.invalid": { status: 500, title: "The configuration is not valid" },
  "internal.error": { status: 500, title: "Something broke inside OMServer" },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** One fault in what was sent: where it stands and what is wrong with it. */
export interface Problem {
  /** JSON pointer into the body, a field name, or `line:column` of a text. */
  readonly place: string;
  readonly message: string;
  /** The message by its code and values; set in what clients get. */
  readonly reason?: Reason;
}

export interface OmErrorOptions {
  readonly cause?: unknown;
  /** The message by its code and values, where a client got them. */
  readonly reason?: Reason;
  readonly problems?: readonly Problem[];
}

export class OmError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly reason: Reason | undefined;

  constructor(code: ErrorCode, message: string, options: OmErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "OmError";
    this.code = code;
    this.problems = options.problems ?? [];
    this.reason = options.reason;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }
}

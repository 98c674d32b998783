import type { FastifyRequest } from "fastify";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

export interface OriginCheck {
  readonly method: string;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which a browser sets and no page can forge. */
  readonly site: string | undefined;
  /** Whether the browser's cookie is what would let the request in. */
  readonly byCookie: boolean;
  readonly ownOrigins: readonly string[];
}

const reading = new Set(["GET", "HEAD"]);

/**
 * Why the request may come from a foreign page, or undefined. Every request that says it comes from elsewhere is
 * foreign, also one that only reads; one that changes something by cookie must say that it comes from here.
 */
export function foreignReason(check: OriginCheck): string | undefined {
  if (check.origin !== undefined && !check.ownOrigins.includes(check.origin)) {
    return reasonText("foreign_origin", {
      origin: JSON.stringify(check.origin),
      own: [...new Set(check.ownOrigins)].join(", "),
    });
  }
  if (check.site === "cross-site" || check.site === "same-site") return reasonText("foreign_site");
  if (reading.has(check.method) || !check.byCookie) return undefined;
  if (check.origin !== undefined || check.site === "same-origin") return undefined;
  return reasonText("foreign_unsaid");
}

/** The one check against cross-site requests, on every route. */
export function refuseForeign(request: FastifyRequest, publicOrigin: string | undefined, byCookie: boolean): void {
  const reason = foreignReason({
    method: request.method,
    origin: header(request, "origin"),
    site: header(request, "sec-fetch-site"),
    byCookie,
    ownOrigins: [`${request.protocol}://${request.host}`, ...(publicOrigin === undefined ? [] : [publicOrigin])],
  });
  if (reason === undefined) return;
  throw new OmError("request.foreign_origin", reason);
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

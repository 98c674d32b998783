import type { FastifyRequest } from "fastify";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/** A name or address as URLs have it, and a port. */
const hostPattern = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;

/**
 * The address to name in what is handed out (links, scripts that hosts run as root): the configured one, or by which the
 * console was reached. That one comes out of the request's Host header, so it is taken only when it is a plain name or
 * address; else throws `request.invalid`.
 */
export function ownAddress(request: Pick<FastifyRequest, "protocol" | "host">, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl;
  const { protocol, host } = request;
  if (host.length > 260 || !hostPattern.test(host)) {
    throw new OmError("request.invalid", reasonText("request_host_header"));
  }
  return `${protocol}://${host}`;
}

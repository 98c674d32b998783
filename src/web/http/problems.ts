import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { errorCatalogue, OmError, type Problem } from "../../contract/errors.ts";
import type { problemDocument } from "../../contract/http/schemas/problem.ts";
import { type Reason, readReason, reasonText } from "../../contract/reasons.ts";
import { zodFault } from "../../contract/zod-fault.ts";
import { TooManyRequests } from "./attempts.ts";

export type ProblemDocument = z.output<typeof problemDocument>;

/** RFC 9457: every answer that is not a success is one of these. `type` is an address of this server that explains it. */
export function problemDocumentOf(error: OmError, requestId: string): ProblemDocument {
  return {
    type: `/api/docs#${error.code}`,
    title: errorCatalogue[error.code].title,
    status: error.status,
    code: error.code,
    detail: shortened(error.message),
    ...reasonOf(error.message),
    instance: `urn:uuid:${requestId}`,
    problems: error.problems.map(({ place, message }) => ({
      place: shortened(place),
      message: shortened(message),
      ...reasonOf(message),
    })),
  };
}

function reasonOf(message: string): { reason?: Reason } {
  const reason = readReason(message);
  if (reason === undefined) return {};
  const values = Object.entries(reason.values).map(([place, value]) => [place, shortened(value)]);
  return { reason: { code: reason.code, values: Object.fromEntries(values) } };
}

/** What was sent may stand in a place or a sentence, and may be a megabyte long. */
const longestText = 2000;

function shortened(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText).toWellFormed()}…`;
}

/** Sends the problem; what broke inside is logged with the request's id and told to nobody else. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = omErrorOf(thrown, request.id);
  if (isElsewhere(error)) request.log.warn({ code: error.code, detail: error.message }, "request refused");
  else if (error.status >= 500) request.log.error({ err: thrown, code: error.code }, "request failed");
  else request.log.debug({ code: error.code, detail: error.message }, "request refused");
  if (error instanceof TooManyRequests) reply.header("retry-after", String(error.retryAfterSeconds));
  if (error.code === "access.not_signed_in") reply.header("www-authenticate", 'Bearer realm="omserver"');
  return (
    reply
      .code(error.status)
      .header("content-type", "application/problem+json; charset=utf-8")
      .header("cache-control", "no-store")
      // Also where the usual headers have not been set yet: an address that the router cannot read.
      .header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
      .header("x-content-type-options", "nosniff")
      .header("x-request-id", request.id)
      .send(JSON.stringify(problemDocumentOf(error, request.id)))
  );
}

/** Nothing is wrong with this server: what the request needs cannot be had on a controller just now. */
function isElsewhere({ code }: OmError): boolean {
  return code === "engine.unusable" || code === "controller.unreachable";
}

/** The answer to what is not even HTTP: there is no request to answer, only its connection. */
export function refuseConnection(socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const error = new OmError("request.invalid", reasonText("request_no_http"));
  const body = JSON.stringify(problemDocumentOf(error, randomUUID()));
  const head = [
    "HTTP/1.1 400 Bad Request",
    "Connection: close",
    "Content-Type: application/problem+json; charset=utf-8",
  ];
  socket.end(`${[...head, `Content-Length: ${Buffer.byteLength(body)}`].join("\r\n")}\r\n\r\n${body}`);
}

/** What Fastify itself refuses, in our words. */
const fastifyProblems: Readonly<Record<string, readonly ["request.invalid" | "request.too_large", string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["request.too_large", reasonText("body_too_large")],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["request.invalid", reasonText("body_wrong_type")],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["request.invalid", reasonText("body_empty")],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["request.invalid", reasonText("body_wrong_length")],
  FST_ERR_BAD_URL: ["request.invalid", reasonText("address_escape")],
  FST_ERR_MAX_PARAM_LENGTH: ["request.invalid", reasonText("address_part_long")],
};

function omErrorOf(thrown: unknown, requestId: string): OmError {
  if (thrown instanceof OmError) return thrown;
  const { code, statusCode, message } = (thrown ?? {}) as { code?: unknown; statusCode?: unknown; message?: unknown };
  // Node's own words for a request whose connection closed; a database's lost connection is called otherwise.
  if (code === "ECONNRESET" && message === "aborted") {
    return new OmError("request.invalid", reasonText("body_cut"), { cause: thrown });
  }
  const known = typeof code === "string" ? fastifyProblems[code] : undefined;
  if (known !== undefined) return new OmError(known[0], known[1], { cause: thrown });
  if (statusCode === 403 || statusCode === 404) {
    return new OmError("request.not_found", reasonText("address_nothing"), { cause: thrown });
  }
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return new OmError("request.invalid", reasonText("request_malformed"), { cause: thrown });
  }
  return new OmError("internal.error", reasonText("broke_inside", { request: requestId }), { cause: thrown });
}

/** `request.invalid` with the place of each fault: a JSON pointer into the body, or the name of a parameter. */
export function invalidRequest(part: "body" | "query" | "params", error: z.core.$ZodError): OmError {
  const problems = error.issues.slice(0, 50).map((issue) => problemOf(part, issue));
  const [first] = problems;
  const [bare, faulty] = refusals[part];
  const fault =
    first &&
    (first.place === "" ? first.message : reasonText("fault_at", { place: first.place, fault: first.message }));
  const message = fault === undefined ? reasonText(bare) : reasonText(faulty, { fault });
  return new OmError("request.invalid", message, { problems, cause: error });
}

const refusals = {
  body: ["body_not_taken", "body_fault"],
  query: ["query_string_not_taken", "query_string_fault"],
  params: ["address_not_taken", "address_fault"],
} as const;

function problemOf(part: "body" | "query" | "params", issue: z.core.$ZodIssue): Problem {
  const { path, issue: found } = innermost(issue);
  const names = path.map(String);
  // A key that is not known is the place itself.
  const place = found.code === "unrecognized_keys" ? [...names, found.keys[0] ?? ""] : names;
  return { place: part === "body" ? jsonPointer(place) : place.join("."), message: zodFault(found) };
}

/** Of a union, the fault of the variant that came closest: “must be text” at the right field, not of the whole. */
function innermost(issue: z.core.$ZodIssue): {
  readonly path: readonly PropertyKey[];
  readonly issue: z.core.$ZodIssue;
} {
  const own = { path: issue.path, issue };
  if (issue.code !== "invalid_union") return own;
  const closest = issue.errors
    .map((issues) => issues[0])
    .filter((first) => first !== undefined)
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (closest === undefined || closest.path.length === 0) return own;
  const inner = innermost(closest);
  return { path: [...issue.path, ...inner.path], issue: inner.issue };
}

/** RFC 6901. */
export function jsonPointer(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

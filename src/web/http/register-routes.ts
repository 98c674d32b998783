import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { OmError } from "../../contract/errors.ts";
import type { Route } from "../../contract/http/route.ts";
import { type RouteName, routes } from "../../contract/http/routes.ts";
import { reasonText } from "../../contract/reasons.ts";
import { writeAudit } from "./audit.ts";
import type { AuditNote } from "./audit-note.ts";
import { authenticate, credentialsIn } from "./authenticate.ts";
import type { Bytes, Call, Handler, Handlers } from "./call.ts";
import { isStorable } from "./json-body.ts";
import type { Services } from "./parts.ts";
import { refuseForeign } from "./same-origin.ts";
import { authorize } from "./who.ts";

const megabyte = 1_048_576;
const usualBodyBytes = 2 * megabyte;
/** Routes whose body may be larger than usual: a long script with its parameters, a whole inventory. */
const bodyBytes: Partial<Record<RouteName, number>> = {
  previewRun: 8 * megabyte,
  startRun: 8 * megabyte,
  importHosts: 96 * megabyte,
  importFirstOmserver: 160 * megabyte,
};

/**
 * Registers every route of the contract with its handler, and its checks before it: where the request comes from, who
 * asks, whether they may. All of them before the first byte of the body is read.
 */
export async function registerRoutes(app: FastifyInstance, handlers: Handlers, services: Services): Promise<void> {
  const names = Object.keys(routes) as RouteName[];
  const without = names.filter((name) => !Object.hasOwn(handlers, name));
  const unknown = Object.keys(handlers).filter((name) => !Object.hasOwn(routes, name));
  if (without.length + unknown.length > 0) {
    throw new Error(`Routes without handler: ${without.join(", ")}; handlers without route: ${unknown.join(", ")}.`);
  }
  const of = (name: RouteName): Route => routes[name];
  for (const name of names.filter((each) => of(each).upload === undefined)) register(app, name, handlers, services);
  await app.register(async (uploads) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser("application/octet-stream", (_request, payload, done) => done(null, payload));
    for (const name of names.filter((each) => of(each).upload !== undefined)) {
      register(uploads, name, handlers, services);
    }
  });
}

function register(app: FastifyInstance, name: RouteName, handlers: Handlers, services: Services): void {
  const route: Route = routes[name];
  const handler = handlers[name] as unknown as Handler<Route>;
  const publicOrigin = services.config.publicUrl === undefined ? undefined : new URL(services.config.publicUrl).origin;
  app.route({
    method: route.method,
    url: `/api/v1${route.path}`,
    bodyLimit: bodyBytes[name] ?? usualBodyBytes,
    schema: schemaOf(name, route),
    async onRequest(request, reply) {
      reply.header("cache-control", "no-store");
      refuseUnreadable(request.url);
      refuseForeign(request, publicOrigin, credentialsIn(request, services)?.by === "session");
      if (route.permission === "public") return;
      const who = await authenticate(request, services);
      authorize(who, route.permission);
      request.who = who;
      refuseLargeUpload(request, route);
    },
    async handler(request, reply) {
      const result: unknown = await handler(callOf(request, reply, route, services), services);
      return answer(route, reply, result);
    },
  });
}

/** Before a gigabyte has come; a body without a length is counted while it is written. */
function refuseLargeUpload(request: FastifyRequest, { upload }: Route): void {
  if (upload === undefined || Number(request.headers["content-length"] ?? 0) <= upload.maxBytes) return;
  throw new OmError("request.too_large", reasonText("upload_too_large", { bytes: upload.maxBytes }));
}

/** An address with a broken escape or a NUL means nothing, and no database could look for it. */
function refuseUnreadable(url: string): void {
  try {
    if (isStorable(decodeURIComponent(url))) return;
  } catch {
    // Not UTF-8: falls through to the same answer.
  }
  throw new OmError("request.invalid", reasonText("address_escape_text"));
}

function schemaOf(name: RouteName, route: Route) {
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.query === undefined ? {} : { querystring: route.query }),
    ...(route.body === undefined ? {} : { body: route.body }),
    ...(route.response === undefined ? {} : { response: { [route.status ?? 200]: route.response } }),
  };
}

function callOf(request: FastifyRequest, reply: FastifyReply, route: Route, services: Services): Call<Route> {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  return {
    params: request.params,
    query: request.query,
    body: request.body,
    upload: route.upload === undefined ? undefined : (request.body ?? Readable.from([])),
    who: request.who,
    source: request.ip,
    audit: (note: AuditNote) => writeAudit(services, note, request.who?.user.name, request.ip),
    signal: AbortSignal.any([gone.signal, services.closing]),
    request,
    reply,
  } as unknown as Call<Route>;
}

function answer(route: Route, reply: FastifyReply, result: unknown): FastifyReply {
  switch (route.answer) {
    case "json":
      return reply.code(route.status ?? 200).send(result);
    case "empty":
      return reply.code(route.status ?? 204).send();
    case "events":
      return reply
        .header("content-type", "text/event-stream; charset=utf-8")
        .header("x-accel-buffering", "no")
        .send(Readable.from(result as AsyncIterable<string>));
    case "bytes":
      return sendBytes(reply, result as Bytes);
  }
}

function sendBytes(reply: FastifyReply, { content, fileName, type }: Bytes): FastifyReply {
  reply.header("content-type", type ?? "application/octet-stream");
  reply.header("content-disposition", attachment(fileName));
  if (content instanceof Uint8Array) {
    return reply.send(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  }
  return reply.send(Readable.from(content));
}

/** RFC 6266 with RFC 8187 for a name that is not plain ASCII. */
function attachment(fileName: string): string {
  const plain = fileName.replace(/[^A-Za-z0-9._-]/g, "_");
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

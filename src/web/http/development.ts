import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance } from "fastify";
import { authenticate } from "./authenticate.ts";
import type { Services } from "./parts.ts";
import { authorize } from "./who.ts";

/**
 * Development only, and loaded only then: every API answer tells how long it took and which SQL it ran. The header
 * `Server-Timing` has the sums; `GET /api/v1/__development/requests` has the statements of the last requests, by the
 * id in their `X-Request-Id`. Statements come without their values.
 */

export interface DevelopmentRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  status: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  milliseconds: number;
  readonly statements: { readonly sql: string; readonly milliseconds: number; readonly afterMilliseconds: number }[];
}

const kept = 200;
const current = new AsyncLocalStorage<{ readonly request: DevelopmentRequest; readonly start: number }>();

/** For the store's `onQuery`: notes the statement with the request that runs it. */
export function recordQuery(query: { readonly sql: string; readonly milliseconds: number }): void {
  const context = current.getStore();
  if (context === undefined) return;
  const afterMilliseconds = performance.now() - context.start - query.milliseconds;
  context.request.statements.push({ sql: query.sql, milliseconds: query.milliseconds, afterMilliseconds });
}

export function registerDevelopment(app: FastifyInstance, services: Services): void {
  const requests: DevelopmentRequest[] = [];

  app.addHook("onRequest", (request, _reply, done) => {
    if (!request.url.startsWith("/api/v1/") || request.url.startsWith("/api/v1/__development/")) return done();
    const { id, method, url } = request;
    const noted = { id, method, url, status: 0, at: Date.now(), milliseconds: 0, statements: [] };
    requests.unshift(noted);
    requests.length = Math.min(requests.length, kept);
    current.run({ request: noted, start: performance.now() }, done);
  });

  app.addHook("onSend", async (_request, reply) => {
    const context = current.getStore();
    if (context === undefined) return;
    const { request } = context;
    request.milliseconds = reply.elapsedTime;
    request.status = reply.statusCode;
    const sql = request.statements.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const statements = `sql;dur=${sql.toFixed(2)};desc="${request.statements.length} statements"`;
    reply.header("server-timing", `total;dur=${reply.elapsedTime.toFixed(2)}, ${statements}`);
  });

  app.get("/api/v1/__development/requests", { schema: { hide: true } }, async (request, reply) => {
    authorize(await authenticate(request, services), "self");
    const { id } = request.query as { id?: string };
    const shown = id === undefined ? requests : requests.filter((each) => each.id === id);
    return reply.header("cache-control", "no-store").send({ requests: shown });
  });
}

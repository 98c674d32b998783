import { randomUUID } from "node:crypto";
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import { type FastifyInstance, type FastifyServerOptions, fastify, LogController } from "fastify";
import { createSerializerCompiler } from "fastify-type-provider-zod";
import type { z } from "zod";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import { registerApiPage } from "./api-page.ts";
import { createAttempts, TooManyRequests } from "./attempts.ts";
import { registerClosing } from "./closing.ts";
import { registerConsole } from "./console-files.ts";
import { handlers } from "./handlers/handlers.ts";
import { registerHealth } from "./health.ts";
import { registerJsonBody } from "./json-body.ts";
import { registerOpenApi } from "./openapi.ts";
import type { HttpParts, Services } from "./parts.ts";
import { createPasswords } from "./passwords.ts";
import { invalidRequest, refuseConnection, sendProblem } from "./problems.ts";
import { registerRoutes } from "./register-routes.ts";
import { createRunApprovals } from "./run-approvals.ts";
import { createRunRequests } from "./run-requests.ts";
import { registerSecurityHeaders } from "./security-headers.ts";
import { createSessions } from "./sessions.ts";

export type { HttpConfig, HttpParts } from "./parts.ts";

const minute = 60_000;

/**
 * The web server's HTTP side, not listening yet: `listen({ host, port })` starts it, `close()` ends live streams, lets
 * running requests finish (ten seconds at most) and resolves. Throws when a route has no handler or a handler no route.
 */
export async function createHttpServer(parts: HttpParts): Promise<FastifyInstance> {
  const closing = new AbortController();
  const services = servicesOf(parts, closing.signal);
  const { config, log } = parts;
  const options: FastifyServerOptions = {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    trustProxy: config.trustProxy,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    // Long enough for a large upload over a slow line; headers have Node's own 60 s.
    requestTimeout: 60 * minute,
    clientErrorHandler: (_error, socket) => refuseConnection(socket),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
  };
  const app = fastify(options);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data) => {
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    const part = httpPart === "querystring" ? "query" : httpPart === "params" ? "params" : "body";
    return { error: invalidRequest(part, result.error) };
  });
  app.setSerializerCompiler(createSerializerCompiler());
  app.decorateRequest("who", undefined);
  registerClosing(app, closing);
  app.addHook("onResponse", async (request, reply) => {
    const { method, ip, who } = request;
    const told = { method, route: request.routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime };
    const level = method === "GET" ? "debug" : "info";
    request.log[level]({ ip, user: who?.user.name, ...told }, "request answered");
  });

  await registerSecurityHeaders(app, config.secureCookies);
  await app.register(cookie);
  await app.register(rateLimit, {
    max: config.requestsPerMinute ?? 6000,
    timeWindow: minute,
    ipv6Subnet: 64,
    errorResponseBuilder: (_request, { ttl }) => {
      const seconds = Math.max(1, Math.ceil(ttl / 1000));
      return new TooManyRequests(reasonText("too_many_from_address", { seconds }), seconds);
    },
  });
  registerJsonBody(app);
  if (config.development) {
    const { registerDevelopment } = await import("./development.ts");
    registerDevelopment(app, services);
  }
  await registerOpenApi(app);
  await registerRoutes(app, handlers, services);
  registerHealth(app, parts.store);
  registerApiPage(app);
  const sendPage = await registerConsole(app, config.consoleFolder);
  app.setNotFoundHandler((request, reply) => {
    const page = sendPage(request, reply);
    if (page !== undefined) return page;
    const path = request.url.split("?")[0]?.slice(0, 200) ?? "";
    throw new OmError("request.not_found", reasonText("address_unknown", { address: `${request.method} ${path}` }));
  });
  await app.ready();
  return app;
}

function servicesOf(parts: HttpParts, closing: AbortSignal): Services {
  const { store, config } = parts;
  const clock = parts.clock ?? Date.now;
  return {
    ...parts,
    clock,
    closing,
    setupTurn: oneAtATime(),
    passwords: createPasswords(),
    sessions: createSessions({
      store,
      clock,
      secure: config.secureCookies,
      ...(config.sessionIdleMilliseconds === undefined ? {} : { idleMilliseconds: config.sessionIdleMilliseconds }),
      ...(config.sessionMilliseconds === undefined ? {} : { absoluteMilliseconds: config.sessionMilliseconds }),
    }),
    runRequests: createRunRequests(parts),
    runApprovals: createRunApprovals(parts),
    nameAttempts: createAttempts({ max: 10, windowMilliseconds: 10 * minute, clock }),
    addressAttempts: createAttempts({ max: 60, windowMilliseconds: 10 * minute, clock }),
    reportAttempts: createAttempts({ max: 120, windowMilliseconds: minute, what: "reports", clock }),
    tokenAttempts: createAttempts({ max: 120, windowMilliseconds: minute, clock }),
  };
}

function oneAtATime(): Services["setupTurn"] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

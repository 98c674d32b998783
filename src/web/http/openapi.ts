import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { z } from "zod";
import { errorCatalogue } from "../../contract/errors.ts";
import type { Answer, Route } from "../../contract/http/route.ts";
import { type RouteName, routes } from "../../contract/http/routes.ts";
import { problemDocument } from "../../contract/http/schemas/problem.ts";
import { version } from "./version.ts";

const tags: Readonly<Record<string, string>> = {
  access: "Sign-in, sessions, users and API tokens",
  inventory: "Categories and hosts",
  modules: "The catalogue of task modules",
  files: "The library of files for hosts",
  runs: "Running modules on hosts, live and afterwards",
  audit: "Who did what",
  credentials: "Ways into hosts, write-only",
  platform: "Settings and controllers",
};

const description = [
  "Times are milliseconds since 1970. An error is a problem document (RFC 9457) whose code is stable.",
  "Sign in with an API token (Authorization: Bearer om_…) or with the console's cookie.",
].join(" ");

const binary = { type: "string", format: "binary" };

/** Answers that are no JSON. */
const otherAnswers: Readonly<Record<Exclude<Answer, "json">, Readonly<Record<number, unknown>>>> = {
  bytes: { 200: { description: "A download", content: { "application/octet-stream": { schema: binary } } } },
  events: {
    200: { description: "Server-sent events", content: { "text/event-stream": { schema: { type: "string" } } } },
  },
  empty: { 204: { description: "Done", type: "null" } },
};

/**
 * OpenAPI 3.1 of the whole API at `/api/v1/openapi.json`, made from the schemas that check the requests. Public: it
 * holds what the source holds. Registered before the routes, which it listens to.
 */
export async function registerOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "OMServer", version, description, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
      tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "An API token" },
          session: { type: "apiKey", in: "cookie", name: "__Host-omserver", description: "The console's session" },
        },
      },
    },
    transform(document) {
      const { schema, url } = jsonSchemaTransform(document);
      const name = (document.schema as { operationId?: RouteName } | undefined)?.operationId;
      return { schema: name === undefined ? schema : { ...schema, ...extras(routes[name]) }, url };
    },
  });
  let text: string | undefined;
  app.get("/api/v1/openapi.json", { schema: { hide: true } }, async (_request, reply) => {
    text ??= JSON.stringify(withProblems(app.swagger()));
    return reply.header("cache-control", "no-cache").type("application/json; charset=utf-8").send(text);
  });
}

function extras(route: Route): Record<string, unknown> {
  return {
    "x-permission": route.permission,
    security: route.permission === "public" ? [] : [{ token: [] }, { session: [] }],
    ...(route.upload === undefined ? {} : { consumes: ["application/octet-stream"], body: binary }),
    ...(route.answer === "json" ? {} : { response: otherAnswers[route.answer] }),
  };
}

/** Every operation may answer with a problem; the codes are listed once. */
function withProblems(document: object): object {
  const api = document as {
    components?: Record<string, unknown>;
    paths?: Record<string, Record<string, { responses?: Record<string, unknown> }>>;
  };
  for (const operations of Object.values(api.paths ?? {})) {
    for (const operation of Object.values(operations)) {
      operation.responses = { ...operation.responses, default: { $ref: "#/components/responses/Problem" } };
    }
  }
  const schema = z.toJSONSchema(problemDocument);
  const Problem = { description: "A problem document", content: { "application/problem+json": { schema } } };
  const errors = Object.entries(errorCatalogue).map(([code, entry]) => ({ code, ...entry }));
  return { ...api, components: { ...api.components, responses: { Problem } }, "x-errors": errors };
}

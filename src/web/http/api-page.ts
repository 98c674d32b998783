import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";

const files = [
  ["/api/docs", "index.html", "text/html; charset=utf-8"],
  ["/api/docs/page.css", "page.css", "text/css; charset=utf-8"],
  ["/api/docs/page.js", "page.js", "text/javascript; charset=utf-8"],
] as const;

/** The readable page of the API at `/api/docs`: three files of our own that read openapi.json. Public, like that. */
export function registerApiPage(app: FastifyInstance): void {
  for (const [url, name, type] of files) {
    const content = readFileSync(new URL(`./api-page/${name}`, import.meta.url));
    app.get(url, { schema: { hide: true } }, async (_request, reply) =>
      reply.header("cache-control", "no-cache").type(type).send(content),
    );
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** Answers a browser that navigates to one of the console's own addresses; undefined when the request is none. */
export type SendPage = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>OMServer</title>
<h1>The console is not built</h1><p>Run <code>npm run build</code> and start OMServer again. The API works: <a href="/api/docs">/api/docs</a>.</p></html>
`;

/**
 * The built console. Files under `assets/` carry their hash in their name and are kept for a year; everything else is
 * asked for anew. Any other address that a browser navigates to is the single page, which knows its own routes.
 */
export async function registerConsole(app: FastifyInstance, folder: string): Promise<SendPage> {
  const built = existsSync(join(folder, "index.html"));
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      index: false,
      dotfiles: "deny",
      cacheControl: false,
      // The build has made them; a browser that takes neither gets the file itself.
      preCompressed: true,
      setHeaders(reply, path) {
        const hashed = path.startsWith(join(folder, "assets"));
        reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  function page(reply: FastifyReply): FastifyReply {
    reply.code(200).header("cache-control", "no-cache");
    return built ? reply.sendFile("index.html") : reply.type("text/html; charset=utf-8").send(notBuilt);
  }
  app.get("/", { exposeHeadRoute: true, schema: { hide: true } }, (_request, reply) => page(reply));
  return (request, reply) => (isNavigation(request) ? page(reply) : undefined);
}

/** A page of the console has no dot in its last part: a missing file stays missing. */
function isNavigation({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split("?")[0] ?? "";
  if (method !== "GET" || path === "/api" || path.startsWith("/api/") || path.startsWith("/assets/")) return false;
  return (headers.accept ?? "").includes("text/html") && !/\.[^/]*$/.test(path);
}

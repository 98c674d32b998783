import type { FastifyInstance } from "fastify";
import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { Store } from "../store/store.ts";

/** For a watchdog and a load balancer; they say nothing but yes or no, to anybody. */
export function registerHealth(app: FastifyInstance, store: Store): void {
  app.get("/healthz", { exposeHeadRoute: true, schema: { hide: true } }, async (_request, reply) => {
    return reply.header("cache-control", "no-store").type("text/plain").send("ok\n");
  });
  app.get("/readyz", { exposeHeadRoute: true, schema: { hide: true } }, async (_request, reply) => {
    try {
      await store.users.count();
    } catch (cause) {
      throw new OmError("store.unavailable", reasonText("database_silent"), { cause });
    }
    return reply.header("cache-control", "no-store").type("text/plain").send("ok\n");
  });
}

import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** How long running requests may take to finish once the server closes. */
const graceMilliseconds = 10_000;

/**
 * Lets the server close soon whatever browsers hold open: live streams end by `closing`, connections that a browser
 * opened in advance and never used go at once, kept ones when their answer has ended, and what still runs after ten
 * seconds is cut.
 */
export function registerClosing(app: FastifyInstance, closing: AbortController): void {
  const sockets = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  app.addHook("preClose", async () => {
    closing.abort();
    for (const socket of sockets) {
      if (socket.bytesRead === 0) socket.destroy();
    }
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMilliseconds);
    app.server.once("close", () => clearTimeout(cut));
  });
  app.addHook("onResponse", async () => {
    if (closing.signal.aborted) setImmediate(() => app.server.closeIdleConnections());
  });
}

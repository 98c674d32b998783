import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Direction = "toServer" | "toClient";

/** Stands between the two ends of a connection, and can do to it what networks do. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that stand just now. */
  readonly connections: () => number;
  /** Bytes that were passed on, in both directions. */
  readonly passed: () => number;
  /** Resets every connection. */
  cut(): void;
  /** New connections are accepted (again), or reset at once. */
  accept(yes: boolean): void;
  /** Bytes of a direction are taken and thrown away, while the connections look alive; or passed on (again). */
  swallow(direction: Direction, yes: boolean): void;
  /** What stands now is dead from here on, and nobody is told; new connections work. */
  forget(): void;
  /** Bytes of a direction are not even taken, as from a peer that does not read; or passed on (again). */
  hold(direction: Direction, yes: boolean): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<{ readonly client: Socket; readonly server: Socket; dead: boolean }>();
  const sockets = new Set<Socket>();
  const swallowed = { toServer: false, toClient: false };
  const held = { toServer: false, toClient: false };
  let accepting = true;
  let passed = 0;

  const listener = createServer({ allowHalfOpen: false }, (client) => {
    client.on("error", () => undefined);
    if (!accepting) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: target.host ?? "127.0.0.1", port: target.port });
    server.on("error", () => undefined);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    }
    const pair = { client, server, dead: false };
    pairs.add(pair);
    function pass(from: Socket, to: Socket, direction: Direction): void {
      from.on("data", (bytes) => {
        if (swallowed[direction] || pair.dead) return;
        passed += bytes.byteLength;
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => {
        if (!held[direction]) from.resume();
      });
      from.on("close", () => {
        pairs.delete(pair);
        // A peer that the network swallows hears nothing of the other's end.
        if (!swallowed[direction] && !pair.dead) to.destroy();
      });
      if (held[direction]) from.pause();
    }
    pass(client, server, "toServer");
    pass(server, client, "toClient");
  });
  await new Promise<void>((resolve) => listener.listen({ host: "127.0.0.1", port: 0 }, resolve));

  function cut(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    pairs.clear();
  }

  return {
    port: (listener.address() as AddressInfo).port,
    connections: () => pairs.size,
    passed: () => passed,
    cut,
    accept(yes) {
      accepting = yes;
    },
    forget() {
      for (const pair of pairs) pair.dead = true;
    },
    swallow(direction, yes) {
      swallowed[direction] = yes;
    },
    hold(direction, yes) {
      held[direction] = yes;
      for (const { client, server } of pairs) {
        const from = direction === "toServer" ? client : server;
        if (yes) from.pause();
        else from.resume();
      }
    },
    async close() {
      // Also those whose other end is gone and who were not told.
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}

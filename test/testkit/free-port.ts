import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port of the loopback interface for a server that is yet to be started, and to be started again. Below the range that
 * Linux picks from by itself (ip_local_port_range), and beside those of demo fleets: no other test is given it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const server = createServer().listen(randomInt(10_000, 20_000), "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      // Somebody has it.
      continue;
    }
    const address = server.address();
    server.close();
    await once(server, "close");
    if (address !== null && typeof address === "object") return address.port;
  }
  throw new Error("no free port");
}

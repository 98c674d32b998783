import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dial, newAuthority, openLinkServer, type TestAuthority } from "../../../test/testkit/grpc-link.ts";
import type { Dialler } from "./dial.ts";
import type { LinkServer } from "./link-server.ts";

let authority: TestAuthority;
let server: LinkServer;
let dialler: Dialler;
let attached: number;

beforeEach(async () => {
  authority = await newAuthority();
  attached = 0;
  server = await openLinkServer(authority.web, { attach });
  const { identity } = await authority.controller("bj-1");
  dialler = dial(server.port, identity, { longestPause: 5000 });
  await expect.poll(() => attached, { timeout: 10_000 }).toBe(1);
});
afterEach(async () => {
  await dialler.close();
  await server.close();
  await authority[Symbol.asyncDispose]();
});

async function attach(end: { readonly closed: Promise<void> }): Promise<void> {
  attached += 1;
  await end.closed;
}

/** Counts who knocks at the port of a web server that is away. */
async function knocks(port: number, milliseconds: number): Promise<number> {
  let count = 0;
  const away: Server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => away.listen(port, "127.0.0.1", resolve));
  await sleep(milliseconds);
  await new Promise((resolve) => away.close(resolve));
  return count;
}

it("a controller looks for a web server that was stopped in order at a steady pace, and is linked again at once", async () => {
  const { port } = server;
  await server.close();

  const tries = await knocks(port, 4000);
  server = await openLinkServer(authority.web, { port, attach });

  await expect.poll(() => attached, { timeout: 5000 }).toBe(2);
  // With pauses that grow there would be six at most.
  expect(tries).toBeGreaterThan(8);
});

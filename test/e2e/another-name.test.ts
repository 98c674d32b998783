import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { dial, newAuthority, openLinkServer } from "../testkit/grpc-link.ts";
import { answers, createScriptedEngine } from "../testkit/scripted-engine.ts";
import { finished, newSigningKeys, openControllerSide, openWebSide, startRun } from "../testkit/spine.ts";
import { zonedHost } from "../testkit/two-controllers.ts";

it("a controller that calls itself by another name than its certificate's is not served, and gets no order of that name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "omserver-another-name-"));
  const signingKey = newSigningKeys();
  const engine = createScriptedEngine((host) => answers(host));
  const web = await openWebSide({ folder, signingKey, controllers: { "bj-1": "bj", "sh-1": "sh" } });
  await using made = await newAuthority();
  const attached: string[] = [];
  const server = await openLinkServer(made.web, {
    attach(end, name) {
      attached.push(name);
      return web.dispatcher.attach(end, name);
    },
  });
  // It holds bj-1's certificate, and says that it is sh-1.
  const liar = await openControllerSide({ folder, engines: [engine], signingKey, name: "sh-1" });
  const { identity } = await made.controller("bj-1");
  const lying = dial(server.port, identity, { attach: (end, name) => liar.attach(end, name) });
  const connected = async () =>
    (await web.dispatcher.controllers()).filter((each) => each.connected).map(({ name }) => name);
  await expect.poll(() => attached.length, { timeout: 10_000 }).toBeGreaterThan(2);
  const run = await startRun(web, 1, { hosts: [zonedHost(0, "sh")] });
  await sleep(300);

  expect(new Set(attached)).toEqual(new Set(["bj-1"]));
  expect(await connected()).toEqual([]);
  expect(engine.started).toEqual([]);

  // The same controller with a certificate of its own name is served at once.
  await lying.close();
  const own = await made.controller("sh-1");
  const honest = dial(server.port, own.identity, { attach: (end, name) => liar.attach(end, name) });
  expect((await finished(web, run)).counts.ok).toBe(1);
  expect(await connected()).toEqual(["sh-1"]);

  await liar.close();
  await honest.close();
  await server.close();
  await web.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

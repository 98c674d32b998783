import { X509Certificate } from "node:crypto";
import { pino } from "pino";
import { expect, it } from "vitest";
import { dial, newAuthority, openLinkServer } from "../../../test/testkit/grpc-link.ts";
import type { ClientIdentity } from "../../link/grpc/connection.ts";
import { startRenewal } from "./renewal.ts";

const day = 24 * 3_600_000;
const log = pino({ level: "silent" });

it("renews a certificate over the live link once two thirds of its life are over, with a new key, and goes on with it", async () => {
  await using made = await newAuthority();
  const { identity, serial } = await made.controller("bj-1");
  let present = identity;
  const seen: string[] = [];
  const server = await openLinkServer(made.web, {
    async check(peer) {
      seen.push(peer.serial);
      return true;
    },
    renew: async ({ controller }, request) => (await made.authority.issue(controller, request)).certificate,
  });
  const dialler = dial(server.port, identity, { identity: () => present });
  await expect.poll(() => seen.length).toBeGreaterThan(0);
  let now = Date.now();
  let renewals = 0;
  const renewal = startRenewal({
    certificate: () => present.own?.certificate ?? "",
    renew: dialler.renew,
    use(own) {
      renewals += 1;
      present = { ...present, own } satisfies ClientIdentity;
      dialler.redial();
    },
    log,
    clock: () => now,
  });

  await renewal.look();
  expect(renewals).toBe(0);
  now += 21 * day;
  await renewal.look();
  await renewal.look();

  expect(renewals).toBe(1);
  expect(present.own?.key).not.toBe(identity.own?.key);
  const certificate = new X509Certificate(present.own?.certificate ?? "");
  expect(certificate.subjectAltName).toBe("URI:urn:omserver:controller:bj-1");
  await expect.poll(() => seen.at(-1)).toBe(certificate.serialNumber.toLowerCase());
  expect(certificate.serialNumber.toLowerCase()).not.toBe(serial);
  renewal.stop();
  await dialler.close();
  await server.close();
});

it("keeps what it has when nothing, or a certificate for another key, comes back, and tries again", async () => {
  await using made = await newAuthority();
  const { identity } = await made.controller("bj-1");
  const other = await made.controller("bj-1");
  const answers = [
    () => Promise.reject(new Error("no link")),
    async () => new Uint8Array(new X509Certificate(other.identity.own?.certificate ?? "").raw),
    async () => new Uint8Array([1, 2, 3]),
  ];
  let asked = 0;
  const used: unknown[] = [];
  const renewal = startRenewal({
    certificate: () => identity.own?.certificate ?? "",
    renew: () => answers[asked++]?.() ?? Promise.reject(new Error("no more")),
    use: (renewed) => used.push(renewed),
    log,
    clock: () => Date.now() + 25 * day,
  });

  for (const _ of answers) await renewal.look();

  expect(asked).toBe(3);
  expect(used).toEqual([]);
  renewal.stop();
});

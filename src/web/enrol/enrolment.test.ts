import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSigningRequest } from "../../controller/enrol/signing-request.ts";
import { createAttempts } from "../http/attempts.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import { type Authority, openAuthority } from "./authority.ts";
import { createEnrolment, type Enrolment } from "./enrolment.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

let folder: string;
let store: Store;
let authority: Authority;
let enrolment: Enrolment;
let time: number;
const clock = () => time;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "omserver-enrol-"));
  time = Date.now();
  store = await openStore({ kind: "sqlite", file: join(folder, "omserver.db") });
  authority = await openAuthority(join(folder, "keys"), clock);
  const attempts = createAttempts({ max: 10, windowMilliseconds: 15 * minute, clock });
  enrolment = createEnrolment({ store, authority, attempts, log: pino({ level: "silent" }), clock });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function enrolled(controller = "bj-1") {
  const { token } = await enrolment.invite({ controller, by: "wang" });
  const { request } = await createSigningRequest();
  return await enrolment.enrol(token, request, "10.0.0.9");
}

it("gives a client's certificate for the invited name and zone, and notes who invited before it counts", async () => {
  const { token, authoritySha256, expiresAt } = await enrolment.invite({ controller: "bj-1", zone: "bj", by: "wang" });
  const { request } = await createSigningRequest();

  const issued = await enrolment.enrol(token, request, "10.0.0.9");

  expect(Buffer.from(token, "base64url").byteLength).toBeGreaterThanOrEqual(16);
  expect(expiresAt - time).toBeLessThanOrEqual(30 * minute);
  expect(authoritySha256).toBe(authority.sha256);
  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.subjectAltName).toBe("URI:urn:omserver:controller:bj-1");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(certificate.ca).toBe(false);
  expect(certificate.validToDate.getTime() - time).toBeLessThanOrEqual(30 * day);
  expect(await store.controllers.get("bj-1")).toMatchObject({ zone: "bj", state: "enabled" });
  expect(await enrolment.isGood(issued)).toBe(true);
  const { rows } = await store.audit.list({}, { limit: 10 });
  expect(rows).toMatchObject([{ actor: "wang", action: "controller.enrol", object: "controller bj-1" }]);
});

it("gives what the invitation says, whatever the signing request asks for", async () => {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const asking = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=sh-1, OU=omserver:web",
    keys,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions: [
      new x509.BasicConstraintsExtension(true, 3, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: "urn:omserver:web" }]),
    ],
  });
  const { token } = await enrolment.invite({ controller: "bj-1", by: "wang" });

  const issued = await enrolment.enrol(token, new Uint8Array(asking.rawData), "10.0.0.9");

  const certificate = new X509Certificate(issued.certificate);
  expect(certificate.subject).toBe("CN=bj-1");
  expect(certificate.subjectAltName).toBe("URI:urn:omserver:controller:bj-1");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  expect(certificate.ca).toBe(false);
});

it("takes no signing request that is not signed by its own key, or of another kind of key", async () => {
  const { request } = await createSigningRequest();
  const forged = Uint8Array.from(request);
  forged[forged.length - 5] = (forged[forged.length - 5] ?? 0) ^ 1;
  const rsa = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await crypto.subtle.generateKey(rsa, true, ["sign", "verify"]);
  const other = await x509.Pkcs10CertificateRequestGenerator.create({ name: "CN=x", keys, signingAlgorithm: rsa });

  for (const bad of [forged, new Uint8Array(other.rawData), new Uint8Array([1, 2, 3]), new Uint8Array()]) {
    await expect(authority.issue("bj-1", bad)).rejects.toMatchObject({ code: "request.invalid" });
  }
});

it("takes an invitation once, within its time, and keeps only its hash", async () => {
  const { request } = await createSigningRequest();
  const used = await enrolment.invite({ controller: "bj-1", by: "wang" });
  await enrolment.enrol(used.token, request, "10.0.0.9");
  const late = await enrolment.invite({ controller: "bj-2", by: "wang" });
  const replaced = await enrolment.invite({ controller: "bj-3", by: "wang" });
  await enrolment.invite({ controller: "bj-3", by: "wang" });
  const fresh = await enrolment.invite({ controller: "bj-4", by: "wang" });

  expect(readFileSync(join(folder, "omserver.db-wal")).includes(fresh.token)).toBe(false);
  await expect(enrolment.enrol(used.token, request, "10.0.0.9")).rejects.toMatchObject({ code: "access.denied" });
  await expect(enrolment.enrol(replaced.token, request, "10.0.0.9")).rejects.toMatchObject({ code: "access.denied" });
  time += 30 * minute;
  await expect(enrolment.enrol(late.token, request, "10.0.0.9")).rejects.toMatchObject({ code: "access.denied" });
});

it("lets nobody guess: 10,000 tries from one address cost it ten", async () => {
  const { token } = await enrolment.invite({ controller: "bj-1", by: "wang" });
  const { request } = await createSigningRequest();
  const outcomes = new Map<string, number>();
  for (let i = 0; i < 10_000; i += 1) {
    const code = await enrolment.enrol(`guess ${i}`, request, "10.6.6.6").then(
      () => "enrolled",
      (error: { code: string }) => error.code,
    );
    outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
  }

  expect(Object.fromEntries(outcomes)).toEqual({ "access.denied": 10, "request.too_many": 9990 });
  expect(await enrolment.enrol(token, request, "10.0.0.9")).toMatchObject({ controller: "bj-1" });
});

it.each(["", "Bj", "-x", "a/b", "../x", "bj 1", "bj\n", "ä", "x".repeat(64)])("invites no “%s”", async (controller) => {
  await expect(enrolment.invite({ controller, by: "wang" })).rejects.toMatchObject({ code: "request.invalid" });
});

it("ends every certificate of a revoked controller for good, and lets it in again by a new invitation", async () => {
  const first = await enrolled();
  const { request } = await createSigningRequest();
  const second = await enrolment.renew(first, request);
  expect([await enrolment.isGood(first), await enrolment.isGood({ ...second, controller: "bj-1" })]).toEqual([
    true,
    true,
  ]);
  const open = await enrolment.invite({ controller: "bj-1", by: "wang" });

  await enrolment.revoke("bj-1");

  for (const { serial } of [first, second]) {
    expect(await enrolment.isGood({ controller: "bj-1", serial })).toBe(false);
    await expect(enrolment.renew({ controller: "bj-1", serial }, request)).rejects.toMatchObject({
      code: "access.denied",
    });
  }
  await expect(enrolment.enrol(open.token, request, "10.0.0.9")).rejects.toMatchObject({ code: "access.denied" });
  const again = await enrolled();
  expect(await enrolment.isGood(again)).toBe(true);
  expect(await enrolment.isGood(first)).toBe(false);
  await expect(enrolment.revoke("nobody")).rejects.toMatchObject({ code: "request.not_found" });
});

it("knows only certificates that were made here, for their own name, in their time", async () => {
  const { serial } = await enrolled("bj-1");
  await enrolled("bj-2");

  expect(await enrolment.isGood({ controller: "bj-2", serial })).toBe(false);
  expect(await enrolment.isGood({ controller: "bj-1", serial: "00" })).toBe(false);
  time += 31 * day;
  expect(await enrolment.isGood({ controller: "bj-1", serial })).toBe(false);
});

it("makes an authority of its own for each installation, in files that only its user reads", async () => {
  const other = await openAuthority(join(folder, "other"), clock);
  const again = await openAuthority(join(folder, "keys"), clock);

  expect(again.sha256).toBe(authority.sha256);
  expect(other.sha256).not.toBe(authority.sha256);
  const file = join("link-authority.pem");
  const keys = ["keys", "other"].map(
    (name) => readFileSync(join(folder, name, file), "utf8").split("-----BEGIN CERT")[0],
  );
  expect(keys[0]).not.toBe(keys[1]);
  for (const name of readdirSync(join(folder, "keys"))) {
    expect(statSync(join(folder, "keys", name)).mode & 0o777).toBe(0o600);
  }
});

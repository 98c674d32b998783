import { setTimeout as sleep } from "node:timers/promises";
import { createSecureContext, connect as tlsConnect } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dial, newAuthority, openLinkServer, type TestAuthority } from "../../../test/testkit/grpc-link.ts";
import { OmError } from "../../contract/errors.ts";
import { EnrolmentService, file_link, LinkService } from "../../contract/link/link_pb.ts";
import { callError, requestEnrolment } from "./calls.ts";
import { type ClientIdentity, type Connection, openConnection } from "./connection.ts";
import { defaultKeepAlive } from "./keep-alive.ts";
import type { LinkServer } from "./link-server.ts";

const day = 24 * 3_600_000;
let time = 0;
let own: TestAuthority;
let foreign: TestAuthority;
let server: LinkServer;
/** What got past admission. */
let reached: string[] = [];
const revoked = new Set<string>();
let storeIsAway = false;

beforeAll(async () => {
  own = await newAuthority(() => Date.now() + time);
  foreign = await newAuthority();
  server = await openLinkServer(own.web, {
    check: async ({ serial }) => {
      if (storeIsAway) throw new Error("no store");
      return !revoked.has(serial);
    },
    checkMilliseconds: 100,
    async attach(end, controller) {
      reached.push(`attach ${controller}`);
      await end.closed;
    },
    async enrol({ token }) {
      if (token !== "good") throw new OmError("access.denied", "The invitation is not good.");
      reached.push("enrol");
      return { controller: "bj-1" };
    },
    async renew({ controller }) {
      reached.push(`renew ${controller}`);
      return new Uint8Array([1]);
    },
  });
});
afterAll(async () => {
  await server.close();
  await own[Symbol.asyncDispose]();
  await foreign[Symbol.asyncDispose]();
});

/** Or `over`, whichever is first. */
async function admitted(over: Promise<void>): Promise<void> {
  let waits = true;
  void over.then(() => {
    waits = false;
  });
  while (waits && reached.length === 0) await sleep(10);
}

/** Every method of every service, by hand: how it is called, and who may. A method without a row fails the suite. */
const rows: Record<string, { call: (connection: Connection) => Promise<unknown>; may: "good" | "none" }> = {
  "LinkService/Attach": {
    may: "good",
    async call({ transport }) {
      const done = Promise.withResolvers<void>();
      const answers = createClient(LinkService, transport).attach(
        (async function* () {
          yield { frames: [] };
          await done.promise;
        })(),
      );
      const first = answers[Symbol.asyncIterator]().next();
      await Promise.race([first, admitted(done.promise)]).finally(done.resolve);
      first.catch(() => undefined);
    },
  },
  "LinkService/Renew": {
    may: "good",
    call: ({ transport }) => createClient(LinkService, transport).renew({ signingRequest: new Uint8Array() }),
  },
  "EnrolmentService/Enrol": {
    may: "none",
    call: ({ transport }) => createClient(EnrolmentService, transport).enrol({ token: "good" }),
  },
};

type Made = () => Promise<ClientIdentity>;
const authorityOf = (identity: ClientIdentity): ClientIdentity => ({ authority: identity.authority });

/** Who calls. Foreign ones trust the server, so that it is the server that refuses. */
const callers: Record<string, Made> = {
  good: async () => (await own.controller("bj-1")).identity,
  none: async () => authorityOf((await own.controller("bj-1")).identity),
  "of a foreign authority": async () => {
    const { own: pair } = (await foreign.controller("bj-1")).identity;
    return { authority: own.web.authority, ...(pair === undefined ? {} : { own: pair }) };
  },
  revoked: async () => {
    const { identity, serial } = await own.controller("bj-1");
    revoked.add(serial);
    return identity;
  },
  expired: async () => {
    time = -40 * day;
    const { identity } = await own.controller("bj-1");
    time = 0;
    return identity;
  },
  "not yet begun": async () => {
    time = 3 * day;
    const { identity } = await own.controller("bj-1");
    time = 0;
    return identity;
  },
  "of the web server": async () => ({
    authority: own.web.authority,
    own: { key: own.web.key, certificate: own.web.certificate },
  }),
};

async function attempt(call: (connection: Connection) => Promise<unknown>, identity: ClientIdentity): Promise<string> {
  let connection: Connection | undefined;
  try {
    const url = `https://127.0.0.1:${server.port}`;
    connection = await openConnection(url, identity, defaultKeepAlive, AbortSignal.timeout(10_000));
    await call(connection);
    return "answered";
  } catch (error) {
    return error instanceof OmError ? error.code : callError(error).code;
  } finally {
    connection?.close();
  }
}

describe("every call of the link", () => {
  it("has a row here, and every row is a call", () => {
    const methods = file_link.services.flatMap((service) =>
      service.methods.map((method) => `${service.name}/${method.name}`),
    );

    expect(Object.keys(rows).sort()).toEqual(methods.sort());
  });

  const table = Object.entries(rows).flatMap(([method, row]) =>
    Object.entries(callers).map(([caller, made]) => ({ method, caller, made, ...row })),
  );
  it.each(table)("$method with a certificate: $caller", async ({ call, may, caller, made }) => {
    reached = [];
    const outcome = await attempt(call, await made());

    if (caller === may) {
      expect(outcome).toBe("answered");
      expect(reached.length).toBe(1);
    } else {
      expect(outcome).toMatch(/^(access\.denied|controller\.unreachable)$/);
      expect(reached).toEqual([]);
    }
  });

  it("is refused while the certificates cannot be checked", async () => {
    const identity = await callers.good?.();
    reached = [];
    storeIsAway = true;
    try {
      for (const method of ["LinkService/Attach", "LinkService/Renew"]) {
        expect(await attempt(rows[method]?.call ?? Promise.reject, identity ?? { authority: "" })).toBe(
          "controller.unreachable",
        );
      }
    } finally {
      storeIsAway = false;
    }
    expect(reached).toEqual([]);
  });
});

it("speaks TLS 1.3 only", async () => {
  const secureContext = createSecureContext({ ca: own.web.authority, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" });
  const socket = tlsConnect({ host: "127.0.0.1", port: server.port, secureContext, ALPNProtocols: ["h2"] });

  const outcome = await new Promise<string>((resolve) => {
    socket.once("secureConnect", () => resolve("connected"));
    socket.once("error", (error) => resolve(String("code" in error ? error.code : error)));
  });
  socket.destroy();

  expect(outcome).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
});

it("cuts the open links of a certificate once it is revoked, and lets the controller in again with a new one", async () => {
  const { identity, serial } = await own.controller("bj-2");
  let present = identity;
  let closed = 0;
  let links = 0;
  reached = [];
  const dialler = dial(server.port, identity, {
    identity: () => present,
    async attach(end) {
      links += 1;
      await end.closed;
      closed += 1;
    },
  });
  await expect.poll(() => reached).toEqual(["attach bj-2"]);

  revoked.add(serial);
  await expect.poll(() => closed).toBeGreaterThan(0);
  const refused = reached.length;
  await sleep(300);
  expect(reached.length).toBe(refused);

  present = (await own.controller("bj-2")).identity;
  await expect.poll(() => reached.length, { timeout: 10_000 }).toBe(refused + 1);
  server.cut("bj-2");
  await expect.poll(() => reached.length, { timeout: 10_000 }).toBe(refused + 2);
  expect(links).toBeGreaterThanOrEqual(3);
  await dialler.close();
});

describe("enrolment", () => {
  const call = () => ({ server: `https://127.0.0.1:${server.port}`, token: "good", signingRequest: new Uint8Array() });

  it("trusts the server by the hash of its authority alone", async () => {
    const { authority, response } = await requestEnrolment({ ...call(), authoritySha256: own.authority.sha256 });

    expect(authority.trim()).toBe(own.web.authority.trim());
    expect(response.controller).toBe("bj-1");
  });

  it("sends its token to nobody whose authority has another hash", async () => {
    reached = [];

    await expect(requestEnrolment({ ...call(), authoritySha256: foreign.authority.sha256 })).rejects.toMatchObject({
      code: "controller.unreachable",
      message: expect.stringContaining("does not show the authority"),
    });
    expect(reached).toEqual([]);
  });

  it("sends its token to nobody who shows the right authority with a certificate that is not from it", async () => {
    const impostor = await openLinkServer(
      {
        ...foreign.web,
        certificate: `${foreign.web.certificate.split("\n-----END CERTIFICATE-----\n")[0]}\n-----END CERTIFICATE-----\n${own.web.authority}`,
      },
      {
        enrol: async () => {
          reached.push("impostor");
          return {};
        },
      },
    );
    reached = [];
    const server = `https://127.0.0.1:${impostor.port}`;

    const outcome = requestEnrolment({ ...call(), server, authoritySha256: own.authority.sha256 });

    await expect(outcome).rejects.toMatchObject({ code: "controller.unreachable" });
    expect(reached).toEqual([]);
    await impostor.close();
  });
});

it("does not take a controller for the web server", async () => {
  const { identity } = await own.controller("bj-1");
  const { key = "", certificate = "" } = identity.own ?? {};
  const impostor = await openLinkServer({ ...own.web, key, certificate: `${certificate}${own.web.authority}` });
  const url = `https://127.0.0.1:${impostor.port}`;

  await expect(openConnection(url, identity, defaultKeepAlive, AbortSignal.timeout(10_000))).rejects.toMatchObject({
    code: "controller.unreachable",
  });
  await impostor.close();
});

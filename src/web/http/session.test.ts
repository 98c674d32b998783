import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startWeb, type TestRequest, type TestWeb } from "../../../test/testkit/web.ts";
import { createPasswords } from "./passwords.ts";
import { createSetupLink, createSignInLink } from "./sign-in-links.ts";

const hour = 3_600_000;
const password = "correct horse battery staple";

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { code: string }).code;
}

/** The session's secret in the answer's cookie. */
function cookieOf(response: Response): string {
  return /^omserver=([^;]*);/.exec(response.headers.get("set-cookie") ?? "")?.[1] ?? "";
}

function tokenOf(url: string): string {
  return new URL(url).hash.replace("#token=", "");
}

describe("signing in", () => {
  let web: TestWeb;
  let passwordHash: string;
  beforeAll(async () => {
    web = await startWeb();
    passwordHash = await createPasswords().hash(password);
    const scope = { everything: true, functionCategories: [], appCategories: [] };
    await web.store.users.create({ name: "Ada", role: "operator", scope, passwordHash });
  });
  afterAll(() => web.close());
  // Past every limit of failed attempts.
  beforeEach(() => {
    web.clock.now += hour;
  });

  const signIn = (name: string, given: string, request: TestRequest = {}) =>
    web.call("POST", "/session", { ...request, body: { name, password: given } });
  const whoIs = (cookie: string) => web.call("GET", "/session", { cookie });

  it("sets a cookie that no script reads and no other site sends, and says what the user may do", async () => {
    const response = await signIn("ada", password);

    expect(response.status).toBe(200);
    expect(response.headers.get("set-cookie")).toMatch(
      /^omserver=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    const { user, permissions } = (await response.json()) as { user: object; permissions: string[] };
    expect(user).toMatchObject({ name: "Ada", role: "operator", hasPassword: true });
    expect(permissions).toContain("runs.start");
    expect(permissions).not.toContain("users.manage");
    expect((await whoIs(cookieOf(response))).status).toBe(200);
  });

  it("uses a __Host- cookie and HSTS when browsers come by https", async () => {
    const secure = await startWeb({ config: { secureCookies: true, publicUrl: "https://om.example" } });
    try {
      const scope = { everything: true, functionCategories: [], appCategories: [] };
      await secure.store.users.create({ name: "Ada", role: "operator", scope, passwordHash });
      const response = await secure.call("POST", "/session", {
        body: { name: "ada", password },
        origin: "https://om.example",
      });
      expect(response.headers.get("set-cookie")).toMatch(
        /^__Host-omserver=.*; Path=\/;.*; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(response.headers.get("strict-transport-security")).toBe("max-age=31536000");
    } finally {
      await secure.close();
    }
  });

  it("answers a wrong password, an unknown name and a disabled user alike, and notes each", async () => {
    const grace = await web.store.users.create({
      name: "Grace",
      role: "viewer",
      scope: { everything: true, functionCategories: [], appCategories: [] },
      passwordHash,
    });
    await web.store.users.change(grace.id, { enabled: false });

    const answers = [await signIn("ada", "wrong"), await signIn("hunter2", "wrong"), await signIn("grace", password)];

    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    for (const [index, body] of bodies.entries()) {
      expect(answers[index]?.headers.get("set-cookie")).toBeNull();
      expect(body).toMatchObject({
        status: 401,
        code: "access.bad_credentials",
        detail: (bodies[0] as { detail: string }).detail,
      });
    }
    const { rows } = await web.store.audit.list({ action: "session.sign_in_failed" }, { limit: 3 });
    expect(rows.map(({ actor, source }) => [actor, source])).toEqual([
      ["Grace", "127.0.0.1"],
      // A name that nobody has is not kept: it may be a password that went into the wrong field.
      ["unknown", "127.0.0.1"],
      ["Ada", "127.0.0.1"],
    ]);
  });

  it("takes about as long for an unknown name as for a wrong password", async () => {
    await signIn("warm", "up");
    const times: Record<string, number[]> = { ada: [], nobody: [] };
    for (let round = 0; round < 6; round++) {
      web.clock.now += hour;
      for (const name of ["ada", "nobody"]) {
        const start = performance.now();
        await (await signIn(name, "wrong")).text();
        times[name]?.push(performance.now() - start);
      }
    }
    const best = (name: string) => Math.min(...(times[name] ?? []));
    // A name that is looked up and not hashed for answers fifty times faster.
    expect(best("nobody") / best("ada")).toBeGreaterThan(0.25);
    expect(best("nobody") / best("ada")).toBeLessThan(4);
  });

  it("refuses the eleventh wrong password for a name, even when it is right, and leaves other names alone", async () => {
    const attempts = await Promise.all(Array.from({ length: 14 }, () => signIn("ada", "wrong")));
    const statuses = attempts.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(4).fill(429)]);

    const right = await signIn("ada", password);
    expect([right.status, right.headers.get("retry-after")]).toEqual([429, "600"]);
    expect((await signIn("somebody", "wrong")).status).toBe(401);

    web.clock.now += 600_001;
    expect((await signIn("ada", password)).status).toBe(200);
  });

  it("refuses an address after sixty failures, whatever names and links it tries", async () => {
    const guess = () => web.call("POST", "/session/link", { body: { token: "x".repeat(43) } });
    const statuses = (await Promise.all(Array.from({ length: 64 }, guess))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([...Array(60).fill(401), ...Array(4).fill(429)]);
    expect((await signIn("ada", password)).status).toBe(429);
  });

  it("does not count right passwords as attempts", async () => {
    for (let index = 0; index < 12; index++) expect((await signIn("ada", password)).status).toBe(200);
  });

  it("gives a new token at every sign-in and ends the session that the browser came with", async () => {
    const first = cookieOf(await signIn("ada", password));
    const second = cookieOf(await signIn("ada", password, { cookie: first }));

    expect(second).not.toBe(first);
    expect((await whoIs(first)).status).toBe(401);
    expect((await whoIs(second)).status).toBe(200);
  });

  it("never accepts a session token that the browser brought along", async () => {
    const planted = "planted-by-somebody-else-planted-by-somebody";
    const cookie = cookieOf(await signIn("ada", password, { cookie: planted }));
    expect(cookie).not.toBe(planted);
    expect((await whoIs(planted)).status).toBe(401);
  });

  it("ends a session that rests for an hour, and any after a day", async () => {
    const resting = cookieOf(await signIn("ada", password));
    web.clock.now += hour + 1;
    expect((await whoIs(resting)).status).toBe(401);

    const busy = cookieOf(await signIn("ada", password));
    for (let halves = 0; halves < 47; halves++) {
      web.clock.now += hour / 2;
      expect((await whoIs(busy)).status).toBe(200);
    }
    web.clock.now += hour / 2;
    expect((await whoIs(busy)).status).toBe(401);
  });

  it("ends the session at sign-out", async () => {
    const cookie = cookieOf(await signIn("ada", password));
    const response = await web.call("DELETE", "/session", { cookie });
    expect(response.status).toBe(204);
    expect(response.headers.get("set-cookie")).toMatch(/^omserver=; .*Expires=Thu, 01 Jan 1970/);
    expect((await whoIs(cookie)).status).toBe(401);
  });

  it("ends every other session when the password changes, and wants the current one", async () => {
    const [here, elsewhere] = [cookieOf(await signIn("ada", password)), cookieOf(await signIn("ada", password))];
    const change = (current: string, next: string) =>
      web.call("PUT", "/session/password", { cookie: here, body: { current, next } });

    const wrong = await change("not my password", "another long password");
    expect([wrong.status, await codeOf(wrong)]).toEqual([401, "access.bad_credentials"]);
    expect((await whoIs(elsewhere)).status).toBe(200);

    const right = await change(password, password);
    expect(right.status).toBe(204);
    expect((await whoIs(elsewhere)).status).toBe(401);
    expect((await whoIs(here)).status).toBe(401);
    expect((await whoIs(cookieOf(right))).status).toBe(200);
  });

  it("ends sessions and tokens of a user who is disabled", async () => {
    const user = await web.user("linus", "operator");
    const [cookie, token] = [await web.session(user), await web.apiToken(user)];
    await web.store.users.change(user.id, { enabled: false });
    expect((await whoIs(cookie)).status).toBe(401);
    expect((await web.call("GET", "/session", { token })).status).toBe(401);
  });

  it("takes a session only as cookie and an API token only as bearer", async () => {
    const user = await web.user("edsger", "operator");
    const [cookie, token] = [await web.session(user), await web.apiToken(user)];
    expect((await web.call("GET", "/session", { token: cookie })).status).toBe(401);
    expect((await whoIs(token)).status).toBe(401);
    // With both, the header decides: a bad token is not saved by a good cookie.
    expect((await web.call("GET", "/session", { cookie, token: "om_bad-bad-bad-bad-bad-bad" })).status).toBe(401);
    expect((await web.call("GET", "/session", { cookie, headers: { authorization: "Basic YTpi" } })).status).toBe(401);
  });

  it("stops answering an address that guesses tokens: of 10,000 guesses it looks at 120", async () => {
    const user = await web.user("barbara", "viewer");
    const token = await web.apiToken(user);
    let looked = 0;
    const guessing = await startWeb({
      config: { requestsPerMinute: 1_000_000 },
      wrap: (store) => {
        const find = store.users.useToken;
        const counted: typeof find = (...given) => {
          looked += 1;
          return find(...given);
        };
        return { ...store, users: { ...store.users, useToken: counted } };
      },
    });
    try {
      const statuses = new Map<number, number>();
      for (let batch = 0; batch < 100; batch++) {
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            guessing.call("GET", "/session", { token: `om_${String(batch * 100 + index).padStart(43, "0")}` }),
          ),
        );
        for (const answer of answers) {
          await answer.arrayBuffer();
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        }
      }
      expect([...statuses.keys()].sort()).toEqual([401, 429]);
      // A batch of a hundred that are under way together may all pass the check.
      expect(looked).toBeLessThanOrEqual(220);
    } finally {
      await guessing.close();
    }
    expect((await web.call("GET", "/session", { token })).status).toBe(200);
  }, 120_000);
});

describe("one-time links", () => {
  let web: TestWeb;
  beforeEach(async () => {
    web = await startWeb();
    return () => web.close();
  });

  const redeem = (url: string, more: Record<string, string> = {}) =>
    web.call("POST", "/session/link", { body: { token: tokenOf(url), ...more } });
  const administrator = { name: "chief", password };
  const clock = () => web.clock.now;

  it("carry the token in the fragment, and no two are alike at the same moment", async () => {
    const links = await Promise.all(Array.from({ length: 50 }, () => createSetupLink(web.store, "http://om/", clock)));
    const tokens = links.map(({ url }) => /^http:\/\/om\/sign-in#token=([\w-]{43})$/.exec(url)?.[1]);
    expect(new Set(tokens).size).toBe(50);
    expect(tokens).not.toContain(undefined);
  });

  it("make the first administrator once, and never a second", async () => {
    const [link, other] = [
      await createSetupLink(web.store, web.url, clock),
      await createSetupLink(web.store, web.url, clock),
    ];

    const incomplete = await redeem(link.url);
    expect([incomplete.status, await codeOf(incomplete)]).toEqual([400, "request.invalid"]);
    const weak = await redeem(link.url, { name: "chief", password: "short" });
    expect(weak.status).toBe(400);

    const made = await redeem(link.url, administrator);
    expect(made.status).toBe(200);
    expect(await made.json()).toMatchObject({
      user: { name: "chief", role: "administrator", scope: { everything: true } },
    });
    expect((await web.call("GET", "/users", { cookie: cookieOf(made) })).status).toBe(200);

    for (const again of [link, other]) {
      const refused = await redeem(again.url, { name: "second", password });
      expect([refused.status, await codeOf(refused)]).toEqual([401, "access.bad_link"]);
    }
    expect(await web.store.users.count()).toBe(1);
    await expect(createSetupLink(web.store, web.url, clock)).rejects.toMatchObject({ code: "access.denied" });
  });

  it("that lost a part on their way are links that are not valid", async () => {
    const link = await createSetupLink(web.store, web.url, clock);

    const refused = await redeem(link.url.slice(0, -35), administrator);

    expect([refused.status, await codeOf(refused)]).toEqual([401, "access.bad_link"]);
  });

  it("make one administrator when the same link is redeemed ten times at once", async () => {
    const { url } = await createSetupLink(web.store, web.url, clock);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => redeem(url, { name: `chief-${index}`, password })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(401)]);
    expect(await web.store.users.count()).toBe(1);
  });

  it("make one administrator when two links are redeemed at once", async () => {
    const links = await Promise.all([1, 2].map(() => createSetupLink(web.store, web.url, clock)));
    const answers = await Promise.all(links.map(({ url }, index) => redeem(url, { name: `chief-${index}`, password })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(await web.store.users.count()).toBe(1);
  });

  it("sign a user in once, within thirty minutes", async () => {
    const user = await web.user("ada", "operator");
    const link = await createSignInLink(web.store, user.id, web.url, clock);
    expect(link.expiresAt).toBe(web.clock.now + 30 * 60_000);

    const first = await redeem(link.url);
    expect([first.status, (await redeem(link.url)).status]).toEqual([200, 401]);
    expect((await web.call("GET", "/session", { cookie: cookieOf(first) })).status).toBe(200);

    const late = await createSignInLink(web.store, user.id, web.url, clock);
    web.clock.now += 30 * 60_000;
    expect((await redeem(late.url)).status).toBe(401);
  });

  it("do not work for a user who was disabled since, and are not made for one who is", async () => {
    const user = await web.user("ada", "operator");
    await web.user("chief", "administrator");
    const { url } = await createSignInLink(web.store, user.id, web.url, clock);
    await web.store.users.change(user.id, { enabled: false });
    expect((await redeem(url)).status).toBe(401);
    await expect(createSignInLink(web.store, user.id, web.url, clock)).rejects.toMatchObject({ code: "access.denied" });
    await expect(createSignInLink(web.store, 99, web.url, clock)).rejects.toMatchObject({ code: "request.not_found" });
  });

  it("keep no token in the database, only its hash", async () => {
    const { url } = await createSetupLink(web.store, web.url, clock);
    const [kept] = await web.store.users.tokens({ kind: "setup_link" });
    expect(JSON.stringify(kept)).not.toContain(tokenOf(url));
  });
});

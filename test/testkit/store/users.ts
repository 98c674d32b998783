import { hash, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Role, User } from "../../../src/web/store/repositories/users.ts";
import type { Store } from "../../../src/web/store/store.ts";
import { uniqueName } from "./builders.ts";
import type { StoreContext, StoreSuite } from "./context.ts";

const everything: User["scope"] = { everything: true, functionCategories: [], appCategories: [] };

export const usersSuite: StoreSuite = (context) => {
  // First, while the store has no user.
  describe("the last administrator", () => lastAdministrator(context));
  describe("users", () => users(context));
  describe("tokens", () => tokens(context));
};

async function aUser(store: Store, role: Role = "operator", name = uniqueName("user")): Promise<User> {
  return await store.users.create({ name, role, scope: everything, passwordHash: "$argon2id$x" });
}

async function aToken(store: Store, change: Partial<Parameters<Store["users"]["addToken"]>[0]> = {}) {
  const sha256 = hash("sha256", randomUUID(), "hex");
  const token = await store.users.addToken({ kind: "session", name: "", sha256, expiresAt: 10_000, ...change });
  return { sha256, token };
}

function lastAdministrator(context: () => StoreContext): void {
  it("stays one", async () => {
    const { store } = context();
    expect(await store.users.count()).toBe(0);
    const only = await aUser(store, "administrator");
    const kept = { code: "inventory.in_use" };

    await expect(store.users.change(only.id, { role: "viewer" })).rejects.toMatchObject(kept);
    await expect(store.users.change(only.id, { enabled: false })).rejects.toMatchObject(kept);
    await expect(store.users.delete(only.id)).rejects.toMatchObject(kept);
    const disabled = await aUser(store, "administrator");
    await store.users.change(disabled.id, { enabled: false });
    await expect(store.users.delete(only.id)).rejects.toMatchObject(kept);

    const second = await aUser(store, "administrator");
    await store.users.delete(only.id);
    expect(await store.users.get(only.id)).toBeUndefined();
    expect(await store.users.count()).toBe(2);
    await expect(store.users.delete(second.id)).rejects.toMatchObject(kept);
  });

  it("stays one when two take away each other's role at once", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const extra = await aUser(store, "administrator");
    const enabled = (await store.users.list()).filter((user) => user.role === "administrator" && user.enabled);
    expect(enabled).toHaveLength(2);
    const [first, second] = [enabled[0]?.id ?? 0, extra.id];

    const results = await Promise.allSettled([
      store.users.change(first, { role: "viewer" }),
      other.users.change(second, { role: "viewer" }),
    ]);

    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
}

function users(context: () => StoreContext): void {
  it("are found by name whatever the case, and no two differ by case alone", async () => {
    const { users } = context().store;
    const name = uniqueName("Ünïcode 用户");
    const scope = { everything: false, functionCategories: [1, 2], appCategories: [3] };
    const user = await users.create({ name, role: "operator", scope, passwordHash: "$argon2id$secret" });

    expect(user).toMatchObject({ name, role: "operator", scope, enabled: true, hasPassword: true });
    expect(user).not.toHaveProperty("lastSignInAt");
    expect(await users.findByName(name.toUpperCase())).toEqual({ user, passwordHash: "$argon2id$secret" });
    const again = { name: name.toLowerCase(), role: "viewer" as const, scope, passwordHash: "" };
    await expect(users.create(again)).rejects.toMatchObject({ code: "inventory.duplicate" });
    expect(await users.findByName("nobody")).toBeUndefined();
    expect(await users.list()).toContainEqual(user);
    expect(JSON.stringify(await users.list())).not.toContain("argon2id");
  });

  it("change in what is named only", async () => {
    const { users } = context().store;
    const user = await aUser(context().store);
    const scope = { everything: false, functionCategories: [], appCategories: [7] };

    expect(await users.change(user.id, { scope })).toEqual({ ...user, scope });
    expect(await users.change(user.id, { role: "viewer", passwordHash: "" })).toEqual({
      ...user,
      scope,
      role: "viewer",
      hasPassword: false,
    });
    await expect(users.change(999_999, {})).rejects.toMatchObject({ code: "request.not_found" });
    await expect(users.delete(999_999)).rejects.toMatchObject({ code: "request.not_found" });
  });

  it("refuse names that cannot be kept", async () => {
    for (const name of ["", "a\0", "x".repeat(1_048_576)]) {
      await expect(aUser(context().store, "viewer", name)).rejects.toMatchObject({ code: "inventory.invalid" });
    }
  });
}

function tokens(context: () => StoreContext): void {
  it("name their user until they expire", async () => {
    const { store } = context();
    const user = await aUser(store);
    const { sha256, token } = await aToken(store, { userId: user.id, name: "browser" });

    const used = await store.users.useToken(sha256, ["session"], 9999);
    expect(used?.user).toMatchObject({ id: user.id, name: user.name });
    expect(used?.token).toEqual({ ...token, lastUsedAt: 9999 });
    expect(used?.user?.lastSignInAt).toBeDefined();
    expect(await store.users.useToken(sha256, ["session"], 10_000)).toBeUndefined();
    expect(await store.users.useToken(sha256, ["api"], 5000)).toBeUndefined();
    expect(await store.users.useToken(sha256, [], 5000)).toBeUndefined();
    expect(await store.users.useToken("0".repeat(64), ["session"], 5000)).toBeUndefined();
  });

  it("note their use at most once a minute", async () => {
    const statements: string[] = [];
    const store = await context().openAgain({ onQuery: ({ sql }) => statements.push(sql) });
    const { sha256 } = await aToken(store, { userId: (await aUser(store)).id, kind: "api", expiresAt: undefined });
    const lastUse = async (now: number) => (await store.users.useToken(sha256, ["api"], now))?.token.lastUsedAt;

    expect(await lastUse(1000)).toBe(1000);
    statements.length = 0;
    expect(await lastUse(60_999)).toBe(1000);
    expect(statements.filter((sql) => sql.startsWith("update"))).toEqual([]);
    expect(await lastUse(61_000)).toBe(61_000);
  });

  it("end with the password and with the user", async () => {
    const { store } = context();
    const user = await aUser(store);
    const api = await aToken(store, { userId: user.id, kind: "api" });
    const works = async (sha256: string) => (await store.users.useToken(sha256, ["session", "api"], 1)) !== undefined;

    const first = await aToken(store, { userId: user.id });
    await store.users.change(user.id, { passwordHash: "new" });
    expect([await works(first.sha256), await works(api.sha256)]).toEqual([false, true]);
    const second = await aToken(store, { userId: user.id });
    await store.users.change(user.id, { enabled: false });
    expect([await works(second.sha256), await works(api.sha256)]).toEqual([false, false]);
    await store.users.change(user.id, { enabled: true });
    expect([await works(second.sha256), await works(api.sha256)]).toEqual([false, true]);
    await store.users.delete(user.id);
    expect(await works(api.sha256)).toBe(false);
  });

  it("are redeemed once, by one of many", async () => {
    const { store } = context();
    const other = await context().openAgain();
    const user = await aUser(store);
    const { sha256, token } = await aToken(store, { kind: "sign_in_link", userId: user.id });

    const answers = await Promise.all(
      [store, other, store, other].map(({ users }) => users.redeemToken(sha256, ["sign_in_link"], 1)),
    );

    expect(answers.filter((answer) => answer !== undefined)).toEqual([token]);
    const late = await aToken(store, { kind: "setup_link" });
    expect(await store.users.redeemToken(late.sha256, ["setup_link"], 10_000)).toBeUndefined();
    const setup = await aToken(store, { kind: "setup_link" });
    expect(await store.users.redeemToken(setup.sha256, ["sign_in_link"], 1)).toBeUndefined();
    expect(await store.users.redeemToken(setup.sha256, ["setup_link"], 1)).not.toHaveProperty("userId");
  });

  it("are listed, deleted and swept", async () => {
    const { store } = context();
    const user = await aUser(store);
    const api = await aToken(store, { kind: "api", userId: user.id, name: "ci", expiresAt: undefined });
    const session = await aToken(store, { userId: user.id, expiresAt: 5 });

    expect(await store.users.tokens({ kind: "api", userId: user.id })).toEqual([api.token]);
    expect(JSON.stringify(await store.users.tokens({ kind: "api" }))).not.toContain(api.sha256);
    await store.users.deleteExpiredTokens(5);
    expect(await store.users.tokens({ kind: "session", userId: user.id })).toEqual([]);
    expect(await store.users.tokens({ kind: "api", userId: user.id })).toEqual([api.token]);
    await store.users.deleteToken(api.token.id);
    await store.users.deleteToken(session.token.id);
    expect(await store.users.tokens({ kind: "api", userId: user.id })).toEqual([]);
    await expect(aToken(store, { userId: 999_999 })).rejects.toMatchObject({ code: "request.not_found" });
  });
}

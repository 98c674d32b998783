import { OmError } from "../../../contract/errors.ts";
import type { Routes } from "../../../contract/http/routes.ts";
import { reasonText } from "../../../contract/reasons.ts";
import { permissionsOf } from "../../access/permissions.ts";
import type { User } from "../../store/repositories/users.ts";
import { addressGroup } from "../attempts.ts";
import type { Call, Handlers } from "../call.ts";
import type { Services } from "../parts.ts";
import { tokenHash } from "../secret-token.ts";
import { version } from "../version.ts";

/** Sign-in, sign-out, one-time links, one's own password. */
export const sessionHandlers = {
  async status(_call, { store, config }) {
    return { version, setupNeeded: (await store.users.count()) === 0, development: config.development === true };
  },

  async session({ who }) {
    return sessionView(who.user);
  },

  async signIn(call, services) {
    const { name, password } = call.body;
    const { nameAttempts, addressAttempts } = services;
    const address = addressGroup(call.source);
    const nameThere = JSON.stringify([address, name.toLowerCase()]);
    addressAttempts.take(address);
    nameAttempts.take(nameThere);
    const found = await services.store.users.findByName(name);
    const right = await services.passwords.verify(found?.passwordHash, password);
    if (found === undefined || !right || !found.user.enabled) {
      // An unknown name is not written down: people type their password there.
      const actor = found === undefined ? "unknown" : found.user.name;
      await call.audit({ action: "session.sign_in_failed", object: `user ${actor}`, actor });
      throw new OmError("access.bad_credentials", reasonText("wrong_name_or_password"));
    }
    addressAttempts.giveBack(address);
    nameAttempts.giveBack(nameThere);
    const { user } = found;
    await call.audit({ action: "session.sign_in", object: `user ${user.name}`, actor: user.name });
    await services.sessions.start(user.id, call.request, call.reply);
    return sessionView(user);
  },

  async signOut({ who, audit, reply }, { store, sessions }) {
    await audit({ action: "session.sign_out", object: `user ${who.user.name}` });
    if (who.by === "session") await sessions.end(who.tokenId, reply);
    else await store.users.deleteToken(who.tokenId);
  },

  async redeemLink(call, services) {
    const address = addressGroup(call.source);
    services.addressAttempts.take(address);
    const user = await redeem(call, services);
    services.addressAttempts.giveBack(address);
    await services.sessions.start(user.id, call.request, call.reply);
    return sessionView(user);
  },

  async changePassword(call, services) {
    const { who, body } = call;
    const { store, passwords, sessions, nameAttempts } = services;
    const key = `user ${who.user.id}`;
    nameAttempts.take(key);
    const found = await store.users.findByName(who.user.name);
    // Who came by a one-time link and never had a password has none to repeat.
    if (found?.user.hasPassword && !(await passwords.verify(found.passwordHash, body.current))) {
      await call.audit({ action: "user.password_refused", object: `user ${who.user.name}` });
      throw new OmError("access.bad_credentials", reasonText("current_password_wrong"), {
        problems: [{ place: "/current", message: reasonText("is_wrong") }],
      });
    }
    nameAttempts.giveBack(key);
    const passwordHash = await passwords.hash(body.next);
    await call.audit({ action: "user.password", object: `user ${who.user.name}` });
    await store.users.change(who.user.id, { passwordHash });
    if (who.by === "session") await sessions.start(who.user.id, call.request, call.reply);
  },
} satisfies Partial<Handlers>;

function sessionView(user: User) {
  return { user, permissions: [...permissionsOf(user.role, user.scope)] };
}

type RedeemCall = Call<Routes["redeemLink"]>;
const linkKinds = ["sign_in_link", "setup_link"] as const;

async function redeem(call: RedeemCall, services: Services): Promise<User> {
  const { store, clock } = services;
  const sha256 = tokenHash(call.body.token);
  const found = await store.users.useToken(sha256, linkKinds, clock());
  if (found === undefined) return refuseLink(call);
  if (found.token.kind === "setup_link") return makeAdministrator(call, services, sha256);
  const { user } = found;
  if (user === undefined) return refuseLink(call);
  await call.audit({ action: "session.link", object: `user ${user.name}`, actor: user.name });
  if ((await store.users.redeemToken(sha256, ["sign_in_link"], clock())) === undefined) return refuseLink(call);
  return user;
}

async function makeAdministrator(call: RedeemCall, services: Services, sha256: string): Promise<User> {
  const { store, passwords, clock } = services;
  const { name, password } = call.body;
  if (name === undefined || password === undefined) {
    const missing = [...(name === undefined ? ["name"] : []), ...(password === undefined ? ["password"] : [])];
    throw new OmError("request.invalid", reasonText("set_up_needs"), {
      problems: missing.map((field) => ({ place: `/${field}`, message: reasonText("needed_by_set_up") })),
    });
  }
  if ((await store.users.count()) > 0) return refuseLink(call);
  const passwordHash = await passwords.hash(password);
  return services.setupTurn(async () => {
    if ((await store.users.count()) > 0) return refuseLink(call);
    await call.audit({ action: "setup.administrator", object: `user ${name}`, actor: name });
    if ((await store.users.redeemToken(sha256, ["setup_link"], clock())) === undefined) return refuseLink(call);
    const scope = { everything: true, functionCategories: [], appCategories: [] };
    const user = await store.users.create({ name, role: "administrator", scope, passwordHash });
    for (const other of await store.users.tokens({ kind: "setup_link" })) await store.users.deleteToken(other.id);
    return user;
  });
}

async function refuseLink(call: RedeemCall): Promise<never> {
  await call.audit({ action: "session.link_refused", object: "one-time link", actor: "unknown" });
  throw new OmError("access.bad_link", reasonText("link_spent"));
}

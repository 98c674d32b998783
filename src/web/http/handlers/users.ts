import { OmError } from "../../../contract/errors.ts";
import { reasonText } from "../../../contract/reasons.ts";
import type { User } from "../../store/repositories/users.ts";
import type { Handlers } from "../call.ts";
import { ownAddress } from "../own-address.ts";
import type { Services } from "../parts.ts";
import { addApiToken, createSignInLink } from "../sign-in-links.ts";
import { missing } from "../visible.ts";

const day = 86_400_000;

/** Users, and one's own API tokens. */
export const userHandlers = {
  async listUsers(_call, { store }) {
    return { users: await store.users.list() };
  },

  async createUser({ body, audit }, { store, passwords }) {
    const { name, role, scope, password } = body;
    const passwordHash = password === undefined ? "" : await passwords.hash(password);
    await audit({ action: "user.create", object: `user ${name}`, detail: { role, scope } });
    return { user: await store.users.create({ name, role, scope, passwordHash }) };
  },

  async changeUser({ params, body, audit }, { store, passwords }) {
    const user = await userById(store, params.id);
    const { password, ...change } = body;
    const passwordHash = password === undefined ? {} : { passwordHash: await passwords.hash(password) };
    const detail = { ...change, ...(password === undefined ? {} : { password: "changed" }) };
    await audit({ action: "user.change", object: `user ${user.name}`, detail });
    return { user: await store.users.change(user.id, { ...change, ...passwordHash }) };
  },

  async deleteUser({ params, audit }, { store }) {
    const user = await userById(store, params.id);
    await audit({ action: "user.delete", object: `user ${user.name}` });
    await store.users.delete(user.id);
  },

  async createSignInLink({ params, audit, request }, { store, config, clock }) {
    const user = await userById(store, params.id);
    const publicUrl = ownAddress(request, config.publicUrl);
    await audit({ action: "user.sign_in_link", object: `user ${user.name}` });
    return createSignInLink(store, user.id, publicUrl, clock);
  },

  async listTokens({ who }, { store }) {
    return { tokens: await store.users.tokens({ kind: "api", userId: who.user.id }) };
  },

  async createToken({ who, body, audit }, { store, clock }) {
    const { name, expiresInDays } = body;
    await audit({
      action: "token.create",
      object: `token ${name}`,
      detail: { expiresInDays: expiresInDays ?? "never" },
    });
    const expiresAt = expiresInDays === undefined ? undefined : clock() + expiresInDays * day;
    const { id, secret } = await addApiToken(store, who.user.id, name, expiresAt);
    return { id, token: secret };
  },

  async deleteToken({ who, params, audit }, { store }) {
    const own = await store.users.tokens({ kind: "api", userId: who.user.id });
    const token = own.find(({ id }) => id === params.id) ?? missing("token", params.id);
    await audit({ action: "token.delete", object: `token ${token.name}` });
    await store.users.deleteToken(token.id);
  },
} satisfies Partial<Handlers>;

async function userById(store: Services["store"], id: number): Promise<User> {
  const user = await store.users.get(id);
  if (user === undefined) throw new OmError("request.not_found", reasonText("missing_user", { id }));
  return user;
}

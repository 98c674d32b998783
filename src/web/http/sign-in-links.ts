import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { TokenKind } from "../store/repositories/users.ts";
import type { Store } from "../store/store.ts";
import { newSecret, tokenHash } from "./secret-token.ts";

/** One-time links: 256 random bits, only their hash kept, taken once, within 30 minutes. */
export interface SignInLink {
  /** The token stands in the fragment, which a browser sends to no server and writes into no log. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const lifetime = 30 * 60_000;

/** Link that makes the first administrator. `access.denied` when there are users already. */
export async function createSetupLink(
  store: Store,
  publicUrl: string,
  clock: () => number = Date.now,
): Promise<SignInLink> {
  if ((await store.users.count()) > 0) {
    throw new OmError("access.denied", reasonText("set_up_done"));
  }
  return createLink(store, publicUrl, clock, "setup_link", undefined);
}

/** Link that signs this user in once. `request.not_found` for no such user, `access.denied` for a disabled one. */
export async function createSignInLink(
  store: Store,
  userId: number,
  publicUrl: string,
  clock: () => number = Date.now,
): Promise<SignInLink> {
  const user = await store.users.get(userId);
  if (user === undefined) throw new OmError("request.not_found", reasonText("missing_user", { id: userId }));
  if (!user.enabled) {
    throw new OmError("access.denied", reasonText("user_may_not_sign_in", { user: user.name }));
  }
  return createLink(store, publicUrl, clock, "sign_in_link", userId);
}

/** A new API token of this user, shown this once. Without `expiresAt` it stays until it is revoked. */
export async function createApiToken(
  store: Pick<Store, "users">,
  userId: number,
  name: string,
  expiresAt?: number,
): Promise<string> {
  return (await addApiToken(store, userId, name, expiresAt)).secret;
}

/** The same with the token's number. */
export async function addApiToken(
  store: Pick<Store, "users">,
  userId: number,
  name: string,
  expiresAt: number | undefined,
): Promise<{ readonly id: number; readonly secret: string }> {
  // The prefix lets secret scanners find a token that was committed by mistake.
  const secret = `om_${newSecret()}`;
  const expiry = expiresAt === undefined ? {} : { expiresAt };
  const { id } = await store.users.addToken({ kind: "api", userId, name, sha256: tokenHash(secret), ...expiry });
  return { id, secret };
}

async function createLink(
  store: Store,
  publicUrl: string,
  clock: () => number,
  kind: TokenKind,
  userId: number | undefined,
): Promise<SignInLink> {
  const secret = newSecret();
  const expiresAt = clock() + lifetime;
  await store.users.addToken({
    kind,
    ...(userId === undefined ? {} : { userId }),
    name: "one-time link",
    sha256: tokenHash(secret),
    expiresAt,
  });
  return { url: `${publicUrl.replace(/\/+$/, "")}/sign-in#token=${secret}`, expiresAt };
}

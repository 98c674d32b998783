import type { FastifyReply, FastifyRequest } from "fastify";
import type { Token, User } from "../store/repositories/users.ts";
import type { Store } from "../store/store.ts";
import { newSecret, tokenHash } from "./secret-token.ts";

const hour = 3_600_000;

export interface SessionOptions {
  readonly store: Store;
  readonly clock: () => number;
  readonly secure: boolean;
  readonly idleMilliseconds?: number;
  readonly absoluteMilliseconds?: number;
}

/**
 * Browser sessions: a 256-bit random token in a cookie that no script reads and no foreign page sends; the store keeps
 * its SHA-256. A session ends by sign-out, by rest, by age, when its user is disabled and when the password changes.
 */
export interface Sessions {
  readonly cookieName: string;
  /** The token in the request's cookie, not looked up yet. */
  tokenIn(request: FastifyRequest): string | undefined;
  find(secret: string): Promise<{ readonly token: Token; readonly user: User } | undefined>;
  /** A new session with a new token; the one that the request came with, if any, ends (no fixation). */
  start(userId: number, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  end(tokenId: number, reply: FastifyReply): Promise<void>;
}

export function createSessions(options: SessionOptions): Sessions {
  const { store, clock, secure } = options;
  const idle = options.idleMilliseconds ?? hour;
  const absolute = options.absoluteMilliseconds ?? 24 * hour;
  const cookieName = secure ? "__Host-omserver" : "omserver";
  const cookie = { path: "/", httpOnly: true, sameSite: "strict", secure } as const;

  async function find(secret: string): Promise<{ token: Token; user: User } | undefined> {
    const now = clock();
    const found = await store.users.useToken(tokenHash(secret), ["session"], now, idle);
    return found?.user === undefined ? undefined : { token: found.token, user: found.user };
  }

  return {
    cookieName,
    tokenIn: (request) => request.cookies[cookieName],
    find,
    async start(userId, request, reply) {
      const old = await find(request.cookies[cookieName] ?? "");
      if (old !== undefined) await store.users.deleteToken(old.token.id);
      await store.users.deleteExpiredTokens(clock());
      const secret = newSecret();
      const expiresAt = clock() + absolute;
      await store.users.addToken({ kind: "session", userId, name: "browser", sha256: tokenHash(secret), expiresAt });
      reply.setCookie(cookieName, secret, { ...cookie, expires: new Date(expiresAt) });
    },
    async end(tokenId, reply) {
      await store.users.deleteToken(tokenId);
      reply.clearCookie(cookieName, cookie);
    },
  };
}

import type { FastifyRequest } from "fastify";
import { hostPermissions, permissionsOf } from "../access/permissions.ts";
import { addressGroup } from "./attempts.ts";
import type { Services } from "./parts.ts";
import { isReportToken } from "./report-token.ts";
import { tokenHash } from "./secret-token.ts";
import type { Who } from "./who.ts";

type Credentials = { readonly by: "session" | "token"; readonly secret: string };

/** An `Authorization` header counts before the cookie; one that is no Bearer token is no sign-in at all. */
export function credentialsIn(request: FastifyRequest, services: Pick<Services, "sessions">): Credentials | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const secret = /^Bearer ([A-Za-z0-9_-]{20,200})$/i.exec(header)?.[1];
    return secret === undefined ? undefined : { by: "token", secret };
  }
  const secret = services.sessions.tokenIn(request);
  return secret === undefined || secret === "" ? undefined : { by: "session", secret };
}

/**
 * The one place that finds out who asks: for JSON, downloads and live streams alike.
 * Undefined when nobody is signed in; `request.too_many` after too many bad tokens from one address.
 */
export async function authenticate(request: FastifyRequest, services: Services): Promise<Who | undefined> {
  const credentials = credentialsIn(request, services);
  if (credentials === undefined) return undefined;
  const address = addressGroup(request.ip);
  services.tokenAttempts.check(address);
  if (credentials.by === "token" && isReportToken(credentials.secret)) {
    const reporting = await findHost(credentials.secret, services);
    if (reporting === undefined) services.tokenAttempts.take(address);
    return reporting;
  }
  const found = await find(credentials, services);
  if (found === undefined) {
    services.tokenAttempts.take(address);
    return undefined;
  }
  const { user, token } = found;
  return { user, permissions: permissionsOf(user.role, user.scope), tokenId: token.id, by: credentials.by };
}

async function find(credentials: Credentials, services: Services) {
  if (credentials.by === "session") return services.sessions.find(credentials.secret);
  const found = await services.store.users.useToken(tokenHash(credentials.secret), ["api"], services.clock());
  return found?.user === undefined ? undefined : { token: found.token, user: found.user };
}

/** A host with its own token is nobody's user: it may report and nothing else. */
async function findHost(secret: string, services: Services): Promise<Who | undefined> {
  const host = await services.store.shellCommands.useReportToken(tokenHash(secret), services.clock());
  if (host === undefined) return undefined;
  const user: Who["user"] = {
    id: 0,
    name: `host ${host.hostName}`,
    role: "viewer",
    scope: { everything: false, functionCategories: [], appCategories: [] },
    enabled: true,
    hasPassword: false,
    createdAt: 0,
  };
  return { user, permissions: hostPermissions, tokenId: 0, by: "host", host };
}

import { OmError } from "../../contract/errors.ts";
import type { Permission } from "../../contract/http/route.ts";
import { reasonText } from "../../contract/reasons.ts";
import type { User } from "../store/repositories/users.ts";

/** Whoever asks, as the store knew them when the request came in. */
export interface Who {
  readonly user: User;
  readonly permissions: ReadonlySet<Permission>;
  readonly tokenId: number;
  readonly by: "session" | "token" | "host";
  /** Set when it is a host that reports by its own token; `user` then stands for the host and may nothing else. */
  readonly host?: { readonly hostId: number; readonly hostName: string; readonly address: string };
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the one authentication hook on every route that is not public. */
    who: Who | undefined;
  }
}

/** Who asks, as controllers and the audit are told. */
export function actorOf({ user }: Who): { readonly userId: number; readonly name: string } {
  return { userId: user.id, name: user.name };
}

/** The one place that decides whether a signed-in user may use what needs this permission. */
export function authorize(who: Who | undefined, permission: Permission): asserts who is Who {
  if (who === undefined) {
    throw new OmError("access.not_signed_in", reasonText("not_signed_in"));
  }
  if (who.permissions.has(permission)) return;
  throw new OmError("access.denied", reasonText("permission_missing", { permission, user: who.user.name }));
}

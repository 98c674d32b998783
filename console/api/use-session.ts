import { useQuery } from "@tanstack/react-query";
import type { Permission } from "../../src/contract/http/route.ts";
import { client, sessionKey } from "./client.ts";
import type { Session } from "./types.ts";

export const sessionQuery = {
  queryKey: sessionKey,
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<Session> => client.call("GET /session", { signal }),
  staleTime: 60_000,
  retry: false,
};

export interface SessionHold {
  readonly session: Session | undefined;
  /** What is not permitted is not offered; the server decides again for itself. */
  can(permission: Permission): boolean;
}

/** Who is signed in. Below the frame there always is somebody. */
export function useSession(): SessionHold {
  const { data } = useQuery(sessionQuery);
  return { session: data, can: (permission) => data?.permissions.includes(permission) === true };
}

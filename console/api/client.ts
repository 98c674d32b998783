import { QueryCache, QueryClient } from "@tanstack/react-query";
import { OmError } from "../../src/contract/errors.ts";
import { createClient } from "../../src/contract/http/client.ts";
import { createStore } from "../app/store.ts";

/** The one way to the server: the same public API that the command line and scripts use, with the session's cookie. */
export const client = createClient({ baseUrl: "" });

export const sessionKey = ["session"] as const;

/** Counts the sessions that were found to have ended while the page was open. */
export const sessionsEnded = createStore(0);

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      // Somebody was signed in and is no longer. Who never was is asked to sign in by the router.
      if (isNotSignedIn(error) && queryClient.getQueryData(sessionKey) !== undefined) {
        queryClient.removeQueries({ queryKey: sessionKey });
        sessionsEnded.set(sessionsEnded.get() + 1);
      }
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      networkMode: "always",
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && error instanceof OmError && error.code === "request.unanswered",
      retryDelay: (count) => 400 * 2 ** count,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

export function isNotSignedIn(error: unknown): boolean {
  return error instanceof OmError && error.code === "access.not_signed_in";
}

/** A value for `Idempotency-Key`; `crypto.randomUUID` is missing on a page without TLS. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

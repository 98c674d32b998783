import { QueryCache, QueryClient } from "@tanstack/react-query";
import { OmError } from "../../src/contract/errors.ts";
import { createClient } from "../../src/contract/http/client.ts";

/** The one way to the server: the same public API that the command line and scripts use, with the session's cookie. */
export const client = createClient({ baseUrl: "" });

export const sessionKey = ["session"] as const;

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // The session ended meanwhile: asking for it again brings the sign-in page.
      if (isNotSignedIn(error) && query.queryKey[0] !== sessionKey[0]) {
        void queryClient.invalidateQueries({ queryKey: sessionKey });
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

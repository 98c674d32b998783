import type { z } from "zod";

/** What a role may do. `public` needs no sign-in, `self` any signed-in user; the rest is given by role (src/web/access). */
export const permissions = [
  "public",
  "self",
  "inventory.read",
  "inventory.write",
  "hosts.connect",
  "modules.read",
  "modules.write",
  "files.read",
  "files.write",
  "runs.read",
  "runs.start",
  "runs.adhoc",
  "credentials.manage",
  "keys.manage",
  "controllers.manage",
  "users.manage",
  "settings.manage",
  "audit.read",
  // Of no role: a host's own token has it and nothing else.
  "hosts.report",
] as const;
export type Permission = (typeof permissions)[number];

/** How the body of an answer is sent. */
export type Answer = "json" | "events" | "bytes" | "empty";

/**
 * A route is data: where, who may, what goes in, what comes out. Every route stands in `routes.ts`; the server refuses
 * to start with a route that has no handler, and the suite makes denial tests from the list.
 */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v1`, with `:name` for path parameters. */
  readonly path: `/${string}`;
  readonly permission: Permission;
  /** One line for the API page. */
  readonly summary: string;
  readonly tag: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** A body of raw bytes (`application/octet-stream`), streamed, at most this many. */
  readonly upload?: { readonly maxBytes: number };
  readonly answer: Answer;
  readonly response?: z.ZodType;
  readonly status?: 200 | 201 | 204;
}

/** Keeps the literal types of a route and checks it. */
export function route<const R extends Route>(definition: R): R {
  return definition;
}

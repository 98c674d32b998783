import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Route } from "../../contract/http/route.ts";
import type { RouteName, Routes } from "../../contract/http/routes.ts";
import type { AuditNote } from "./audit-note.ts";
import type { Services } from "./parts.ts";
import type { Who } from "./who.ts";

type Parsed<R, Part extends "params" | "query" | "body"> = R extends {
  readonly [P in Part]: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : undefined;

type Deep<T> = T extends (infer Item)[]
  ? readonly Deep<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Deep<T[Key]> }
    : T;

/** One request, checked: its parts have the route's types, and whoever asks may use the route. */
export interface Call<R extends Route> {
  readonly params: Parsed<R, "params">;
  readonly query: Parsed<R, "query">;
  readonly body: Parsed<R, "body">;
  /** Body of an upload route, not read yet. */
  readonly upload: R extends { readonly upload: unknown } ? Readable : undefined;
  readonly who: R["permission"] extends "public" ? undefined : Who;
  /** IP address that it comes from. */
  readonly source: string;
  /** Writes the audit record; the action follows only when it resolves (else `audit.unavailable`). */
  audit(note: AuditNote): Promise<void>;
  /** Aborted when the reader goes away or the server closes. */
  readonly signal: AbortSignal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Raw bytes, or text that comes in pieces; always sent as a download, never shown by the browser. */
export interface Bytes {
  readonly content: Uint8Array | AsyncIterable<Uint8Array | string>;
  readonly fileName: string;
  /** Default `application/octet-stream`. */
  readonly type?: string;
}

export type Result<R extends Route> = R["answer"] extends "json"
  ? R extends { readonly response: infer Schema extends z.ZodType }
    ? Deep<z.output<Schema>>
    : never
  : R["answer"] extends "bytes"
    ? Bytes
    : R["answer"] extends "events"
      ? AsyncIterable<string>
      : undefined;

export type Handler<R extends Route> = (call: Call<R>, services: Services) => Promise<Result<R>>;

/** One handler a route: a route without one, or one without a route, does not compile. */
export type Handlers = { readonly [Name in RouteName]: Handler<Routes[Name]> };

import type { z } from "zod";
import { type ErrorCode, errorCatalogue, OmError, type Problem } from "../errors.ts";
import { clientReasons } from "../reasons/client.ts";
import type { Reason } from "../reasons.ts";
import { filled } from "../sentence.ts";
import type { Route } from "./route.ts";
import type { Routes } from "./routes.ts";

type Body = NonNullable<RequestInit["body"]>;
type Key<R extends Route> = `${R["method"]} ${R["path"]}`;
type ByKey = { [Name in keyof Routes as Key<Routes[Name]>]: Routes[Name] };
export type RouteKey = keyof ByKey;

type In<R, Part extends "params" | "query" | "body"> = R extends {
  readonly [P in Part]: infer Schema extends z.ZodType;
}
  ? { readonly [P in Part]: z.input<Schema> }
  : unknown;
export type CallInput<K extends RouteKey> = In<ByKey[K], "params"> &
  (ByKey[K] extends { readonly query: infer Schema extends z.ZodType }
    ? { readonly query?: Partial<z.input<Schema>> }
    : unknown) &
  In<ByKey[K], "body"> &
  (ByKey[K] extends { readonly upload: unknown } ? { readonly upload: Body } : unknown) & {
    readonly signal?: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
  };
export type CallOutput<K extends RouteKey> = ByKey[K] extends { readonly response: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : ByKey[K]["answer"] extends "bytes" | "events"
    ? Response
    : undefined;

export interface ClientOptions {
  /** Origin of the server without `/api/v1`; empty in a browser. */
  readonly baseUrl: string;
  /** API token; a browser has its cookie instead. */
  readonly token?: string;
  readonly fetch?: typeof fetch;
}

export interface Client {
  /** Rejects with {@link OmError} for every answer that is a problem, and with `request.unanswered` for no answer. */
  call<K extends RouteKey>(key: K, input: CallInput<K>): Promise<CallOutput<K>>;
}

interface AnyInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly upload?: Body;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A typed client of the public API: `client.call("GET /runs/:id", { params: { id: 7 } })`.
 * It brings no schemas along (types only), so that a browser loads none.
 */
export function createClient(options: ClientOptions): Client {
  const fetcher = options.fetch ?? ((request: Parameters<typeof fetch>[0], init?: RequestInit) => fetch(request, init));
  return {
    async call<K extends RouteKey>(key: K, input: CallInput<K>): Promise<CallOutput<K>> {
      const space = key.indexOf(" ");
      const given = input as AnyInput;
      const response = await answerOf(fetcher, `${options.baseUrl}${addressOf(key.slice(space + 1), given)}`, {
        method: key.slice(0, space),
        headers: headersOf(options, given),
        ...bodyOf(given),
        ...(given.signal ? { signal: given.signal } : {}),
      });
      if (!response.ok) throw await problemOf(response);
      if (response.status === 204) return undefined as CallOutput<K>;
      if (response.headers.get("content-type")?.startsWith("application/json") && !key.endsWith("/export")) {
        return (await response.json()) as CallOutput<K>;
      }
      return response as CallOutput<K>;
    },
  };
}

/** Path and query of a call, below the origin. */
export function addressOf(
  path: string,
  input: { params?: Readonly<Record<string, unknown>>; query?: Readonly<Record<string, unknown>> },
): string {
  const filled = path.replace(/:([a-zA-Z0-9]+)/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `/api/v1${filled}${search.size > 0 ? `?${search}` : ""}`;
}

function headersOf(options: ClientOptions, input: AnyInput): Record<string, string> {
  return {
    accept: "application/json, application/problem+json, */*",
    ...(input.body === undefined ? {} : { "content-type": "application/json" }),
    ...(input.upload === undefined ? {} : { "content-type": "application/octet-stream" }),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...input.headers,
  };
}

function bodyOf(input: AnyInput): RequestInit {
  if (input.upload !== undefined) return { body: input.upload, duplex: "half" } as RequestInit;
  return input.body === undefined ? {} : { body: JSON.stringify(input.body) };
}

async function answerOf(fetcher: typeof fetch, address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetcher(address, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new OmError("request.unanswered", filled(clientReasons.server_unanswered, { address }), { cause });
  }
}

async function problemOf(response: Response): Promise<OmError> {
  const text = await response.text();
  try {
    const document = JSON.parse(text) as { code?: string; detail?: string; reason?: Reason; problems?: Problem[] };
    if (document.code !== undefined && document.code in errorCatalogue) {
      const { detail = "", reason, problems = [] } = document;
      return new OmError(document.code as ErrorCode, detail, { problems, ...(reason === undefined ? {} : { reason }) });
    }
  } catch {
    // Not a problem document: something in front of OMServer answered.
  }
  return new OmError("request.unanswered", filled(clientReasons.server_fronted, { status: response.status }));
}

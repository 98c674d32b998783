import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { reasonText } from "../../contract/reasons.ts";
import { asRecord } from "./record.ts";
import { closed, denied, refuse, signInRefused, strange, unreachable, wrongStatus } from "./refusals.ts";
import type { SaltSettings } from "./settings.ts";

/** One low-state chunk as salt-api takes it: the client, the function, its target and arguments. */
export type LowState = Readonly<Record<string, unknown>>;

export interface SaltApi {
  /**
   * Has salt-api carry out one chunk; its part of the answer, which is untrusted. Signs in first where need be, and
   * again when the token is no longer taken. Throws `engine.unusable` with a {@link Refusal} as its cause.
   */
  call(chunk: LowState, options?: CallOptions): Promise<unknown>;
  /** Opens the stream of the master's events. The caller destroys it. */
  events(signal: AbortSignal): Promise<IncomingMessage>;
  /** Signs in anew and tells what the account may do: Salt's own `perms`. */
  permissions(signal: AbortSignal): Promise<readonly unknown[]>;
  close(): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Bytes of the answer that are read; more is refused. */
  readonly mostBytes?: number;
}

interface Token {
  readonly token: string;
  /** Seconds of the monotonic clock. */
  readonly renewAt: number;
  readonly permissions: readonly unknown[];
}

const mostAnswerBytes = 64 * 1024 * 1024;
const renewBeforeSeconds = 60;

export function createSaltApi(settings: SaltSettings): SaltApi {
  return new Api(settings);
}

class Api implements SaltApi {
  readonly #settings: SaltSettings;
  #agent: Agent | undefined;
  #token: Token | undefined;
  #signing: Promise<Token> | undefined;
  #closed = false;

  constructor(settings: SaltSettings) {
    this.#settings = settings;
  }

  async call(chunk: LowState, options: CallOptions = {}): Promise<unknown> {
    const token = await this.#signIn();
    let answer = await this.#post("/", [chunk], token.token, options);
    if (answer.status === 401) {
      // The token has ended before its time (salt-api forgot it), or the account may not do this.
      this.#forget(token);
      const next = await this.#signIn();
      answer = await this.#post("/", [chunk], next.token, options);
      if (answer.status === 401) throw refuse(denied(chunk, this.#settings));
    }
    if (answer.status !== 200) throw refuse(wrongStatus(answer, this.#settings));
    return firstReturn(answer.body, this.#settings);
  }

  async events(signal: AbortSignal): Promise<IncomingMessage> {
    const token = await this.#signIn();
    const response = await this.#send("GET", "/events", undefined, token.token, signal);
    if (response.statusCode === 200) return response;
    response.destroy();
    if (response.statusCode === 401) this.#forget(token);
    throw refuse(wrongStatus({ status: response.statusCode ?? 0, body: "" }, this.#settings));
  }

  async permissions(signal: AbortSignal): Promise<readonly unknown[]> {
    this.#token = undefined;
    const token = await Promise.race([this.#signIn(), aborted(signal)]);
    return token.permissions;
  }

  close(): void {
    this.#closed = true;
    this.#agent?.destroy();
  }

  /** One token for everything, renewed a minute before it ends; whoever waits meanwhile gets the same. */
  async #signIn(): Promise<Token> {
    if (this.#token !== undefined && performance.now() / 1000 < this.#token.renewAt) return this.#token;
    this.#signing ??= this.#newToken().finally(() => {
      this.#signing = undefined;
    });
    this.#token = await this.#signing;
    return this.#token;
  }

  #forget(token: Token): void {
    if (this.#token === token) this.#token = undefined;
  }

  async #newToken(): Promise<Token> {
    const { user, eauth, passwordFile } = this.#settings;
    const password = await readPassword(passwordFile);
    const answer = await this.#post("/login", { username: user, password, eauth }, undefined, {});
    if (answer.status === 401) throw refuse(signInRefused(this.#settings));
    if (answer.status !== 200) throw refuse(wrongStatus(answer, this.#settings));
    const found = firstOf(firstReturn(answer.body, this.#settings, true));
    const { token, expire, start, perms } = asRecord(found);
    if (typeof token !== "string" || !/^[0-9a-fA-F]{16,128}$/.test(token)) {
      throw refuse(strange(this.#settings, reasonText("salt_no_token")));
    }
    // By its length, as the clocks of two machines differ.
    const seconds = typeof expire === "number" && typeof start === "number" ? expire - start : 600;
    return {
      token,
      renewAt: performance.now() / 1000 + (Number.isFinite(seconds) ? seconds : 600) - renewBeforeSeconds,
      permissions: Array.isArray(perms) ? perms : [],
    };
  }

  async #post(
    path: string,
    body: unknown,
    token: string | undefined,
    options: CallOptions,
  ): Promise<{ status: number; body: string }> {
    const deadline = AbortSignal.timeout(this.#settings.requestMilliseconds);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    const response = await this.#send("POST", path, JSON.stringify(body), token, signal);
    try {
      const text = await readBounded(response, options.mostBytes ?? mostAnswerBytes);
      return { status: response.statusCode ?? 0, body: text };
    } catch (error) {
      throw refuse(unreachable(this.#settings, deadline.aborted ? deadline.reason : error, true));
    }
  }

  async #send(
    method: string,
    path: string,
    body: string | undefined,
    token: string | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    if (this.#closed) throw refuse(closed);
    this.#agent ??= await this.#newAgent();
    const agent = this.#agent;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    let connected = false;
    const url = new URL(`${this.#settings.url.replace(/\/+$/, "")}${path}`);
    const outgoing = request(
      url,
      {
        method,
        agent,
        signal,
        headers: {
          accept: path === "/events" ? "text/event-stream" : "application/json",
          ...(body === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
          ...(token === undefined ? {} : { "x-auth-token": token }),
        },
      },
      resolve,
    );
    outgoing.once("socket", (socket) => {
      connected = outgoing.reusedSocket;
      if (connected) return;
      socket.once("secureConnect", () => {
        connected = true;
      });
    });
    outgoing.once("error", (error: Error & { code?: string }) => {
      // A kept connection that salt-api had just given up. Once more is safe: a minion takes no job's id twice.
      const stale = outgoing.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      if (stale && !signal.aborted) this.#send(method, path, body, token, signal).then(resolve, reject);
      else reject(refuse(unreachable(this.#settings, error, connected)));
    });
    outgoing.end(body);
    return promise;
  }

  async #newAgent(): Promise<Agent> {
    const { caFile } = this.#settings;
    const shared = { keepAlive: true, maxSockets: 16, minVersion: "TLSv1.2" } as const;
    if (caFile === undefined) return new Agent(shared);
    try {
      return new Agent({ ...shared, ca: await readFile(caFile) });
    } catch {
      throw refuse({
        kind: "untrusted",
        perhapsDone: false,
        reason: reasonText("salt_ca_unread", { file: caFile }),
        mend: reasonText("salt_ca_mend"),
      });
    }
  }
}

async function readPassword(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).split(/\r?\n/, 1)[0] ?? "";
  } catch {
    throw refuse({
      kind: "sign_in",
      perhapsDone: false,
      reason: reasonText("salt_password_unread", { file }),
      mend: reasonText("salt_password_mend"),
    });
  }
}

async function readBounded(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) {
      response.destroy();
      throw new Error(reasonText("engine_answer_bytes", { size: most.toLocaleString("en") }));
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The first element of `return`, which is what one chunk gives. */
function firstReturn(body: string, settings: SaltSettings, whole = false): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw refuse(strange(settings, reasonText("engine_answer_no_json")));
  }
  const list = asRecord(parsed).return;
  if (!Array.isArray(list)) throw refuse(strange(settings, reasonText("salt_no_return")));
  return whole ? list : list[0];
}

function firstOf(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () =>
      reject(
        refuse({
          kind: "unreachable",
          perhapsDone: true,
          reason: reasonText("salt_api_silent"),
          mend: reasonText("salt_look_at_it"),
        }),
      );
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}

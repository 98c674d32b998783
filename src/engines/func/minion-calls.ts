import { createSecureContext } from "node:tls";
import { reasonText } from "../../contract/reasons.ts";
import type { Cancellation } from "../job/cancellation.ts";
import { handshakeReason, refusesUs } from "./handshake-reason.ts";
import type { Identity } from "./identity.ts";
import { type Minion, MinionConnection } from "./minion-connection.ts";
import { MinionSessions } from "./minion-sessions.ts";
import { MalformedAnswer, type MethodResponse } from "./xmlrpc.ts";
import { readMethodResponse } from "./xmlrpc-reader.ts";

export interface CallLimits {
  readonly connectMilliseconds: number;
  /** From the sent request to its whole answer. */
  readonly answerMilliseconds: number;
  /** Gives the call up. */
  readonly cancellation?: Cancellation;
}

/** No answer came. `sent` is false only where surely no byte of the request was taken by the minion. */
export class CallFailure extends Error {
  readonly sent: boolean;
  /** A connection that had been kept turned out to be closed: worth another try where that does no harm. */
  readonly stale: boolean;

  constructor(message: string, sent: boolean, stale = false) {
    super(message);
    this.sent = sent;
    this.stale = stale;
  }
}

export interface MinionCalls {
  /** One XML-RPC call, written already. Rejects with {@link CallFailure} when there is no answer that can be read. */
  call(minion: Minion, call: string, limits: CallLimits): Promise<MethodResponse>;
  close(): void;
}

const keptMilliseconds = 15_000;
const sweepMilliseconds = 5000;

/** Calls over kept connections of mutual TLS. An HTTP/1.0 minion closes its connection each time, which does as well. */
export function createMinionCalls(identity: Identity): MinionCalls {
  return new KeptCalls(identity);
}

class KeptCalls implements MinionCalls {
  /** Made once: to read certificates and key for each connection costs as much as the handshake. */
  readonly #context;
  readonly #sessions = new MinionSessions();
  readonly #open = new Set<MinionConnection>();
  /** One a minion; a server of Python gives a thread to each. */
  readonly #idle = new Map<string, { readonly connection: MinionConnection; readonly since: number }>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(identity: Identity) {
    this.#context = createSecureContext(identity);
  }

  async call(minion: Minion, call: string, limits: CallLimits): Promise<MethodResponse> {
    const request = httpRequest(minion, call);
    // The name is part of what tells connections and sessions apart: it was checked when they were made.
    const key = `${minion.address} ${minion.port} ${minion.name}`;
    const kept = this.#takeIdle(key);
    if (kept !== undefined) return await this.#ask({ key, minion, connection: kept, request, limits, kept: true });
    const begun = performance.now();
    const session = this.#sessions.of(key);
    const connection = this.#connect(key, minion, session);
    try {
      return await this.#ask({ key, minion, connection, request, limits, kept: false });
    } catch (error) {
      const { reached, secure } = connection;
      const ours = limits.cancellation?.cancelled === true || performance.now() - begun >= limits.connectMilliseconds;
      if (session === undefined || !reached || secure || ours) throw error;
    }
    // An original minion turns away who resumes a session, though it had offered it.
    this.#sessions.refused(key);
    return await this.#ask({ key, minion, connection: this.#connect(key, minion), request, limits, kept: false });
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const connection of [...this.#open]) connection.end(new Error(reasonText("engine_was_closed")));
  }

  #connect(key: string, minion: Minion, session?: Buffer): MinionConnection {
    const connection = new MinionConnection(minion, this.#context, session);
    this.#open.add(connection);
    connection.onEnd = () => {
      this.#open.delete(connection);
      if (this.#idle.get(key)?.connection === connection) this.#idle.delete(key);
      this.#sessions.keep(key, connection.session);
    };
    return connection;
  }

  #takeIdle(key: string): MinionConnection | undefined {
    const idle = this.#idle.get(key);
    this.#idle.delete(key);
    return idle?.connection;
  }

  #keepIdle(key: string, connection: MinionConnection): void {
    if (!connection.usable) return;
    this.#idle.get(key)?.connection.end(new Error("another connection is kept"));
    this.#idle.set(key, { connection, since: performance.now() });
    this.#sweep ??= setInterval(() => this.#endAged(), sweepMilliseconds);
  }

  #endAged(): void {
    const bound = performance.now() - keptMilliseconds;
    for (const { connection, since } of [...this.#idle.values()]) {
      if (since < bound) connection.end(new Error(reasonText("func_kept_long")));
    }
    if (this.#idle.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  async #ask(call: {
    readonly key: string;
    readonly minion: Minion;
    readonly connection: MinionConnection;
    readonly request: string;
    readonly limits: CallLimits;
    readonly kept: boolean;
  }): Promise<MethodResponse> {
    const { key, minion, connection, request, limits, kept } = call;
    let ours = false;
    function give(up: string): void {
      ours = true;
      connection.end(new Error(up));
    }
    function within(milliseconds: number, what: string): NodeJS.Timeout {
      return setTimeout(() => give(`no ${what} within ${milliseconds / 1000} s`), Math.min(milliseconds, 2 ** 31 - 1));
    }
    let left = false;
    let timer = within(limits.connectMilliseconds, "connection");
    const unlisten = limits.cancellation?.listen(() => give(reasonText("func_given_up")));
    try {
      const body = await connection.ask(request, () => {
        left = true;
        clearTimeout(timer);
        timer = within(limits.answerMilliseconds, "answer");
      });
      this.#keepIdle(key, connection);
      return readMethodResponse(body);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (error instanceof MalformedAnswer) throw new CallFailure(text, true);
      if (ours) throw new CallFailure(text, left);
      // By TLS 1.3 a minion looks at our certificate when the request is on its way already, and reads none of it.
      const refused = left && !kept && !connection.heard && refusesUs(error);
      if (!left || refused) throw new CallFailure(await handshakeReason(minion, error), false);
      throw new CallFailure(text, true, kept && !connection.heard);
    } finally {
      clearTimeout(timer);
      unlisten?.();
    }
  }
}

function httpRequest({ address, port }: Minion, body: string): string {
  const host = address.includes(":") ? `[${address}]` : address;
  const head = `POST /RPC2 HTTP/1.1\r\nHost: ${host}:${port}\r\nUser-Agent: OMServer\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return head + body;
}

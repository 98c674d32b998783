import type { IncomingMessage } from "node:http";
import { Agent, type AgentOptions, request } from "node:https";
import type { Duplex } from "node:stream";
import { createSecureContext, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { handshakeReason } from "./handshake-reason.ts";
import type { Identity } from "./identity.ts";
import { MalformedAnswer, type MethodResponse, methodCall, readMethodResponse, type XmlRpcValue } from "./xmlrpc.ts";

/** A minion as it is reached: its certificate must carry the name. */
export interface Minion {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface CallLimits {
  readonly connectMilliseconds: number;
  /** From the sent request to its whole answer. */
  readonly answerMilliseconds: number;
  readonly signal?: AbortSignal;
}

/** No answer came. `sent` is false only where surely no byte of the request left for the minion. */
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
  /** One XML-RPC call. Rejects with {@link CallFailure} when there is no answer that can be read. */
  call(minion: Minion, method: string, parameters: readonly XmlRpcValue[], limits: CallLimits): Promise<MethodResponse>;
  close(): void;
}

const largestAnswerBytes = 16 * 1024 * 1024;
const keptMilliseconds = 15_000;

interface MinionOptions extends AgentOptions {
  readonly minion?: string;
}

/**
 * Connections are kept a minion, so the name that its certificate is held to is part of what tells them apart. It is
 * checked when a connection is made; Node keeps none whose check comes with the single request.
 */
class MinionAgent extends Agent {
  override getName(options?: MinionOptions): string {
    return `${super.getName(options)}:${options?.minion}`;
  }

  override createConnection(options: MinionOptions, ...rest: [((error: Error | null, stream: Duplex) => void)?]) {
    const checkServerIdentity = () => commonNameProblem(options.minion ?? "", subjectOf(socket));
    const socket = super.createConnection({ ...options, checkServerIdentity } as MinionOptions, ...rest) as TLSSocket;
    // Node takes the whole chain apart for the check, a sixth of the handshake; the subject is all that it looks at.
    socket.getPeerCertificate = () => nothingOfIt as DetailedPeerCertificate;
    return socket;
  }
}

const nothingOfIt = {};

/** The subject as OpenSSL prints it: an attribute a line (a name that holds several on one line is no such line). */
function subjectOf(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.subject ?? "";
}

/** Calls over kept connections of mutual TLS. An HTTP/1.0 minion closes its connection each time, which does as well. */
export function createMinionCalls(identity: Identity): MinionCalls {
  const agent = new MinionAgent({
    // Made once: to read certificates and key for each connection costs as much as the handshake.
    secureContext: createSecureContext(identity),
    minVersion: identity.minVersion,
    keepAlive: true,
    maxSockets: 4,
    maxFreeSockets: 1,
    timeout: keptMilliseconds,
    maxCachedSessions: 10_000,
    scheduling: "lifo",
  });
  return {
    call(minion, method, parameters, limits) {
      return send(agent, minion, methodCall(method, parameters), limits);
    },
    close: () => agent.destroy(),
  };
}

/** Certmaster's certificates have a common name and nothing else: that one is held to, whatever newer rules say. */
export function commonNameProblem(name: string, subject: string): Error | undefined {
  const found = subject.split("\n").filter((line) => /\bCN=/.test(line));
  const [line = ""] = found;
  if (found.length === 1 && line.toLowerCase() === `cn=${name.toLowerCase()}`) return undefined;
  const shown = found.length === 1 && line.startsWith("CN=") ? `“${line.slice(3, 103)}”` : "no single name";
  return new Error(`the certificate there carries ${shown}, not “${name}”`);
}

async function send(agent: Agent, minion: Minion, body: Buffer, limits: CallLimits): Promise<MethodResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = {
    agent,
    minion: minion.name,
    host: minion.address,
    port: minion.port,
    method: "POST",
    path: "/RPC2",
    headers: { "Content-Type": "text/xml", "Content-Length": body.length, "User-Agent": "OMServer" },
  };
  const outgoing = request(options);
  let left = false;
  let over = false;
  let timer = setTimeout(
    () => {
      fail(new Error(`no connection within ${limits.connectMilliseconds / 1000} s`));
    },
    Math.min(limits.connectMilliseconds, 2 ** 31 - 1),
  );

  function fail(error: Error): void {
    if (over) return;
    over = true;
    reject(error);
    outgoing.destroy();
  }
  function onSecure(): void {
    if (over) return;
    clearTimeout(timer);
    left = true;
    outgoing.end(body);
    timer = setTimeout(
      () => {
        fail(new Error(`no answer within ${limits.answerMilliseconds / 1000} s`));
      },
      Math.min(limits.answerMilliseconds, 2 ** 31 - 1),
    );
  }
  const aborted = () => fail(new Error("the call was given up"));
  limits.signal?.addEventListener("abort", aborted, { once: true });
  if (limits.signal?.aborted === true) aborted();

  outgoing.on("socket", (socket) => whenSecure(socket as TLSSocket, onSecure));
  outgoing.on("response", (incoming) => readAnswer(incoming, resolve, fail));
  outgoing.on("error", fail);
  try {
    return readMethodResponse(await promise);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof MalformedAnswer) throw new CallFailure(text, true);
    const stale = left && outgoing.reusedSocket && /ECONNRESET|EPIPE|socket hang up/.test(text);
    throw new CallFailure(left ? text : await handshakeReason(minion, error), left, stale);
  } finally {
    over = true;
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", aborted);
  }
}

/** Nothing of the request is written before the other side has proved who it is. */
function whenSecure(socket: TLSSocket, then: () => void): void {
  if (socket.authorized) then();
  else socket.once("secureConnect", then);
}

function readAnswer(incoming: IncomingMessage, resolve: (body: Buffer) => void, fail: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > largestAnswerBytes)
      fail(new MalformedAnswer(`its answer is longer than ${largestAnswerBytes / 2 ** 20} MiB`));
  });
  incoming.on("aborted", () => fail(new Error("the connection broke within the answer")));
  incoming.on("error", fail);
  incoming.on("end", () => {
    if (incoming.statusCode === 200) resolve(Buffer.concat(chunks));
    else fail(new MalformedAnswer(`it answered with HTTP status ${incoming.statusCode}`));
  });
}

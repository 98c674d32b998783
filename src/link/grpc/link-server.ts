import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Peer, peerOf } from "./admission.ts";
import { defaultKeepAlive, type KeepAlive, keepAlive, receiveWindowBytes } from "./keep-alive.ts";
import { type CallOptions, callerOf, createCallHandler } from "./server-calls.ts";

/** In PEM. The certificate first, then what it comes from. */
export interface ServerIdentity {
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
}

export interface LinkServerOptions extends CallOptions {
  readonly address: string;
  readonly port: number;
  readonly identity: ServerIdentity;
  readonly keepAlive?: KeepAlive;
  /** How often open links are checked anew, in milliseconds. Default 10,000. */
  readonly checkMilliseconds?: number;
}

const refusedMilliseconds = 2000;
/** For a goodbye to leave before the connection is cut. */
const goodbyeMilliseconds = 50;
const handshakeMilliseconds = 10_000;
/** A connection without a certificate may stay so long: enrolment is one call. */
const strangerMilliseconds = 60_000;

/** Where controllers dial in. */
export interface LinkServer {
  /** The real port where 0 was asked for. */
  readonly port: number;
  /** Closes every connection of a controller at once. */
  cut(controller: string): void;
  /** A renewed certificate, for connections from now on. */
  use(identity: ServerIdentity): void;
  /** Says goodbye on every link, then cuts them. */
  close(): Promise<void>;
}

/**
 * Serves the calls of link.proto over TLS 1.3 only. Certificates are checked at the handshake, at every call, and again
 * and again while a link stands; a connection whose certificate is not good gets nothing but refusals, and is closed.
 */
export async function startLinkServer(options: LinkServerOptions): Promise<LinkServer> {
  const { log } = options;
  const peers = new Map<ServerHttp2Session, Peer>();
  /** Also those that have not come through their handshake. */
  const sockets = new Set<Socket>();
  const server = createSecureServer({
    ...secrets(options.identity),
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    requestCert: true,
    // Enrolment comes without a certificate; what a connection with a bad one gets is decided right below.
    rejectUnauthorized: false,
    allowHTTP1: false,
    handshakeTimeout: handshakeMilliseconds,
    settings: { initialWindowSize: receiveWindowBytes, maxConcurrentStreams: 16 },
  });
  const { handle, settled } = createCallHandler(options);
  server.on("request", handle);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("session", (session) => {
    session.once("close", () => peers.delete(session));
    session.on("error", (error) => log.debug({ error }, "a connection of the link broke"));
    session.setLocalWindowSize(4 * receiveWindowBytes);
    keepAlive(session, options.keepAlive ?? defaultKeepAlive);
    void admitSession(session);
  });
  server.on("tlsClientError", (error) => log.debug({ error }, "a handshake on the link failed"));

  function destroyAfter(session: ServerHttp2Session, milliseconds: number): void {
    const timer = setTimeout(() => session.destroy(), milliseconds);
    session.once("close", () => clearTimeout(timer));
  }

  /** Its calls are refused one by one, so that it is told why; soon after, the connection goes. */
  function refuse(session: ServerHttp2Session): void {
    log.warn({ address: session.socket.remoteAddress }, "a connection came with a certificate that is not good here");
    destroyAfter(session, refusedMilliseconds);
  }

  async function admitSession(session: ServerHttp2Session): Promise<void> {
    const caller = callerOf(session.socket as TLSSocket);
    if (caller.certificate === undefined) return destroyAfter(session, strangerMilliseconds);
    const peer = peerOf(caller);
    if (peer === undefined || !(await options.check(peer).catch(() => false))) refuse(session);
    else if (!session.destroyed) peers.set(session, peer);
  }

  async function checkSession(session: ServerHttp2Session, peer: Peer): Promise<void> {
    try {
      if (await options.check(peer)) return;
    } catch (error) {
      // An open link goes on while the store is away; calls that begin are refused meanwhile.
      log.warn({ error, controller: peer.controller }, "the certificate of a controller could not be checked");
      return;
    }
    if (session.destroyed) return;
    log.warn(peer, "a connection with a revoked or ended certificate was closed");
    session.destroy();
  }

  const checking = setInterval(() => {
    for (const [session, peer] of peers) void checkSession(session, peer);
  }, options.checkMilliseconds ?? 10_000);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    cut(controller) {
      for (const [session, peer] of peers) if (peer.controller === controller) session.destroy();
    },
    use: (identity) => server.setSecureContext(secrets(identity)),
    async close() {
      clearInterval(checking);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of peers.keys()) {
        // One that was given up just now is still among them.
        if (!session.destroyed) session.goaway(constants.NGHTTP2_NO_ERROR);
      }
      if (peers.size > 0) await new Promise((resolve) => setTimeout(resolve, goodbyeMilliseconds));
      for (const socket of sockets) socket.destroy();
      await closed;
      await settled();
    },
  };
}

function secrets({ key, certificate, authority }: ServerIdentity) {
  return { key, cert: certificate, ca: authority };
}

function listen(server: Http2SecureServer, { address, port }: LinkServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

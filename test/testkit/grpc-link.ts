import { X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { ControllerEnd, WebEnd } from "../../src/contract/link/link.ts";
import { createSigningRequest } from "../../src/controller/enrol/signing-request.ts";
import type { Peer } from "../../src/link/grpc/admission.ts";
import type { ClientIdentity } from "../../src/link/grpc/connection.ts";
import { type Dialler, type DialOptions, startDialling } from "../../src/link/grpc/dial.ts";
import { type LinkServer, type LinkServerOptions, startLinkServer } from "../../src/link/grpc/link-server.ts";
import { type Authority, openAuthority, type WebIdentity } from "../../src/web/enrol/authority.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const log = pino({ level: process.env.LINK_LOG ?? "silent" });

/** An installation's authority with the certificates that tests need. */
export interface TestAuthority {
  readonly folder: string;
  readonly authority: Authority;
  readonly web: WebIdentity;
  /** A certificate for a controller of this name, and its serial number. */
  controller(name: string): Promise<{ identity: ClientIdentity; serial: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function newAuthority(clock: () => number = Date.now): Promise<TestAuthority> {
  const folder = await mkdtemp(join(tmpdir(), "omserver-authority-"));
  const authority = await openAuthority(folder, clock);
  const web = await authority.issueWeb();
  return {
    folder,
    authority,
    web,
    async controller(name) {
      const { key, request } = await createSigningRequest();
      const { certificate, serial } = await authority.issue(name, request);
      const pem = new X509Certificate(certificate).toString();
      return { identity: { authority: web.authority, own: { key, certificate: pem } }, serial };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export function openLinkServer(web: WebIdentity, options: Partial<LinkServerOptions> = {}): Promise<LinkServer> {
  return startLinkServer({
    address: "127.0.0.1",
    port: 0,
    identity: web,
    check: async () => true,
    attach: (end) => end.closed,
    enrol: async () => ({}),
    renew: async () => new Uint8Array(),
    log,
    ...options,
  });
}

export function dial(port: number, identity: ClientIdentity, options: Partial<DialOptions> = {}): Dialler {
  return startDialling({
    servers: [`https://127.0.0.1:${port}`],
    identity: () => identity,
    attach: (end) => end.closed,
    log,
    longestPause: 200,
    ...options,
  });
}

/** Both ends of one open link over real TLS on loopback, with a proxy between. */
export interface GrpcLink {
  readonly web: WebEnd;
  readonly controller: ControllerEnd;
  readonly proxy: TcpProxy;
  dispose(): Promise<void>;
}

export interface GrpcLinkOptions {
  readonly windowBytes?: number;
  readonly pingMilliseconds?: number;
  readonly answerMilliseconds?: number;
  readonly check?: (peer: Peer) => Promise<boolean>;
}

export async function connectGrpc(options: GrpcLinkOptions = {}): Promise<GrpcLink> {
  const { windowBytes = 1024 * 1024, pingMilliseconds = 10_000, answerMilliseconds = 20_000 } = options;
  const alive = { pingMilliseconds, answerMilliseconds };
  const made = await newAuthority();
  const { identity } = await made.controller("bj-1");
  const web = Promise.withResolvers<WebEnd>();
  const controller = Promise.withResolvers<ControllerEnd>();
  function take<End extends WebEnd | ControllerEnd>(resolve: (end: End) => void): (end: End) => Promise<void> {
    return (end) => {
      resolve(end);
      return end.closed;
    };
  }
  const server = await openLinkServer(made.web, { attach: take<WebEnd>(web.resolve), windowBytes, keepAlive: alive });
  const proxy = await startTcpProxy({ port: server.port });
  const dialler = dial(proxy.port, identity, {
    attach: take<ControllerEnd>(controller.resolve),
    windowBytes,
    keepAlive: alive,
  });
  const ends = await Promise.all([web.promise, controller.promise]);
  // One link only: what comes after it is closed is another matter.
  proxy.accept(false);
  return {
    web: ends[0],
    controller: ends[1],
    proxy,
    async dispose() {
      await dialler.close();
      await server.close();
      await proxy.close();
      await made[Symbol.asyncDispose]();
    },
  };
}

import { type ClientHttp2Session, connect, constants } from "node:http2";
import type { PeerCertificate } from "node:tls";
import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { OmError } from "../../contract/errors.ts";
import { certificateName } from "../../contract/link/certificate-name.ts";
import { type KeepAlive, keepAlive, receiveWindowBytes } from "./keep-alive.ts";

/** What a side shows of itself, in PEM. A client that has no certificate yet shows none. */
export interface ClientIdentity {
  /** The authority that the web server's certificate must come from. */
  readonly authority: string;
  readonly own?: { readonly key: string; readonly certificate: string };
}

/** One connection to a web server; calls go over it until it is closed by either side. */
export interface Connection {
  readonly transport: Transport;
  /** Resolves when it is closed, whoever closed it. */
  readonly closed: Promise<void>;
  /** The web server has said goodbye, as it does when it is stopped; it, or another, is there soon. */
  saidGoodbye(): boolean;
  /** At once; what was underway is lost. Idempotent. */
  close(): void;
}

/** A single message of the link is smaller on both sides: an order of 100,000 hosts has about 10 MB. */
export const messageLimitBytes = 64 * 1024 * 1024;

const connectMilliseconds = 10_000;

/**
 * Connects over TLS 1.3 to a web server whose certificate comes from `identity.authority` and is one for web servers:
 * this authority makes no other server certificates, so that the address says where it is and the certificate what it
 * is. Rejects with `controller.unreachable`, which says what failed.
 */
export async function openConnection(
  server: string,
  identity: ClientIdentity,
  alive: KeepAlive,
  signal: AbortSignal,
): Promise<Connection> {
  const url = new URL(server);
  const session = connect(url.origin, {
    ca: identity.authority,
    ...(identity.own === undefined ? {} : { key: identity.own.key, cert: identity.own.certificate }),
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    checkServerIdentity: (_host, certificate) => notAWebServer(certificate),
    settings: { initialWindowSize: receiveWindowBytes, enablePush: false },
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  session.once("close", resolve);
  let failure: Error | undefined;
  session.on("error", (error) => {
    failure ??= error;
  });
  try {
    await connected(session, closed, signal);
  } catch {
    session.destroy();
    throw new OmError(
      "controller.unreachable",
      `The web server at ${url.host} cannot be reached: ${reasonOf(failure)}.`,
      { cause: failure },
    );
  }
  let goodbye = false;
  session.on("goaway", (code) => {
    goodbye ||= code === constants.NGHTTP2_NO_ERROR;
  });
  session.setLocalWindowSize(4 * receiveWindowBytes);
  keepAlive(session, alive);
  const transport = createGrpcTransport({
    baseUrl: url.origin,
    acceptCompression: [],
    readMaxBytes: messageLimitBytes,
    sessionManager: {
      authority: url.origin,
      async request(method, path, headers, options) {
        return session.request({ ...headers, ":method": method, ":path": path }, options);
      },
      notifyResponseByteRead: () => undefined,
    },
  });
  return {
    transport,
    closed,
    saidGoodbye: () => goodbye,
    close: () => session.destroy(undefined, constants.NGHTTP2_CANCEL),
  };
}

function connected(session: ClientHttp2Session, closed: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, connectMilliseconds);
    function settle(outcome: () => void): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      outcome();
    }
    const onAbort = () => settle(reject);
    if (signal.aborted) return settle(reject);
    signal.addEventListener("abort", onAbort);
    session.once("connect", () => settle(resolve));
    void closed.then(() => settle(reject));
  });
}

function notAWebServer(certificate: PeerCertificate): Error | undefined {
  if (certificateName(certificate.subjectaltname)?.role === "web") return undefined;
  return new Error("its certificate is not one for OMServer's web server");
}

function reasonOf(failure: Error | undefined): string {
  if (failure === undefined) return `no answer within ${connectMilliseconds / 1000} s`;
  const code = "code" in failure ? String(failure.code) : "";
  if (code === "SELF_SIGNED_CERT_IN_CHAIN" || code === "UNABLE_TO_VERIFY_LEAF_SIGNATURE") {
    return "its certificate comes from another authority; if OMServer was installed anew there, enrol this controller again";
  }
  return failure.message;
}

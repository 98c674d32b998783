import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { Logger } from "pino";
import { OmError } from "../../contract/errors.ts";
import { ControllerFrameSchema, WebFrameSchema } from "../../contract/link/controller_pb.ts";
import type { WebEnd } from "../../contract/link/link.ts";
import {
  EnrolmentService,
  type EnrolRequest,
  type EnrolResponseSchema,
  LinkService,
} from "../../contract/link/link_pb.ts";
import { admit, type Caller, type CheckPeer, type Peer } from "./admission.ts";
import { messageLimitBytes } from "./connection.ts";
import { createFrameQueue } from "./frame-queue.ts";
import { createStreamEnd } from "./stream-end.ts";

/** What the calls do; who may call is decided before them. */
export interface CallOptions {
  readonly check: CheckPeer;
  /** Takes over the link of a controller whose certificate was admitted; resolves when it is closed. */
  readonly attach: (end: WebEnd, controller: string) => Promise<void>;
  /** Rejects with an OmError when the token is not good. `address` is the caller's. */
  readonly enrol: (request: EnrolRequest, address: string) => Promise<MessageInitShape<typeof EnrolResponseSchema>>;
  /** A new certificate (DER) for a controller, by its signing request. */
  readonly renew: (peer: Peer, signingRequest: Uint8Array) => Promise<Uint8Array>;
  readonly log: Logger;
  /** Bytes that may wait in a link before `send` holds back. Default 1 MiB. */
  readonly windowBytes?: number;
}

interface Call {
  readonly caller: Caller;
  readonly address: string;
  /** Destroys the connection. */
  readonly cut: () => void;
  /** Told when the connection or the call is closed. */
  readonly onClose: (closed: () => void) => void;
}

const noCall: Call = {
  caller: { verified: false, certificate: undefined },
  address: "",
  cut: () => undefined,
  onClose: () => undefined,
};
const callKey = createContextKey(noCall, { description: "how the call came" });
const peerKey = createContextKey<Peer | undefined>(undefined, { description: "who was admitted" });

/** Answers requests by the methods of link.proto, each admitted first (admission.ts). */
export function createCallHandler(options: CallOptions): {
  handle: (request: Http2ServerRequest, response: Http2ServerResponse) => void;
  /** Resolves when no link is served any more. */
  settled: () => Promise<void>;
} {
  const { log } = options;
  const serving = new Set<Promise<void>>();

  const admission: Interceptor = (next) => async (request) => {
    const { caller } = request.contextValues.get(callKey);
    request.contextValues.set(peerKey, await admit(request.method, caller, options.check));
    try {
      return await next(request);
    } catch (error) {
      throw answerOf(error);
    }
  };

  const router = createConnectRouter({
    grpc: true,
    grpcWeb: false,
    connect: false,
    acceptCompression: [],
    readMaxBytes: messageLimitBytes,
    interceptors: [admission],
  });
  router.service(LinkService, {
    async *attach(requests, { values }) {
      const { controller } = admitted(values.get(peerKey));
      const queue = createFrameQueue(options.windowBytes ?? defaultWindowBytes);
      const end = createStreamEnd({
        sent: WebFrameSchema,
        received: ControllerFrameSchema,
        incoming: requests,
        queue,
        onClose: values.get(callKey).cut,
      });
      values.get(callKey).onClose(end.close);
      const served = options
        .attach(end, controller)
        .catch((error: unknown) => log.error({ error, controller }, "a link broke"))
        .finally(end.close);
      serving.add(served);
      void served.finally(() => serving.delete(served));
      try {
        for await (const frames of queue.batches()) yield { frames };
      } finally {
        end.close();
      }
    },
    async renew({ signingRequest }, { values }) {
      return { certificate: await options.renew(admitted(values.get(peerKey)), signingRequest) };
    },
  });
  router.service(EnrolmentService, {
    enrol: (request, { values }) => options.enrol(request, values.get(callKey).address),
  });
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  async function answer(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    const handler = handlers.get(request.url);
    if (handler === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { session } = request.stream;
    const values = createContextValues().set(callKey, {
      caller: callerOf(session?.socket as TLSSocket),
      address: session?.socket.remoteAddress ?? "",
      cut: () => session?.destroy(),
      onClose: (closed) => request.stream.once("close", closed),
    });
    const answered = await handler(universalRequestFromNodeRequest(request, response, undefined, values));
    await universalResponseToNodeResponse(answered, response);
  }

  return {
    handle(request, response) {
      answer(request, response).catch((error: unknown) => log.debug({ error }, "a call of a controller was cut"));
    },
    async settled() {
      await Promise.all(serving);
    },
  };
}

const defaultWindowBytes = 1024 * 1024;

export function callerOf(socket: TLSSocket): Caller {
  return { verified: socket.authorized, certificate: socket.getPeerX509Certificate() };
}

function admitted(peer: Peer | undefined): Peer {
  if (peer !== undefined) return peer;
  throw new ConnectError("This call needs a controller's certificate.", Code.PermissionDenied);
}

/** Messages of the catalogue are for people; of anything else nothing is told. */
function answerOf(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof OmError) {
    const code = error.code === "request.too_many" ? Code.ResourceExhausted : Code.PermissionDenied;
    return new ConnectError(error.message, code, undefined, undefined, error);
  }
  return new ConnectError(
    "The web server could not do it; its log says why.",
    Code.Internal,
    undefined,
    undefined,
    error,
  );
}

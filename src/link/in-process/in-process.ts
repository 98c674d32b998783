import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { ControllerFrameSchema, WebFrameSchema } from "../../contract/link/controller_pb.ts";
import type { ControllerEnd, LinkEnd, WebEnd } from "../../contract/link/link.ts";
import { type ByteQueue, createByteQueue } from "./byte-queue.ts";

export interface InProcessOptions {
  /** Bytes that may wait in each direction before `send` holds back. Default 1 MiB. */
  readonly windowBytes?: number;
}

/**
 * Both ends of a link inside one process. Frames cross as bytes, as on every other carrier: nothing is shared.
 * Closing drops what has not been read.
 */
export function connectInProcess(options: InProcessOptions = {}): { web: WebEnd; controller: ControllerEnd } {
  const windowBytes = options.windowBytes ?? 1024 * 1024;
  const toController = createByteQueue(windowBytes);
  const toWeb = createByteQueue(windowBytes);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  function close(): void {
    toController.close();
    toWeb.close();
    resolve();
  }
  return {
    web: createEnd(WebFrameSchema, toController, ControllerFrameSchema, toWeb, closed, close),
    controller: createEnd(ControllerFrameSchema, toWeb, WebFrameSchema, toController, closed, close),
  };
}

function createEnd<Sent extends Message, Received extends Message>(
  sentSchema: GenMessage<Sent>,
  outgoing: ByteQueue,
  receivedSchema: GenMessage<Received>,
  incoming: ByteQueue,
  closed: Promise<void>,
  close: () => void,
): LinkEnd<Sent, Received> {
  async function* decode(): AsyncGenerator<Received> {
    for await (const bytes of incoming) yield fromBinary(receivedSchema, bytes) as Received;
  }
  return {
    async send(frame) {
      await outgoing.push("encoded" in frame ? frame.encoded : toBinary(sentSchema, frame));
    },
    frames: decode(),
    close,
    closed,
  };
}

/**
 * Keeps a web server and a controller of the same process joined: a new link whenever the last one closed, after
 * 50 ms growing to 5 s while they close at once. Ends, and closes the link, when `signal` aborts.
 */
export async function joinInProcess(
  web: (end: WebEnd) => Promise<void>,
  controller: (end: ControllerEnd) => Promise<void>,
  signal: AbortSignal,
  options: InProcessOptions = {},
): Promise<void> {
  let pause = 50;
  while (!signal.aborted) {
    const ends = connectInProcess(options);
    const stop = () => ends.web.close();
    signal.addEventListener("abort", stop);
    const openedAt = performance.now();
    await Promise.allSettled([web(ends.web).finally(stop), controller(ends.controller).finally(stop)]);
    signal.removeEventListener("abort", stop);
    pause = performance.now() - openedAt > 1000 ? 50 : Math.min(pause * 2, 5000);
    await waitUnlessAborted(pause, signal);
  }
}

function waitUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}

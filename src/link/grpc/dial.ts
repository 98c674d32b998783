import { createClient } from "@connectrpc/connect";
import type { Logger } from "pino";
import { OmError } from "../../contract/errors.ts";
import { ControllerFrameSchema, WebFrameSchema } from "../../contract/link/controller_pb.ts";
import type { ControllerEnd } from "../../contract/link/link.ts";
import { LinkService } from "../../contract/link/link_pb.ts";
import { callError } from "./calls.ts";
import { type ClientIdentity, type Connection, openConnection } from "./connection.ts";
import { createFrameQueue, type FrameQueue } from "./frame-queue.ts";
import { defaultKeepAlive, type KeepAlive } from "./keep-alive.ts";
import { createStreamEnd } from "./stream-end.ts";

export interface DialOptions {
  /** `https://host:port` of each web server. */
  readonly servers: readonly string[];
  /** Asked before every connection, so that a renewed certificate is used from the next one on. */
  readonly identity: () => ClientIdentity;
  /** Serves a link until it is closed. */
  readonly attach: (end: ControllerEnd, server: string) => Promise<void>;
  readonly log: Logger;
  readonly keepAlive?: KeepAlive;
  /** Bytes that may wait in a link before `send` holds back. Default 1 MiB. */
  readonly windowBytes?: number;
  /** The longest pause between two attempts, in milliseconds. Default 5,000. */
  readonly longestPause?: number;
}

/** Keeps one link to each web server. */
export interface Dialler {
  /** A new certificate (DER), over any link that is open. Rejects with `controller.unreachable` when there is none. */
  renew(signingRequest: Uint8Array): Promise<Uint8Array>;
  /** Closes every link; each is opened again at once, with the present identity. */
  redial(): void;
  close(): Promise<void>;
}

const firstPause = 100;
/** After a goodbye a web server is looked for at this pace for so long. Milliseconds. */
const restartPause = 250;
const restartMilliseconds = 60_000;

/**
 * Dials every server and, whenever a link is closed or cannot be opened, dials again: after 100 ms growing to 5 s, each
 * pause at random between a half and all of it, so that many controllers do not come back at the same moment. A web server
 * that was stopped in order has said so; it is dialled again without growing pauses for a minute.
 */
export function startDialling(options: DialOptions): Dialler {
  const { log } = options;
  const stop = new AbortController();
  const open = new Set<Connection>();

  /** True when the web server said goodbye. */
  async function linkOnce(server: string): Promise<boolean> {
    const connection = await openConnection(
      server,
      options.identity(),
      options.keepAlive ?? defaultKeepAlive,
      stop.signal,
    );
    open.add(connection);
    const failed = { reason: undefined as OmError | undefined };
    try {
      const client = createClient(LinkService, connection.transport);
      const queue = createFrameQueue(options.windowBytes ?? 1024 * 1024);
      const end = createStreamEnd({
        sent: ControllerFrameSchema,
        received: WebFrameSchema,
        incoming: noted(client.attach(messages(queue)), failed),
        queue,
        onClose: connection.close,
      });
      void connection.closed.then(end.close);
      if (stop.signal.aborted) end.close();
      await options.attach(end, server).finally(end.close);
    } finally {
      open.delete(connection);
      connection.close();
    }
    if (failed.reason !== undefined) throw failed.reason;
    return connection.saidGoodbye();
  }

  async function keepLinked(server: string): Promise<void> {
    let pause = firstPause;
    let told = "";
    let restartingUntil = Number.NEGATIVE_INFINITY;
    while (!stop.signal.aborted) {
      const startedAt = performance.now();
      try {
        const goodbye = await linkOnce(server);
        if (goodbye) restartingUntil = performance.now() + restartMilliseconds;
        if (goodbye || performance.now() - startedAt > 1000 || stop.signal.aborted) told = "";
        else throw new Error("the web server closed the link at once; its log says why");
      } catch (error) {
        // Said once, and again when it is another reason.
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== told) log.warn({ server, reason }, "no link to a web server; it is tried again and again");
        told = reason;
      }
      pause = performance.now() - startedAt > 1000 ? firstPause : Math.min(pause * 2, options.longestPause ?? 5000);
      if (performance.now() < restartingUntil) pause = Math.min(pause, restartPause);
      await waitUnlessAborted(pause * (0.5 + Math.random() / 2), stop.signal);
    }
  }

  const keeping = options.servers.map(keepLinked);
  return {
    async renew(signingRequest) {
      const [connection] = open;
      if (connection === undefined) {
        throw new OmError("controller.unreachable", "No web server is connected that could renew the certificate.");
      }
      const client = createClient(LinkService, connection.transport);
      try {
        return (await client.renew({ signingRequest }, { timeoutMs: 30_000 })).certificate;
      } catch (error) {
        throw callError(error);
      }
    },
    redial() {
      for (const connection of open) connection.close();
    },
    async close() {
      stop.abort();
      for (const connection of open) connection.close();
      await Promise.all(keeping);
    },
  };
}

async function* messages(queue: FrameQueue): AsyncGenerator<{ frames: Uint8Array[] }> {
  for await (const frames of queue.batches()) yield { frames };
}

/**
 * Keeps why the web server refused the stream: to the link it is closed, to people it is more than that. The first
 * message is asked for at once, since a stream that fails before anybody reads it must not fail unheard.
 */
function noted<Item>(stream: AsyncIterable<Item>, failed: { reason: OmError | undefined }): AsyncIterable<Item> {
  const iterator = stream[Symbol.asyncIterator]();
  async function next(): Promise<IteratorResult<Item>> {
    try {
      return await iterator.next();
    } catch (error) {
      const reason = callError(error);
      if (reason.code !== "controller.unreachable") failed.reason = reason;
      return { done: true, value: undefined };
    }
  }
  let first: Promise<IteratorResult<Item>> | undefined = next();
  function nextOrFirst(): Promise<IteratorResult<Item>> {
    const taken = first ?? next();
    first = undefined;
    return taken;
  }
  return { [Symbol.asyncIterator]: () => ({ next: nextOrFirst }) };
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

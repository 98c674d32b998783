import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import type { LinkEnd } from "../../contract/link/link.ts";
import type { FrameQueue } from "./frame-queue.ts";

/** A message of the stream: encoded frames, see link.proto. */
interface Frames {
  readonly frames: readonly Uint8Array[];
}

export interface StreamEndOptions<Sent extends Message, Received extends Message> {
  readonly sent: GenMessage<Sent>;
  readonly received: GenMessage<Received>;
  readonly incoming: AsyncIterable<Frames>;
  /** Its batches are to be written into the stream as it takes them. */
  readonly queue: FrameQueue;
  /** Called once, when either side closes; must cut the connection. */
  readonly onClose: () => void;
}

/**
 * One end of a link over a pair of message streams. Frames are encoded when they are sent; what has gathered while the
 * stream was busy goes in one message. Not pulling `frames` leaves the stream unread, which holds the peer back.
 */
export function createStreamEnd<Sent extends Message, Received extends Message>(
  options: StreamEndOptions<Sent, Received>,
): LinkEnd<Sent, Received> {
  const { queue } = options;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let open = true;
  let stopReading: (() => void) | undefined;

  function close(): void {
    if (!open) return;
    open = false;
    queue.close();
    resolve();
    stopReading?.();
    options.onClose();
  }

  /** Undefined at the end. How a stream ends (reset, connection lost, properly) makes no difference: the link is closed. */
  function nextMessage(incoming: AsyncIterator<Frames>): Promise<Frames | undefined> {
    return new Promise((settle) => {
      stopReading = () => settle(undefined);
      incoming.next().then(
        (next) => settle(next.done === true ? undefined : next.value),
        () => settle(undefined),
      );
    });
  }

  async function* read(): AsyncGenerator<Received> {
    const incoming = options.incoming[Symbol.asyncIterator]();
    try {
      while (open) {
        const message = await nextMessage(incoming);
        if (message === undefined) return;
        for (const frame of message.frames) {
          if (!open) return;
          yield fromBinary(options.received, frame) as Received;
        }
      }
    } finally {
      close();
    }
  }

  return {
    async send(frame) {
      await queue.push("encoded" in frame ? frame.encoded : toBinary(options.sent, frame));
    },
    frames: read(),
    close,
    closed,
  };
}

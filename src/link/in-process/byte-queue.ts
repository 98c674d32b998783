import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/**
 * One direction of a link in memory: encoded frames, in order, bounded by bytes. A sender waits while more than
 * `windowBytes` are queued; a single larger frame still passes.
 */
export interface ByteQueue extends AsyncIterable<Uint8Array> {
  push(frame: Uint8Array): Promise<void>;
  /** Drops what is queued, ends the reader, rejects waiting and later senders. Idempotent. */
  close(): void;
}

export function createByteQueue(windowBytes: number): ByteQueue {
  let frames: Uint8Array[] = [];
  let head = 0;
  let queuedBytes = 0;
  let closed = false;
  let iterated = false;
  let wakeReader: (() => void) | undefined;
  let waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  function take(): Uint8Array | undefined {
    const frame = frames[head];
    if (frame === undefined) return undefined;
    head += 1;
    if (head === frames.length) {
      frames = [];
      head = 0;
    }
    queuedBytes -= frame.byteLength;
    if (queuedBytes <= windowBytes && waiting.length > 0) {
      const ready = waiting;
      waiting = [];
      for (const sender of ready) sender.resolve();
    }
    return frame;
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      while (!closed) {
        const frame = take();
        if (frame !== undefined) {
          yield frame;
          continue;
        }
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
        wakeReader = undefined;
      }
    } finally {
      frames = [];
      head = 0;
    }
  }

  return {
    async push(frame) {
      if (closed) throw linkClosed();
      frames.push(frame);
      queuedBytes += frame.byteLength;
      wakeReader?.();
      if (queuedBytes <= windowBytes) return;
      await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
    },
    close() {
      if (closed) return;
      closed = true;
      frames = [];
      head = 0;
      wakeReader?.();
      const stranded = waiting;
      waiting = [];
      for (const sender of stranded) sender.reject(linkClosed());
    },
    [Symbol.asyncIterator]() {
      if (iterated) throw new Error("the frames of a link are iterated once");
      iterated = true;
      return read();
    },
  };
}

function linkClosed(): OmError {
  return new OmError("controller.unreachable", reasonText("link_closed"));
}

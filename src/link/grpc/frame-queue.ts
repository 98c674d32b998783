import { OmError } from "../../contract/errors.ts";
import { reasonText } from "../../contract/reasons.ts";

/**
 * Encoded frames on their way into a stream, in order, bounded by bytes: a sender waits while more than `windowBytes`
 * are queued; a single larger frame still passes.
 */
export interface FrameQueue {
  /** Rejects with `controller.unreachable` once closed. */
  push(frame: Uint8Array): Promise<void>;
  /** What has gathered, at most about 256 KiB at a time; ends when the queue is closed. To be iterated once. */
  batches(): AsyncGenerator<Uint8Array[]>;
  /** Drops what is queued, rejects waiting and later senders. Idempotent. */
  close(): void;
}

/** More in one message would only hold up what comes behind it. */
const batchBytes = 256 * 1024;

export function createFrameQueue(windowBytes: number): FrameQueue {
  let frames: Uint8Array[] = [];
  let queuedBytes = 0;
  let closed = false;
  let wakeReader: (() => void) | undefined;
  let waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  function take(): Uint8Array[] {
    let bytes = 0;
    let count = 0;
    for (const frame of frames) {
      if (count > 0 && bytes + frame.byteLength > batchBytes) break;
      bytes += frame.byteLength;
      count += 1;
    }
    const batch = count === frames.length ? frames : frames.slice(0, count);
    frames = count === frames.length ? [] : frames.slice(count);
    queuedBytes -= bytes;
    if (queuedBytes <= windowBytes && waiting.length > 0) {
      const ready = waiting;
      waiting = [];
      for (const sender of ready) sender.resolve();
    }
    return batch;
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
    async *batches() {
      while (!closed) {
        if (frames.length > 0) {
          yield take();
          continue;
        }
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
        wakeReader = undefined;
      }
    },
    close() {
      if (closed) return;
      closed = true;
      frames = [];
      wakeReader?.();
      const stranded = waiting;
      waiting = [];
      for (const sender of stranded) sender.reject(linkClosed());
    },
  };
}

function linkClosed(): OmError {
  return new OmError("controller.unreachable", reasonText("link_closed"));
}

import type { ControllerFrame, WebFrame } from "./controller_pb.ts";

/** A frame that its sender has encoded already; it goes over as it is. */
export interface EncodedFrame {
  readonly encoded: Uint8Array;
}

/**
 * One end of an open link. Frames arrive in the order they were sent, each at most once; a link that loses a frame
 * closes. Whoever carries it (in-process, gRPC, message bus) encodes and decodes: no object is shared across it.
 */
export interface LinkEnd<Sent, Received> {
  /**
   * Resolves when the carrier has room for more, so that awaiting it is the flow control.
   * Rejects with `controller.unreachable` once the link is closed; a frame sent before may or may not have arrived.
   */
  send(frame: Sent | EncodedFrame): Promise<void>;
  /** To be iterated once. Ends when the link closes. Not pulling holds the other side's `send` back. */
  readonly frames: AsyncIterable<Received>;
  /** Idempotent. */
  close(): void;
  /** Resolves (never rejects) when the link is closed by either side. */
  readonly closed: Promise<void>;
}

export type ControllerEnd = LinkEnd<ControllerFrame, WebFrame>;
export type WebEnd = LinkEnd<WebFrame, ControllerFrame>;

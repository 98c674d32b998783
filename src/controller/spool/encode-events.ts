import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { EventSchema, type OutputSchema } from "../../contract/link/controller_pb.ts";
import type { NewEvent } from "./new-event.ts";

/** Fields of controller.proto that are written here by hand. */
const fields = {
  frameEvents: 3,
  batchRunUid: 1,
  batchEvents: 2,
  eventSeq: 1,
  eventAtMs: 2,
  eventOutput: 5,
  outputPosition: 1,
  outputStderr: 2,
  outputOffset: 3,
  outputData: 4,
} as const;

export interface EncodedEvents {
  /** A ControllerFrame of the batch, as it goes over the link. */
  readonly frame: Uint8Array;
  /** The EventBatch in it, in the same memory. */
  readonly batch: Uint8Array;
  /** Of events that are nothing but output. */
  readonly outputBytes: number;
}

/** Its memory is used again and again; only what `finish` cuts off is new. */
const writer = new BinaryWriter();

type OutputInit = MessageInitShape<typeof OutputSchema>;

/** An Event whose length is known before it is written. */
interface SizedEvent {
  readonly bytes: number;
  write(): void;
}

/**
 * Numbers the events from `firstSeq` on and encodes them, once for the disk and the link alike. Output is written by
 * hand: protobuf-es grows new buffers for every message, and with a host that prints much the garbage of that was most
 * of the controller's work. Read again it is what `create` and `toBinary` would have given.
 */
export function encodeEvents(runUid: string, firstSeq: number, events: readonly NewEvent[]): EncodedEvents {
  let outputBytes = 0;
  const sized = events.map(({ atMs, kind }, at) => {
    const seq = BigInt(firstSeq + at);
    if (kind?.case !== "output") return encodedEvent(toBinary(EventSchema, create(EventSchema, { seq, atMs, kind })));
    outputBytes += kind.value.data?.byteLength ?? 0;
    return outputEvent(seq, atMs, kind.value);
  });
  const uid = Buffer.from(runUid);
  const batchBytes = sized.reduce((sum, { bytes }) => sum + fieldBytes(bytes), fieldBytes(uid.byteLength));
  writer.tag(fields.frameEvents, WireType.LengthDelimited).uint32(batchBytes);
  writer.tag(fields.batchRunUid, WireType.LengthDelimited).bytes(uid);
  for (const { bytes, write } of sized) {
    writer.tag(fields.batchEvents, WireType.LengthDelimited).uint32(bytes);
    write();
  }
  const frame = writer.finish();
  return { frame, batch: frame.subarray(frame.byteLength - batchBytes), outputBytes };
}

/** The frame around a batch that lies encoded on disk. */
export function frameOf(batch: Uint8Array): Uint8Array {
  return writer.tag(fields.frameEvents, WireType.LengthDelimited).bytes(batch).finish();
}

function encodedEvent(event: Uint8Array): SizedEvent {
  return { bytes: event.byteLength, write: () => void writer.raw(event) };
}

/** What is the default is left out, as everywhere in proto3. */
function outputEvent(
  seq: bigint,
  atMs: bigint,
  { position = 0, stderr = false, offset = 0n, data }: OutputInit,
): SizedEvent {
  const text = data ?? new Uint8Array();
  const outputBytes =
    (position === 0 ? 0 : 1 + varintBytes(BigInt(position))) +
    (stderr ? 2 : 0) +
    (offset === 0n ? 0 : 1 + varintBytes(offset)) +
    (text.byteLength === 0 ? 0 : fieldBytes(text.byteLength));
  const bytes = 1 + varintBytes(seq) + (atMs === 0n ? 0 : 1 + varintBytes(atMs)) + fieldBytes(outputBytes);
  return {
    bytes,
    write() {
      writer.tag(fields.eventSeq, WireType.Varint).uint64(seq);
      if (atMs !== 0n) writer.tag(fields.eventAtMs, WireType.Varint).int64(atMs);
      writer.tag(fields.eventOutput, WireType.LengthDelimited).uint32(outputBytes);
      if (position !== 0) writer.tag(fields.outputPosition, WireType.Varint).uint32(position);
      if (stderr) writer.tag(fields.outputStderr, WireType.Varint).bool(true);
      if (offset !== 0n) writer.tag(fields.outputOffset, WireType.Varint).uint64(offset);
      if (text.byteLength > 0) writer.tag(fields.outputData, WireType.LengthDelimited).bytes(text);
    },
  };
}

/** Of a field below number 16 that has its length before it. */
function fieldBytes(length: number): number {
  return 1 + varintBytes(BigInt(length)) + length;
}

/** Of a value that is not negative. */
function varintBytes(value: bigint): number {
  let bytes = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) bytes += 1;
  return bytes;
}

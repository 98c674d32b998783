import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ControllerFrameSchema, EventBatchSchema } from "../../contract/link/controller_pb.ts";
import { encodeEvents, frameOf } from "./encode-events.ts";
import type { NewEvent } from "./new-event.ts";

const atMs = fc.bigInt({ min: 0n, max: 2n ** 62n });
const position = fc.oneof(fc.constant(0), fc.nat(200), fc.nat(100_000));
const data = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.nat(70_000).map((length) => new Uint8Array(length).fill(7)),
);
const offset = fc.bigInt({ min: 0n, max: 2n ** 53n });
const output = fc.record({ position, stderr: fc.boolean(), offset, data });
const event: fc.Arbitrary<NewEvent> = fc.oneof(
  fc.record({ atMs, kind: output.map((value) => ({ case: "output" as const, value })) }),
  fc.record({ atMs, kind: position.map((value) => ({ case: "output" as const, value: { position: value } })) }),
  fc.record({ atMs, kind: fc.nat(9).map((at) => ({ case: "running" as const, value: { positions: [1, at * 300] } })) }),
  fc.record({ atMs, kind: fc.string().map((message) => ({ case: "notice" as const, value: { code: "x", message } })) }),
);

it("writes what protobuf-es would write", () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.array(event, { minLength: 1, maxLength: 20 }),
      (runUid, firstSeq, events) => {
        const numbered = events.map((each, at) => ({ ...each, seq: BigInt(firstSeq + at) }));
        const batch = create(EventBatchSchema, { runUid, events: numbered });
        const frame = create(ControllerFrameSchema, { frame: { case: "events", value: batch } });

        const encoded = encodeEvents(runUid, firstSeq, events);

        expect(Buffer.from(encoded.frame).equals(toBinary(ControllerFrameSchema, frame))).toBe(true);
        expect(Buffer.from(encoded.batch).equals(toBinary(EventBatchSchema, batch))).toBe(true);
        expect(Buffer.from(frameOf(encoded.batch)).equals(encoded.frame)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

it("gives each batch memory of its own", () => {
  const told: NewEvent = { atMs: 1n, kind: { case: "output", value: { position: 1, data: Buffer.from("first") } } };
  const first = encodeEvents("run", 1, [told]);
  const before = Buffer.from(first.frame);

  encodeEvents("another", 9, [told, told]);

  expect(Buffer.from(first.frame).equals(before)).toBe(true);
});

it("counts the bytes that are nothing but output", () => {
  const value = { position: 1, data: new Uint8Array(300) };
  const events: NewEvent[] = [
    { atMs: 1n, kind: { case: "output", value } },
    { atMs: 1n, kind: { case: "runEnded", value: {} } },
    { atMs: 1n, kind: { case: "output", value } },
  ];

  expect(encodeEvents("run", 1, events).outputBytes).toBe(600);
});

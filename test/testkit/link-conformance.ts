import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  type ControllerFrame,
  ControllerFrameSchema,
  type WebFrame,
  WebFrameSchema,
} from "../../src/contract/link/controller_pb.ts";
import type { ControllerEnd, WebEnd } from "../../src/contract/link/link.ts";

export interface OpenLink {
  readonly web: WebEnd;
  readonly controller: ControllerEnd;
  /** Where a network is between the two. */
  readonly network?: {
    /** The connection breaks. */
    cut(): void;
    /** Nothing passes any more in either direction, and nobody is told. */
    swallow(): void;
  };
  dispose(): Promise<void>;
}

export interface LinkOptions {
  /** In each direction. */
  readonly windowBytes: number;
  /** A half-open link is to be known within about a second. */
  readonly impatient: boolean;
}

export interface Carrier {
  readonly name: string;
  open(options: LinkOptions): Promise<OpenLink>;
  /** Bytes that may be underway besides the window to a side that does not pull: what the network itself holds. */
  readonly slackBytes: number;
}

function order(bytes: Uint8Array): WebFrame {
  return create(WebFrameSchema, {
    frame: { case: "order", value: { keyId: "k", order: bytes, signature: new Uint8Array(64) } },
  });
}

function output(run: string, seq: number, bytes: number): ControllerFrame {
  const data = Buffer.alloc(bytes, `${run}${seq}`);
  const kind = { case: "output", value: { position: 1, data } } as const;
  const value = { runUid: run, events: [{ seq: BigInt(seq), kind }] };
  return create(ControllerFrameSchema, { frame: { case: "events", value } });
}

const hello = () =>
  create(ControllerFrameSchema, { frame: { case: "hello", value: { controller: "bj-1", version: "1" } } });

/** What src/contract/link/link.ts promises, for each carrier. */
export function linkConformance(carrier: Carrier): void {
  async function withLink(test: (link: OpenLink) => Promise<void>, impatient = false): Promise<void> {
    const link = await carrier.open({ windowBytes: 256 * 1024, impatient });
    try {
      await test(link);
    } finally {
      await link.dispose();
    }
  }

  describe(`link over ${carrier.name}`, () => {
    it("delivers the frames of both directions in order, and shares no bytes with the sender", async () => {
      await withLink(async ({ web, controller }) => {
        const count = 3000;
        const bytes = new Uint8Array([1, 2, 3]);
        const sending = (async () => {
          await controller.send(hello());
          await web.send(order(bytes));
          bytes[0] = 99;
          for (let seq = 1; seq <= count; seq += 1) {
            await Promise.all([
              controller.send(output("a", seq, seq % 300)),
              web.send(order(new Uint8Array(seq % 50))),
            ]);
          }
        })();

        const [atWeb, atController] = await Promise.all([
          take(web.frames, count + 1),
          take(controller.frames, count + 1),
        ]);
        await sending;

        expect(atWeb[0]?.frame.case).toBe("hello");
        expect(atWeb.slice(1).map(seqOf)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
        expect([...orderOf(atController[0])]).toEqual([1, 2, 3]);
        expect(atController.slice(1).map((frame) => orderOf(frame).byteLength)).toEqual(
          Array.from({ length: count }, (_, i) => (i + 1) % 50),
        );
      });
    });

    it("carries a frame that is larger than its window, whole", async () => {
      await withLink(async ({ web, controller }) => {
        const data = Buffer.alloc(5_000_000, "abcdefg");
        const sending = web.send(order(data));

        const [frame] = await take(controller.frames, 1);

        await sending;
        expect(Buffer.compare(orderOf(frame), data)).toBe(0);
      });
    });

    it("holds a sender back, with bounded bytes underway, while the other side does not pull, and then goes on", async () => {
      await withLink(async ({ web, controller }) => {
        const size = 50_000;
        const count = 2000;
        let sent = 0;
        const sending = (async () => {
          for (let seq = 1; seq <= count; seq += 1) {
            await controller.send(output("a", seq, size));
            sent += 1;
          }
        })();
        const underway = await settled(() => sent * size);
        expect(underway).toBeLessThan(256 * 1024 + carrier.slackBytes + 2 * size);

        // The other direction is not held up by it.
        const ordered = take(controller.frames, 1);
        await web.send(order(new Uint8Array([7])));
        expect([...orderOf((await ordered)[0])]).toEqual([7]);

        const received = await take(web.frames, count);
        await sending;
        expect(received.map(seqOf)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      });
    });

    it("ends the readers, rejects senders and resolves `closed` on both sides, whichever closes", async () => {
      for (const closing of ["web", "controller"] as const) {
        await withLink(async (link) => {
          const { web, controller } = link;
          const stuck = flood(controller);
          const reading = drain(controller.frames);

          link[closing].close();
          link[closing].close();

          await Promise.all([web.closed, controller.closed, reading, stuck]);
          await drain(web.frames);
          await expect(controller.send(hello())).rejects.toMatchObject({ code: "controller.unreachable" });
          await expect(web.send(order(new Uint8Array()))).rejects.toMatchObject({ code: "controller.unreachable" });
        });
      }
    });

    it("closes both sides when its network breaks, also while nobody reads", async () => {
      await withLink(async ({ web, controller, network }) => {
        const stuck = flood(controller);
        if (network === undefined) controller.close();
        network?.cut();

        await Promise.all([web.closed, controller.closed, stuck]);
      });
    });

    it("closes both sides when they no longer hear one another", async () => {
      await withLink(async ({ web, controller, network }) => {
        await controller.send(hello());
        await take(web.frames, 1);
        if (network === undefined) web.close();
        network?.swallow();

        await Promise.all([web.closed, controller.closed]);
        await expect(controller.send(hello())).rejects.toMatchObject({ code: "controller.unreachable" });
      }, true);
    });
  });
}

/** So many frames; the iteration stays open for more. */
async function take<Frame>(frames: AsyncIterable<Frame>, count: number): Promise<Frame[]> {
  const iterator = frames[Symbol.asyncIterator]();
  const taken: Frame[] = [];
  while (taken.length < count) {
    const next = await iterator.next();
    if (next.done === true) throw new Error(`the link closed after ${taken.length} of ${count} frames`);
    taken.push(next.value);
  }
  return taken;
}

async function drain(frames: AsyncIterable<unknown>): Promise<void> {
  for await (const _frame of frames);
}

/** Sends until the link is closed. */
async function flood(end: ControllerEnd): Promise<void> {
  const code = await (async () => {
    for (let seq = 1; ; seq += 1) await end.send(output("flood", seq, 100_000));
  })().catch((error: { code?: string }) => error.code);
  expect(code).toBe("controller.unreachable");
}

function seqOf({ frame }: ControllerFrame): number {
  return frame.case === "events" ? Number(frame.value.events[0]?.seq) : Number.NaN;
}

function orderOf(frame: WebFrame | undefined): Uint8Array {
  return frame?.frame.case === "order" ? frame.frame.value.order : new Uint8Array();
}

/** The value once it has not changed for 300 ms. */
async function settled(read: () => number): Promise<number> {
  for (let last = read(); ; last = read()) {
    await sleep(300);
    if (read() === last) return last;
  }
}

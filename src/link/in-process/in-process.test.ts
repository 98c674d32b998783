import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ControllerFrameSchema, type WebFrame, WebFrameSchema } from "../../contract/link/controller_pb.ts";
import { connectInProcess, joinInProcess } from "./in-process.ts";

function order(bytes: Uint8Array): WebFrame {
  return create(WebFrameSchema, {
    frame: { case: "order", value: { keyId: "k", order: bytes, signature: new Uint8Array(64) } },
  });
}

it("delivers frames in order and shares no bytes with the sender", async () => {
  const { web, controller } = connectInProcess();
  const bytes = new Uint8Array([1, 2, 3]);

  await web.send(order(bytes));
  await web.send(order(new Uint8Array([4])));
  bytes[0] = 99;

  const received: number[][] = [];
  for await (const frame of controller.frames) {
    if (frame.frame.case === "order") received.push([...frame.frame.value.order]);
    if (received.length === 2) break;
  }
  expect(received).toEqual([[1, 2, 3], [4]]);
});

it("holds a sender back while the reader does not pull, and lets it go on as the reader does", async () => {
  const { web, controller } = connectInProcess({ windowBytes: 1000 });
  let sent = 0;
  const sending = (async () => {
    for (let i = 0; i < 50; i += 1) {
      await web.send(order(new Uint8Array(400)));
      sent += 1;
    }
  })();
  await new Promise(setImmediate);
  expect(sent).toBeLessThan(4);

  let received = 0;
  for await (const _frame of controller.frames) {
    received += 1;
    expect(sent - received).toBeLessThan(5);
    if (received === 50) break;
  }
  await sending;
  expect(sent).toBe(50);
});

it("ends the readers, rejects senders and resolves `closed` on both sides when one closes", async () => {
  const { web, controller } = connectInProcess({ windowBytes: 10 });
  const stuck = web.send(order(new Uint8Array(100)));
  const reading = (async () => {
    for await (const _frame of web.frames) throw new Error("nothing was sent");
  })();

  controller.close();
  controller.close();

  await expect(stuck).rejects.toMatchObject({ code: "controller.unreachable" });
  await expect(controller.send(create(ControllerFrameSchema))).rejects.toMatchObject({
    code: "controller.unreachable",
  });
  await Promise.all([reading, web.closed, controller.closed]);
});

it("joins the two again after a cut until it is stopped", async () => {
  const stop = new AbortController();
  let links = 0;
  const joined = joinInProcess(
    async (end) => {
      links += 1;
      if (links === 3) stop.abort();
      else end.close();
      await end.closed;
    },
    (end) => end.closed,
    stop.signal,
  );
  await joined;
  expect(links).toBe(3);
});

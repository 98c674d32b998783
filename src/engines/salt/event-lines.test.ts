import fc from "fast-check";
import { expect, test } from "vitest";
import { createEventReader } from "./event-lines.ts";

function read(chunks: readonly Uint8Array[], most = 1000) {
  const taken: [string, string | undefined][] = [];
  let alive = 0;
  const reader = createEventReader(
    {
      alive: () => {
        alive += 1;
      },
      wants: (tag) => tag.startsWith("mine/"),
      take: (tag, data) => taken.push([tag, data]),
    },
    most,
  );
  for (const chunk of chunks) reader.push(chunk);
  return { taken, alive };
}

const stream = Buffer.from(
  'retry: 400\n\ntag: other/1\ndata: {"a":1}\n\ntag: mine/1\ndata: {"丁":"\\n"}\n\n: comment\ntag: mine/2\ndata: \n\n',
);

test("an event arrives whole, however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const chunks = places.slice(1).map((end, index) => stream.subarray(places[index], end));

      expect(read(chunks).taken).toEqual([
        ["mine/1", '{"丁":"\\n"}'],
        ["mine/2", ""],
      ]);
    }),
  );
});

test("data without a wanted tag before it is passed over", () => {
  const { taken } = read([Buffer.from('data: {"tag":"mine/1"}\ntag: mine/1\ntag: other\ndata: x\n')]);

  expect(taken).toEqual([]);
});

test("data longer than the limit is told as too long, and the next event still arrives", () => {
  const text = `tag: mine/big\ndata: ${"x".repeat(5000)}\n\ntag: mine/2\ndata: {}\n\n`;

  const { taken } = read([Buffer.from(text.slice(0, 700)), Buffer.from(text.slice(700))]);

  expect(taken).toEqual([
    ["mine/big", undefined],
    ["mine/2", "{}"],
  ]);
});

test("a line of a gigabyte that nobody wants, and a tag without an end, are not kept", () => {
  const before = process.memoryUsage().rss;
  const chunk = Buffer.alloc(1024 * 1024, "x");
  const reader = createEventReader({ alive() {}, wants: () => true, take() {} }, 1000);

  reader.push(Buffer.from("tag: "));
  for (let index = 0; index < 500; index++) reader.push(chunk);
  reader.push(Buffer.from("\nnonsense: "));
  for (let index = 0; index < 500; index++) reader.push(chunk);

  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
});

test("each line shows that the stream is alive", () => {
  expect(read([Buffer.from("retry: 400\n")]).alive).toBe(1);
});

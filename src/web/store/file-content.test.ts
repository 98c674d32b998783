import { hash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createFileContent } from "./file-content.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "om-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (content: string | Uint8Array) => hash("sha256", content, "hex");
/** Everything that lies under the folder, besides folders. */
const everything = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name);

it("keeps content by its SHA-256, readable by its owner only", async () => {
  const files = createFileContent(join(folder, "library"));
  const content = Buffer.alloc(200_000, "bytes\0\xff");

  const put = await files.put(Readable.from([content.subarray(0, 7), content.subarray(7)]), 200_000);

  expect(put).toEqual({ sha256: sha256(content), bytes: 200_000 });
  expect(await files.has(put.sha256)).toBe(true);
  expect(await files.check(put.sha256)).toEqual({ bytes: 200_000 });
  expect((await buffer(await files.open(put.sha256))).equals(content)).toBe(true);
  expect(everything()).toEqual([put.sha256]);
  expect(statSync(join(folder, "library", put.sha256.slice(0, 2), put.sha256)).mode & 0o777).toBe(0o600);
});

it("keeps the same content once, also when it comes many times at once", async () => {
  const files = createFileContent(folder);
  const puts = await Promise.all([1, 2, 3, 4].map(() => files.put(Readable.from(["same"]), 10)));
  expect(new Set(puts.map((put) => put.sha256))).toEqual(new Set([sha256("same")]));
  expect(everything()).toEqual([sha256("same")]);
});

it("keeps nothing of what is too large, and stops reading it", async () => {
  const files = createFileContent(folder);
  let pieces = 0;
  async function* endless() {
    for (;;) {
      pieces += 1;
      yield Buffer.alloc(1000);
    }
  }
  await expect(files.put(endless(), 10_000)).rejects.toMatchObject({ code: "request.too_large" });
  expect(pieces).toBe(11);
  expect(everything()).toEqual([]);
});

it("keeps nothing of a stream that breaks", async () => {
  const files = createFileContent(folder);
  async function* breaking() {
    yield Buffer.from("half");
    throw new Error("connection reset");
  }
  await expect(files.put(breaking(), 100)).rejects.toThrow("connection reset");
  expect(everything()).toEqual([]);
});

it("knows an empty file", async () => {
  const files = createFileContent(folder);
  const put = await files.put(Readable.from([]), 0);
  expect(put).toEqual({ sha256: sha256(""), bytes: 0 });
  expect((await buffer(await files.open(put.sha256))).byteLength).toBe(0);
});

it.each(["", "../../etc/passwd", "A".repeat(64), `${"a".repeat(63)}/`, `${"a".repeat(64)}\0`, "f".repeat(64)])(
  "has nothing under %j",
  async (name) => {
    const files = createFileContent(folder);
    expect(await files.has(name)).toBe(false);
    expect(await files.check(name)).toBeUndefined();
    await expect(files.open(name)).rejects.toMatchObject({ code: "request.not_found" });
  },
);

it("follows no link and reads no folder", async () => {
  const files = createFileContent(folder);
  const secret = join(folder, "secret");
  writeFileSync(secret, "secret");
  const linked = "a".repeat(64);
  mkdirSync(join(folder, "aa"));
  symlinkSync(secret, join(folder, "aa", linked));
  const directory = `aa${"b".repeat(62)}`;
  mkdirSync(join(folder, "aa", directory));

  for (const name of [linked, directory]) {
    expect(await files.has(name)).toBe(false);
    await expect(files.open(name)).rejects.toMatchObject({ code: "request.not_found" });
  }
});

it("sees that content was damaged", async () => {
  const files = createFileContent(folder);
  const put = await files.put(Readable.from(["good"]), 10);
  writeFileSync(join(folder, put.sha256.slice(0, 2), put.sha256), "evil");
  expect(await files.check(put.sha256)).toBeUndefined();
  await files.put(Readable.from(["good"]), 10);
  expect(await files.check(put.sha256)).toEqual({ bytes: 4 });
});

it("takes away what a crash left behind a day ago, and nothing that is being written", async () => {
  const incoming = join(folder, "incoming");
  mkdirSync(incoming);
  for (const name of ["old", "young"]) writeFileSync(join(incoming, name), name);
  const yesterday = Date.now() / 1000 - 90_000;
  utimesSync(join(incoming, "old"), yesterday, yesterday);

  await createFileContent(folder).put(Readable.from(["x"]), 1);

  expect(readdirSync(incoming)).toEqual(["young"]);
  expect(readFileSync(join(incoming, "young"), "utf8")).toBe("young");
});

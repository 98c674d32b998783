import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemErrorText } from "./system-errors.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "omserver-system-errors-"));
  writeFileSync(join(folder, "file"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function refusalOf(...args: string[]): Promise<string> {
  const environment = { ...process.env, OMSERVER_LOG_LEVEL: "error" };
  return new Promise((resolve) => {
    execFile("bin/omserver", args, { env: environment, timeout: 60_000 }, (error, _stdout, stderr) => {
      resolve(`${error?.code}: ${stderr.trim()}`);
    });
  });
}

it.each([
  [["start", "--data", "FOLDER/file"], "FOLDER/file cannot be used: a file of that name stands there. "],
  [["start", "--data", "FOLDER/file/x"], "FOLDER/file/x cannot be used: a file stands where the path has a folder. "],
  [["start", "--data", "FOLDER/d", "--listen", "192.0.2.1:7070"], "This machine has no address 192.0.2.1. "],
  // Behind the one above, which has made a database there.
  [["backup", "FOLDER/none/b.omb", "--data", "FOLDER/d"], "FOLDER/none/b.omb."],
])("is told in words, without a stack: %j", async (args, text) => {
  const told = await refusalOf(...args.map((word) => word.replace("FOLDER", folder)));

  expect(told).toContain(`1: omserver: ${text.replace("FOLDER", folder)}`);
  expect(told).not.toMatch(/E[A-Z]{4,}|\n {4}at /);
});

it.each([
  [{ code: "EADDRINUSE", syscall: "listen", address: "127.0.0.1", port: 80 }, /127\.0\.0\.1:80 is in use.*--listen/],
  [{ code: "EADDRINUSE", syscall: "listen", address: "::1", port: 80 }, /\[::1\]:80 is in use/],
  [{ code: "EACCES", syscall: "listen", address: "127.0.0.1", port: 80 }, /may not listen at 127\.0\.0\.1:80/],
  [{ code: "ENOTFOUND", syscall: "getaddrinfo", hostname: "nowhere" }, /nothing is known of the name “nowhere”/],
  [{ code: "EROFS", syscall: "mkdir", path: "/srv/om" }, /\/srv\/om cannot be used: its file system is read-only/],
  [{ code: "ENOSPC", syscall: "open", path: "/srv/om" }, /\/srv\/om cannot be used: its disk is full/],
  [{ code: "EACCES", syscall: "open", path: "/srv/om" }, /\/srv\/om cannot be used: this account may not/],
])("knows %j", (fields, text) => {
  expect(systemErrorText(Object.assign(new Error("raw"), fields))).toMatch(text);
});

it.each([{ code: "ECONNRESET", syscall: "read" }, { code: "EWEIRD", syscall: "open", path: "/srv/om" }, {}])(
  "leaves %j to who asks",
  (fields) => {
    expect(systemErrorText(Object.assign(new Error("raw"), fields))).toBeUndefined();
  },
);

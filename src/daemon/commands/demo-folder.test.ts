import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeDemoFolder } from "./demo-folder.ts";

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "omserver-demo-folder-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

it("makes the folder for its owner alone, and empties what an earlier demo left there", () => {
  const folder = join(parent, "new", "demo");

  takeDemoFolder(folder).release();
  mkdirSync(join(folder, "files"));
  writeFileSync(join(folder, "files", "old"), "");
  const again = takeDemoFolder(folder);

  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(existsSync(join(folder, "files"))).toBe(false);
  again.release();
});

it("takes nothing away from a demo that still runs there", () => {
  const folder = join(parent, "demo");
  const first = takeDemoFolder(folder);
  writeFileSync(join(folder, "omserver.db"), "");
  const before = readdirSync(folder);

  expect(() => takeDemoFolder(folder)).toThrow(
    /OMServer runs on .*demo\. End it first, or name another folder with --data/,
  );

  expect(readdirSync(folder)).toEqual(before);
  first.release();
  takeDemoFolder(folder).release();
});

it.each(["a folder with something of others", "a file", "a symbolic link to nowhere"])("refuses %s", (what) => {
  const folder = join(parent, "there");
  if (what === "a file") writeFileSync(folder, "");
  else if (what === "a symbolic link to nowhere") symlinkSync(join(parent, "gone"), folder);
  else {
    mkdirSync(folder);
    writeFileSync(join(folder, "mine"), "");
  }

  expect(() => takeDemoFolder(folder)).toThrow(/there .*Name (?:an empty|another) one with --data/);
});

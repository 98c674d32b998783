import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { markRestoring, markRunning } from "./running-mark.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "omserver-mark-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("lets any number run on a folder, and a restore only when the last has ended", () => {
  const marks = [markRunning(folder), markRunning(folder)];

  expect(() => markRestoring(folder)).toThrow(/OMServer runs on .*Stop it first/);
  marks[0]?.release();
  expect(() => markRestoring(folder)).toThrow(/OMServer runs on/);
  marks[1]?.release();
  markRestoring(folder).release();
});

it("lets nothing start while a backup is being restored, nor a second restore", () => {
  const restore = markRestoring(folder);

  expect(() => markRunning(folder)).toThrow(/A backup is being restored into/);
  expect(() => markRestoring(folder)).toThrow(/OMServer runs on/);
  restore.release();
  markRunning(folder).release();
});

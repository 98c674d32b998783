import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadModuleFolder } from "./folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "om-modules-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function manifest(id: number, key: string, script: string): string {
  return `id: ${id}
key: ${key}
name: {zh: 甲, en: A}
description: {zh: 甲, en: A}
danger: read
parameters: {type: object, properties: {}}
run: {all: {kind: script, interpreter: [/bin/sh], script: ${script}}}
`;
}

async function write(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

test("modules come by number, with their scripts read in", async () => {
  await write({
    "b/module.yaml": manifest(3, "third", "{file: run.sh}"),
    "b/run.sh": "echo three\n",
    "a/module.yaml": manifest(20, "twentieth", "echo twenty"),
    "readme/notes.txt": "no module",
    "notes.txt": "no module",
  });

  const modules = await loadModuleFolder(folder);

  expect(modules.map((module) => [module.id, module.run.all])).toEqual([
    [3, { kind: "script", interpreter: ["/bin/sh"], script: "echo three\n" }],
    [20, { kind: "script", interpreter: ["/bin/sh"], script: "echo twenty" }],
  ]);
  expect(await loadModuleFolder(join(folder, "b"))).toHaveLength(1);
});

test.each<[string, Record<string, string | Uint8Array>, RegExp]>([
  ["no module", { "a/x": "" }, /holds no module/],
  ["a script that is not there", { "a/module.yaml": manifest(1, "aa", "{file: run.sh}") }, /run\.sh cannot be read/],
  [
    "a script outside",
    { "run.sh": "ls", "a/module.yaml": manifest(1, "aa", "{file: ../run.sh}") },
    /no plain file name/,
  ],
  [
    "a script that is no text",
    { "a/module.yaml": manifest(1, "aa", "{file: x}"), "a/x": Uint8Array.of(0xff, 0xfe) },
    /is not UTF-8/,
  ],
  [
    "a script that is too long",
    { "a/module.yaml": manifest(1, "aa", "{file: x}"), "a/x": "#".repeat(300_000) },
    /longer than 256 KiB/,
  ],
  ["a folder as script", { "a/module.yaml": manifest(1, "aa", "{file: x}"), "a/x/y": "" }, /cannot be read/],
  ["no number", { "a/module.yaml": manifest(0, "aa", "ls") }, /must have an id/],
  [
    "a number twice",
    { "a/module.yaml": manifest(1, "aa", "ls"), "b/module.yaml": manifest(1, "bb", "ls") },
    /has the id 1, which .*a has too/,
  ],
  [
    "a key twice",
    { "a/module.yaml": manifest(1, "aa", "ls"), "b/module.yaml": manifest(2, "aa", "ls") },
    /has the key aa, which/,
  ],
  ["a fault", { "a/module.yaml": manifest(1, "AA", "ls") }, /module\.yaml: The module is not valid at 2:6/],
])("a folder with %s is refused by name", async (_name, files, message) => {
  await write(files);

  await expect(loadModuleFolder(folder)).rejects.toThrow(message);
  await expect(loadModuleFolder(folder)).rejects.toMatchObject({ code: "module.invalid" });
});

test("a link is not followed", async () => {
  await write({ secret: "echo secret", "a/module.yaml": manifest(1, "aa", "{file: run.sh}") });
  await symlink(join(folder, "secret"), join(folder, "a", "run.sh"));

  await expect(loadModuleFolder(folder)).rejects.toThrow(/run\.sh cannot be read as a regular file/);
});

test("a folder that is not there is named", async () => {
  await expect(loadModuleFolder(join(folder, "nowhere"))).rejects.toThrow(
    /nowhere cannot be read as a folder of modules/,
  );
});

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engineIds } from "../contract/engine.ts";
import { dangers } from "../contract/module.ts";
import { taskKindsOf } from "./engine-tasks.ts";
import { manifestSchema } from "./manifest-schema.ts";
import { validateParameters } from "./parameters.ts";
import { parseModule } from "./parse.ts";
import { longestPattern } from "./pattern.ts";
import { renderTask, supportedEngines } from "./render.ts";

const text = readFileSync(new URL("../../docs/modules.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? "");
const [example = "", ...parts] = blocks;

describe("the example", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "om-example-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("is a module for every engine that carries scripts", () => {
    expect(supportedEngines(parseModule(example))).toEqual(["ssh", "local", "mock", "ansible", "salt", "func"]);
  });

  test("does what its description says", async () => {
    await writeFile(join(folder, "small"), "x".repeat(1024));
    await writeFile(join(folder, "two words"), "x".repeat(3072));
    const manifest = parseModule(example);
    const values = validateParameters(manifest, { folder, count: 1, unit: "kib" });
    const task = renderTask(manifest, values, { id: "ssh", tasks: taskKindsOf("ssh") }, () => undefined);
    if (task?.kind !== "script") throw new Error("The example is no script.");

    const { stdout } = spawnSync("/bin/sh", ["-c", task.script], {
      env: { PATH: process.env.PATH, ...task.environment },
      encoding: "utf8",
    });

    expect(stdout).toBe(`       3.0 ${join(folder, "two words")}\n`);
  });
});

test("every other piece of YAML is part of a module that is right", () => {
  const head = "key: part\nname: {zh: 甲, en: A}\ndescription: {zh: 甲, en: A}\ndanger: change\n";
  const names = ["service", "lines", "pattern", "folder", "path", "application", "release", "part", "only"];
  const properties = [...names.map((name) => `${name}: {type: string}`), "file: {type: string, format: file}"].join(
    ", ",
  );
  const form = `parameters: {type: object, properties: {${properties}}}\n`;
  function indented(block: string, by: string): string {
    return block.replaceAll(/^(?=.)/gm, by);
  }

  for (const part of parts) {
    const run = part.startsWith("engines:")
      ? `run:\n${indented(part, "  ")}`
      : part.startsWith("destination:")
        ? `run:\n  all:\n    kind: file\n    file: {parameter: file}\n${indented(part, "    ")}`
        : `run:\n  all:\n${indented(part, "    ")}`;
    expect(() => parseModule(head + form + run), part).not.toThrow();
  }
  expect(parts.length).toBe(8);
});

test("every key, danger, engine and limit is named", () => {
  const { shape } = manifestSchema;
  const actionKeys = [
    "argv",
    "interpreter",
    "script",
    "arguments",
    "destination",
    "owner",
    "group",
    "mode",
    "keepOld",
    "after",
    "afterAlways",
    "source",
    "playbook",
    "role",
    "variables",
    "tags",
    "skipTags",
    "limit",
    "groups",
  ];
  const property = [
    "title",
    "description",
    "default",
    "enum",
    "const",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "examples",
    "format",
    "x-zh",
    "x-en",
  ];
  const words = [
    ...Object.keys(shape),
    ...actionKeys,
    ...property,
    ...dangers,
    ...engineIds.filter((id) => taskKindsOf(id).length > 0),
  ];

  const missing = words.filter((word) => !text.includes(`\`${word}\``) && !text.includes(`${word}:`));

  expect(missing).toEqual([]);
  expect(text).toContain(`at most ${longestPattern} characters`);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import type { EngineId, Task } from "../contract/engine.ts";
import type { ArgumentTemplate, ModuleManifest, ParameterValues } from "../contract/module.ts";
import { taskKindsOf } from "./engine-tasks.ts";
import { validateParameters } from "./parameters.ts";
import { describeTask, renderTask, supportedEngines } from "./render.ts";

const names = ["a", "b", "c"] as const;
const script = 'printf \'%s\' "$OM_A" "$1"\n';

const manifest: ModuleManifest = {
  id: 1,
  key: "test",
  name: { zh: "测试", en: "Test" },
  description: { zh: "", en: "" },
  danger: "read",
  parameters: {
    type: "object",
    properties: {
      a: { type: "string", format: "multiline" },
      b: { type: "string", format: "multiline" },
      c: { type: "string", format: "multiline" },
      level: { type: "string", enum: ["low", "high"] },
      count: { type: "integer" },
      secret: { type: "string", format: "password" },
      file: { type: "string", format: "file" },
    },
  },
  run: {
    all: {
      kind: "script",
      interpreter: ["/bin/sh"],
      script,
      arguments: [{ parameter: "b" }, "--", { parameter: "c" }],
    },
    engines: {
      mock: {
        kind: "command",
        argv: [
          "tool",
          "--level",
          { parameter: "level", values: { low: "1", high: "9" }, otherwise: "5" },
          "--",
          { parameter: "a" },
          { parameter: "b" },
        ],
      },
      salt: {
        kind: "native",
        name: "mysql.user_create",
        arguments: {
          user: { parameter: "a" },
          count: { parameter: "count" },
          password: { parameter: "secret" },
          fixed: true,
          port: 3306,
        },
      },
    },
  },
};

function render(values: ParameterValues, id: EngineId = "ssh", module = manifest): Task | undefined {
  return renderTask(module, values, { id, tasks: taskKindsOf(id) }, () => undefined);
}

const hostile = fc.oneof(
  fc.constantFrom(
    "{{7*7}}",
    "$(touch canary)",
    "`touch canary`",
    "'; touch canary; '",
    '"; touch canary; "',
    "-oProxyCommand=touch canary",
    "--",
    "__proto__",
    "a\nb",
    "%n%s",
    "$OM_A",
    "x".repeat(131_000),
    "",
    " ",
  ),
  fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0")),
);

test("no value changes the number of arguments, another argument or the script", () => {
  const values = fc.record({ a: hostile, b: hostile, c: hostile });
  fc.assert(
    fc.property(values, (raw) => {
      const checked = validateParameters(manifest, raw);
      const asScript = render(checked);
      const asCommand = render(checked, "mock");

      expect(asScript).toEqual({
        kind: "script",
        interpreter: ["/bin/sh"],
        script,
        arguments: [raw.b, "--", raw.c],
        environment: { OM_A: raw.a, OM_B: raw.b, OM_C: raw.c },
        secretNames: [],
      });
      expect(asCommand).toMatchObject({ argv: ["tool", "--level", "5", "--", raw.a, raw.b] });
    }),
  );
});

test("the number of arguments depends only on which parameters have a value", () => {
  const subset = fc.subarray([...names]);
  fc.assert(
    fc.property(subset, hostile, (given, value) => {
      const task = render(Object.fromEntries(given.map((name) => [name, value])), "mock");

      expect(task?.kind === "command" && task.argv.length).toBe(4 + given.filter((name) => name !== "c").length);
    }),
  );
});

test("a value can stand for another text, and a text for no value", () => {
  expect(render({ level: "high" }, "mock")).toMatchObject({ argv: ["tool", "--level", "9", "--"] });
  expect(render({}, "mock")).toMatchObject({ argv: ["tool", "--level", "5", "--"] });
});

test("native arguments keep their type, and one without a value is left out", () => {
  expect(render({ a: "bob", count: 3, secret: "s3cret" }, "salt")).toEqual({
    kind: "native",
    name: "mysql.user_create",
    arguments: { user: "bob", count: 3, password: "s3cret", fixed: true, port: 3306 },
    secretNames: ["password"],
  });
  expect(render({ count: 3 }, "salt")).toEqual({
    kind: "native",
    name: "mysql.user_create",
    arguments: { count: 3, fixed: true, port: 3306 },
  });
});

test("a playbook gets variables with their type, and tags and a limit from values", () => {
  const played: ModuleManifest = {
    ...manifest,
    run: {
      engines: {
        ansible: {
          kind: "playbook",
          source: { git: "https://git.example.org/a.git", commit: "ab".repeat(20) },
          playbook: "site.yml",
          variables: { who: { parameter: "a" }, many: { parameter: "count" }, key: { parameter: "secret" }, port: 1 },
          tags: ["base", { parameter: "b" }],
          limit: { parameter: "c" },
        },
      },
    },
  };
  function play(values: ParameterValues) {
    return renderTask(played, values, { id: "ansible", tasks: ["playbook"] }, () => undefined);
  }

  expect(play({ a: "{{7*7}}", b: "web, db", c: "host1:!host2", count: 3, secret: "s3cret" })).toEqual({
    kind: "playbook",
    source: { kind: "git", url: "https://git.example.org/a.git", commit: "ab".repeat(20) },
    play: { playbook: "site.yml" },
    variables: { who: "{{7*7}}", many: 3, key: "s3cret", port: 1 },
    tags: ["base", "web", "db"],
    skipTags: [],
    limit: "host1:!host2",
    groups: [],
    secretNames: ["key"],
  });
  const text = describeTask(play({ a: "x", secret: "s3cret" }) ?? { kind: "native", name: "", arguments: {} });
  expect(text).toContain("site.yml of https://git.example.org/a.git at abab");
  expect(text).not.toContain("s3cret");
  expect(() => validateParameters(played, { b: "-x" })).toThrow(/“-x” is not a tag/);
  expect(() => validateParameters(played, { c: "@/etc/passwd" })).toThrow(/is not a limit/);
});

test("an engine gets only what it carries", () => {
  expect(supportedEngines(manifest)).toEqual(["ssh", "local", "mock", "ansible", "salt", "func"]);
  expect(renderTask(manifest, {}, { id: "ssh", tasks: ["command"] }, () => undefined)).toBeUndefined();
  expect(render({}, "omserver-v1")).toBeUndefined();
});

test("a file task carries the library file, its place and what follows", () => {
  const destination: ArgumentTemplate = {
    parameter: "a",
    otherwise: { parameter: "level", values: { low: "/etc/low" } },
  };
  const module: ModuleManifest = {
    ...manifest,
    run: {
      all: {
        kind: "file",
        file: { parameter: "file" },
        destination,
        mode: "0644",
        owner: { parameter: "b" },
        keepOld: false,
        after: ["/bin/sh", "-c", "echo $1", "sh", { parameter: "c" }],
        afterAlways: true,
      },
    },
  };
  const sha256 = "ab".repeat(32);
  const engine = { id: "ssh", tasks: taskKindsOf("ssh") } as const;
  const files = (name: string) => (name === sha256 ? { bytes: 12 } : undefined);

  expect(renderTask(module, { file: sha256, level: "low", c: "$(x)" }, engine, files)).toEqual({
    kind: "file",
    sha256,
    bytes: 12,
    destination: "/etc/low",
    mode: "0644",
    keepOld: false,
    after: ["/bin/sh", "-c", "echo $1", "sh", "$(x)"],
    afterAlways: true,
  });
  expect(renderTask(module, { file: sha256, a: "/etc/a", level: "low" }, engine, files)).toMatchObject({
    destination: "/etc/a",
  });
  expect(() => renderTask(module, { file: "00".repeat(32), a: "/etc/a" }, engine, files)).toThrow(
    expect.objectContaining({ code: "module.parameters", problems: [expect.objectContaining({ place: "/file" })] }),
  );
});

test("a description shows what runs and no secret", () => {
  const secret = "canary-5f3a";
  const tasks = (["ssh", "mock", "salt"] as const).map((id) => render({ a: "it's", b: "two words", secret }, id));

  const texts = tasks.map((task) => (task ? describeTask(task) : ""));

  expect(texts.join("\n")).not.toContain(secret);
  expect(texts[0]).toContain("OM_SECRET=••••••");
  expect(texts[0]).toContain(script.trim());
  expect(texts[1]).toContain("tool --level 5 -- 'it'\\''s' 'two words'");
  expect(texts[2]).toContain("password=••••••");
});

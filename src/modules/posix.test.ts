// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text for the shell of a host
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Task } from "../contract/engine.ts";
import { becomeLine, isUserName, type PosixTask, taskProblem, taskProgram } from "./posix.ts";
import { MarkReader, StartReader } from "./posix-marks.ts";
import { quoteWord, readerArguments, readerCommand } from "./posix-words.ts";

const nonce = "0123456789abcdef01234567";
const shells = [
  ["dash", "/bin/dash"],
  ["bash", "/bin/bash"],
  ["busybox", "/bin/busybox"],
  ["mksh", "/bin/mksh"],
].filter(([, path]) => existsSync(path ?? ""));
/** Any text that a program can take as an argument, with what shells find special in it more often than chance has it. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(..."'\"\\$`\n\r\t ;&|<>(){}[]*?~#!%=-", "om_n", "${om_n}", "中", "丁", "\u0081", "$(id)"),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((parts) => parts.join("").replaceAll("\0", "").toWellFormed());

function runIn(shell: string, task: PosixTask, environment: Record<string, string> = {}) {
  const { line, input } = taskProgram(task, { nonce, become: false });
  const argv = [...readerArguments];
  const result = spawnSync(shell, argv, {
    argv0: "sh",
    input: Buffer.concat([Buffer.from(line), input ?? Buffer.alloc(0)]),
    env: { PATH: process.env.PATH ?? "", ...environment },
  });
  const start = new StartReader(nonce);
  const own = start.push(result.stdout);
  return {
    begun: start.found,
    stdout: Buffer.from(own ?? []),
    stderr: result.stderr.toString(),
    status: result.status,
  };
}

describe("quoteWord", () => {
  it("makes one word of any text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(execFileSync("/bin/sh", ["-c", `printf %s ${quoteWord(text)}`]).toString()).toBe(text);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(shells)("a program line in %s", (_, shell) => {
  const path = shell ?? "";

  it.each(["C", "C.UTF-8"])("brings any arguments and environment literally (LC_ALL=%s)", (locale) => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 4 }), anyText, (words, value) => {
        const result = runIn(
          path,
          {
            kind: "command",
            argv: ["/bin/sh", "-c", 'printf "%s\\0" "$OM_X" "$@"', "sh", ...words],
            environment: { OM_X: value },
            secretNames: [],
          },
          { LC_ALL: locale },
        );
        expect(result.stdout.toString().split("\0").slice(0, -1)).toEqual([value, ...words]);
        expect(result.stderr).toBe("");
      }),
      { numRuns: 40 },
    );
  });

  it("brings any script literally, as large as it may be", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 120_000 }), (text, padding) => {
        const script = `# ${"x".repeat(padding)}\nprintf %s ${quoteWord(text)}`;
        const result = runIn(path, {
          kind: "script",
          interpreter: ["/bin/sh"],
          script,
          arguments: [],
          environment: {},
          secretNames: [],
        });
        expect(result.stdout.toString()).toBe(text);
        expect(result.stderr).toBe("");
      }),
      { numRuns: 25 },
    );
  });

  it("starts nothing when the line or the script is cut anywhere", () => {
    const script: Task = {
      kind: "script",
      interpreter: ["/bin/sh"],
      script: "echo ran",
      arguments: [],
      environment: {},
      secretNames: [],
    };
    const { line, input } = taskProgram(script, { nonce, become: false });
    const whole = Buffer.concat([Buffer.from(line), input ?? Buffer.alloc(0)]);
    const argv = [...readerArguments];
    for (let length = whole.length - 1; length >= 0; length -= 37) {
      const result = spawnSync(path, argv, { argv0: "sh", input: whole.subarray(0, length) });
      expect(result.stdout.toString()).toBe("");
      expect(result.status).toBe(125);
    }
    expect(spawnSync(path, argv, { argv0: "sh", input: whole }).stdout.toString()).toContain("ran");
  });
});

describe("what a login shell sees", () => {
  it("is a constant without anything that a shell of another family reads differently", () => {
    expect(readerCommand).not.toMatch(/[!\\\n]/);
    expect(readerCommand.split("'").length).toBe(3);
  });

  it("never holds an argument, a script or a secret", () => {
    expect(readerArguments.join(" ")).not.toContain(nonce);
  });
});

describe("a task that no program line can hold", () => {
  it("is named before anything is sent", () => {
    const command = { kind: "command", environment: {}, secretNames: [] } as const;

    expect(taskProblem({ ...command, argv: ["true"] })).toBeUndefined();
    expect(taskProblem({ ...command, argv: [] })).toMatch(/no program/);
    expect(taskProblem({ ...command, argv: ["-a", "b"] })).toMatch(/begins with/);
    expect(taskProblem({ ...command, argv: ["a", "\0"] })).toMatch(/NUL/);
    expect(taskProblem({ ...command, argv: ["a"], environment: { "a b": "" } })).toMatch(/environment/);
    expect(taskProblem({ ...command, argv: ["a"], environment: { "x;touch canary": "" } })).toMatch(/environment/);
  });
});

describe("names of accounts", () => {
  it("never look like an option or a command to sudo", () => {
    expect(["root", "www-data", "_apt", "DOM\\user", "a.b@c", "machine$"].every(isUserName)).toBe(true);
    expect(["", "-u", "a b", "a;b", "a\nb", "#0", "$x", "a/b"].some(isUserName)).toBe(false);
    fc.assert(
      fc.property(fc.string().filter(isUserName), (name) => {
        expect(becomeLine(name, nonce, true)).toContain(`-u '${name}' --`);
      }),
    );
  });
});

describe("marks", () => {
  it("are found however the bytes are cut, and the program's own bytes stay as they are", () => {
    const own = Buffer.from([0, 255, 10, ...Buffer.from(`${nonce} exec 5\n`)]);
    const stream = Buffer.concat([
      Buffer.from(`warning: setlocale ${nonce.slice(0, 10)}\n${nonce}?`),
      Buffer.from(`${nonce} ready\n${nonce} exec 4711 4700\n`),
      own,
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (cuts) => {
        const reader = new MarkReader(nonce);
        const kinds: string[] = [];
        const rest: Uint8Array[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const length = cuts[cut % cuts.length] ?? 1;
          const result = reader.push(stream.subarray(at, at + length));
          kinds.push(...result.marks.map((mark) => mark.kind));
          if (result.own !== undefined) rest.push(result.own);
          at += length;
        }
        expect(kinds).toEqual(["prompt", "ready", "exec"]);
        expect(Buffer.concat(rest).equals(own)).toBe(true);
        expect(reader.talk).toContain("setlocale");
      }),
    );
  });

  it("of the start are found behind any talk, however the bytes are cut", () => {
    const own = Buffer.from(`out\n${nonce} exec 9\n`);
    const stream = Buffer.concat([Buffer.from(`Welcome!\n${nonce.slice(0, 5)}\n${nonce} exec 4711\n`), own]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (length) => {
        const reader = new StartReader(nonce);
        const rest: Uint8Array[] = [];
        for (let at = 0; at < stream.length; at += length) {
          const part = reader.push(stream.subarray(at, at + length));
          if (part !== undefined) rest.push(part);
        }
        expect(reader.pid).toBe(4711);
        expect(Buffer.concat(rest).equals(own)).toBe(true);
      }),
    );
  });

  it("cost no memory when a host talks without end", () => {
    const reader = new MarkReader(nonce);
    const start = new StartReader(nonce);
    for (let i = 0; i < 200; i++) {
      reader.push(Buffer.alloc(100_000, `${nonce} never ends `));
      start.push(Buffer.alloc(100_000, "x"));
    }

    expect(reader.talk.length).toBeLessThan(10_000);
    expect(reader.passing || start.found).toBe(false);
  });

  it("never name the processes 0 and 1, which would mean every process", () => {
    const reader = new MarkReader(nonce);

    const { marks } = reader.push(Buffer.from(`${nonce} exec 1\n${nonce} exec 0\n${nonce} exec -1\n${nonce} sudo 1\n`));

    expect(marks).toEqual([]);
  });
});

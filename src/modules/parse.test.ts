import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OmError } from "../contract/errors.ts";
import { checkedManifest, moduleProblems, parseModule } from "./parse.ts";
import { supportedEngines } from "./render.ts";

const good = `id: 2001
key: disk-usage
name: {zh: 磁盘用量, en: Disk usage}
description: {zh: 显示磁盘用量, en: Shows disk usage}
danger: read
parameters:
  type: object
  required: [path]
  properties:
    path: {type: string, format: path, default: /}
    depth: {type: integer, minimum: 0, maximum: 9, default: 1}
    token: {type: string, format: password}
    file: {type: string, format: file}
    unit: {type: string, enum: [k, m], x-zh: {enum: {k: 千}}}
run:
  all:
    kind: command
    argv: [du, --, {parameter: path}]
`;

test("a manifest is read with all it says", () => {
  expect(parseModule(good)).toMatchObject({
    id: 2001,
    key: "disk-usage",
    name: { zh: "磁盘用量", en: "Disk usage" },
    parameters: { required: ["path"], properties: { depth: { type: "integer", maximum: 9 } } },
    run: { all: { kind: "command", argv: ["du", "--", { parameter: "path" }] } },
  });
});

test("JSON is read too, with tabs and without a number", () => {
  const { id: _id, ...rest } = parseModule(good);
  const json = JSON.stringify(rest, undefined, "\t");

  expect(parseModule(json)).toEqual({ ...rest, id: 0 });
});

/** What is exchanged in the good manifest (“§” marks where the problem must stand) and what it must say. */
const faults: readonly (readonly [replaced: string, by: string, message: RegExp])[] = [
  ["danger: read", "danger: §harmless", /danger: must be read, change or destructive/],
  ["danger: read", "danger: read\n§colour: red", /colour: is not known here/],
  ["id: 2001", "§ident: 2001", /ident: is not known here/],
  ["key: disk-usage", "key: §Disk", /key: must begin with a small letter/],
  ["key: disk-usage", "key: disk\n§key: usage", /the key stands here twice/],
  ["id: 2001", "id: §-1", /id: /],
  ["name: {zh: 磁盘用量, en: Disk usage}", "name: §Disk", /name: must be \{zh: …, en: …\}/],
  ["name: {zh: 磁盘用量, en: Disk usage}", "name: §{zh: 磁盘用量}", /name.en: is missing/],
  ["en: Disk usage", 'en: §"Disk\\nusage"', /name.en: must be one line/],
  ["type: integer, minimum: 0", "type: §int, minimum: 0", /must be string, integer, number or boolean/],
  ["maximum: 9", "maximum: 9, §multipleOf: 2", /multipleOf: is not known here/],
  ["maximum: 9", "maximum: §-9", /maximum: is below the minimum/],
  ["maximum: 9", 'maximum: §"9"', /maximum: /],
  ["default: 1", "default: §12", /the default 12 must be at most 9/],
  ["default: 1", 'default: §"1"', /the default "1" must be an integer/],
  ["default: 1", "default: §1.5", /the default 1.5 must be an integer/],
  ["default: 1", "default: §[1]", /must be text, a number, true or false/],
  ["default: 1", "default: 1, §pattern: a", /pattern: does not go with type integer/],
  ["default: 1", "default: 1, examples: [2, §20]", /the example 20 must be at most 9/],
  ["default: /}", "default: §etc}", /the default "etc" must be an absolute path/],
  ["default: /}", 'default: /, pattern: §"("}', /pattern: is not a regular expression/],
  ["default: /}", 'default: /, pattern: §"(a+)+$"}', /pattern: repeats a group whose repeats can overlap/],
  ["format: path,", "format: §uri,", /must be multiline, password, file, path or hostname/],
  ["format: password}", "format: password, default: §x}", /would put a secret into the manifest/],
  ["enum: [k, m]", "enum: [k, §5]", /the value 5 must be text/],
  ["enum: [k, m]", "enum: [k, §k]", /names "k" twice/],
  ["{k: 千}", "{z: §千}", /is a label of a value that “enum” does not have/],
  ["    path: {", "    §Path: {", /Path: is not a parameter name/],
  ["    path: {", "    §constructor: {", /JavaScript reserves it/],
  ["required: [path]", "required: [path, §size]", /there is no parameter “size”; there are: path, depth/],
  ["required: [path]", "required: [path, §path]", /names “path” twice/],
  ["required: [path]", "additionalProperties: §true", /must be false/],
  ["{parameter: path}", "{parameter: §paths}", /there is no parameter “paths”/],
  ["{parameter: path}", "{parameter: path, otherwise: {parameter: §paths}}", /there is no parameter “paths”/],
  [
    "{parameter: path}",
    "{parameter: §token}",
    /would show in the host's process list; a script reads it as \$OM_TOKEN/,
  ],
  ["{parameter: path}", "{parameter: §file}", /only “file” can take it/],
  ["{parameter: path}", "{parameter: unit, values: {§g: G}}", /“unit” cannot have this value/],
  ["{parameter: path}", "§{param: path}", /must be text .*, or \{parameter: name\}/],
  ["{parameter: path}", "§5", /must be text/],
  ["[du, --", "[§{parameter: path}, --", /must be the program's name as text, never a parameter/],
  ["[du, --", "[§-du, --", /must be an absolute path or a plain program name/],
  ["[du, --", '[§"du -s", --', /must be an absolute path or a plain program name/],
  ["[du, --, {parameter: path}]", "§[]", /argv: /],
  ["kind: command", "kind: §shell", /must have a “kind”: command, script, file, native or playbook/],
  ["kind: command", "§engine: ssh\n    kind: command", /engine: is not known here/],
  ["  all:", "  §everywhere:", /everywhere: is not known here/],
  ["run:", "become: {user: §-x}\nrun:", /become.user: must be a user name/],
  ["run:", "timeoutMilliseconds: §5\nrun:", /timeoutMilliseconds: /],
];

test.each(faults)("%j → %j is refused at its place", (replaced, by, message) => {
  expect(good).toContain(replaced);
  const marked = good.replace(replaced, by);
  const before = marked.slice(0, marked.indexOf("§")).split("\n");
  const place = `${before.length}:${(before.at(-1) ?? "").length + 1}`;
  const source = marked.replace("§", "");

  const problems = moduleProblems(source);

  expect(problems).toContainEqual(expect.objectContaining({ place, message: expect.stringMatching(message) }));
  expect(() => parseModule(source)).toThrow(OmError);
});

test("what is missing is named where it should be", () => {
  expect(moduleProblems(good.replace("danger: read\n", ""))).toEqual([
    { place: "1:1", line: 1, column: 1, message: "danger: is missing" },
  ]);
});

describe("other actions", () => {
  function withRun(run: string): string {
    return good.slice(0, good.indexOf("run:")) + run;
  }

  test.each([
    [
      "a script that names a file outside a folder",
      "run: {all: {kind: script, interpreter: [sh], script: {file: x.sh}}}",
      /works only in a module folder/,
    ],
    [
      "an interpreter that is an option",
      "run: {all: {kind: script, interpreter: [-sh], script: ls}}",
      /must be an absolute path or a plain/,
    ],
    [
      "a relative interpreter",
      "run: {all: {kind: script, interpreter: [../sh], script: ls}}",
      /must be an absolute path or a plain/,
    ],
    [
      "a script that is too long",
      `run: {all: {kind: script, interpreter: [sh], script: "${"#".repeat(262_145)}"}}`,
      /longer than 256 KiB/,
    ],
    ["a NUL in a script", 'run: {all: {kind: script, interpreter: [sh], script: "a\\0b"}}', /without NUL/],
    ["half a character", 'run: {all: {kind: script, interpreter: [sh], script: "\\uD800"}}', /well-formed Unicode/],
    [
      "a relative destination",
      "run: {all: {kind: file, file: {parameter: file}, destination: etc/x}}",
      /must be an absolute path/,
    ],
    [
      "a folder as destination",
      "run: {all: {kind: file, file: {parameter: file}, destination: /etc/}}",
      /path of a file/,
    ],
    [
      "a destination that climbs",
      "run: {all: {kind: file, file: {parameter: file}, destination: /etc/../x}}",
      /must not contain “\.” or “\.\.”/,
    ],
    [
      "a file that is no file parameter",
      "run: {all: {kind: file, file: {parameter: path}, destination: /x}}",
      /must have the format “file”/,
    ],
    ["a mode that is no mode", "run: {all: {kind: file, file: {parameter: file}, destination: /x, mode: rw}}", /octal/],
    [
      "an owner with a colon",
      "run: {all: {kind: file, file: {parameter: file}, destination: /x, owner: 'a:b'}}",
      /name or number of a user/,
    ],
    [
      "a follow-up named by a parameter",
      "run: {all: {kind: file, file: {parameter: file}, destination: /x, after: [{parameter: path}]}}",
      /never a parameter/,
    ],
    [
      "a follow-up condition that is no boolean",
      "run: {all: {kind: file, file: {parameter: file}, destination: /x, afterAlways: {parameter: path}}}",
      /must be of type boolean/,
    ],
    [
      "native for all engines",
      "run: {all: {kind: native, name: service.restart, arguments: {}}}",
      /belongs to one engine/,
    ],
    [
      "native for an engine without modules",
      "run: {engines: {ssh: {kind: native, name: a.b, arguments: {}}}}",
      /ssh does not carry “native”/,
    ],
    [
      "several native arguments of Func without an order",
      "run: {engines: {func: {kind: native, name: a.b, arguments: {x: 1, y: 2}}}}",
      /by position/,
    ],
    [
      "an order that names no argument",
      "run: {engines: {func: {kind: native, name: a.b, arguments: {x: 1}, positional: [x, z]}}}",
      /there is no argument “z”/,
    ],
    [
      "an order that leaves an argument out",
      "run: {engines: {func: {kind: native, name: a.b, arguments: {x: 1, y: 2}, positional: [x]}}}",
      /does not name the argument “y”/,
    ],
    [
      "an order that names an argument twice",
      "run: {engines: {func: {kind: native, name: a.b, arguments: {x: 1}, positional: [x, x]}}}",
      /names “x” twice/,
    ],
    [
      "a native argument's name",
      "run: {engines: {salt: {kind: native, name: a.b, arguments: {'a b': x}}}}",
      /is not an argument's name/,
    ],
    ...(
      [
        ["for all engines", "all", "playbook: a.yml", /belongs to one engine/],
        ["for another engine", "salt", "playbook: a.yml", /salt does not carry “playbook”/],
        ["with neither playbook nor role", "ansible", "tags: [x]", /“playbook” or “role”/],
        ["with both", "ansible", "playbook: a.yml, role: a", /one of the two/],
        ["that leads out", "ansible", "playbook: ../a.yml", /must be a path inside/],
        ["from .git", "ansible", "playbook: .git/config", /must be a path inside/],
        [
          "with a variable of Ansible",
          "ansible",
          "role: a, variables: {ansible_connection: local}",
          /keeps for itself/,
        ],
        ["with hostvars", "ansible", "role: a, variables: {hostvars: x}", /keeps for itself/],
        ["with a tag from nowhere", "ansible", "role: a, tags: [{parameter: nope}]", /no parameter “nope”/],
        ["with a password for a tag", "ansible", "role: a, tags: [{parameter: token}]", /is a password/],
      ] as const
    ).map(([title, engine, rest, message]): [string, string, RegExp] => [
      `a playbook ${title}`,
      engine === "all"
        ? `run: {all: {kind: playbook, source: {project: x}, ${rest}}}`
        : `run: {engines: {${engine}: {kind: playbook, source: {project: x}, ${rest}}}}`,
      message,
    ]),
    ...[
      "git: https://git.example.org/a.git, commit: main",
      "git: 'https://user:secret@git.example.org/a.git', commit: 3f2a9c1e5b7d8f60412233445566778899aabbcc",
      "git: '--upload-pack=x', commit: 3f2a9c1e5b7d8f60412233445566778899aabbcc",
      "git: 'ext::sh -c x', commit: 3f2a9c1e5b7d8f60412233445566778899aabbcc",
    ].map((source): [string, string, RegExp] => [
      `a playbook from {${source}}`,
      `run: {engines: {ansible: {kind: playbook, source: {${source}}, role: a}}}`,
      /must be/,
    ]),
    [
      "an unknown engine",
      "run: {engines: {chef: {kind: command, argv: [ls]}}}",
      /run\.engines(\.chef)?: is not (an engine|known here)/,
    ],
    ["no action at all", "run: {}", /must have “all”, or an action under “engines”/],
  ])("%s is refused", (_name, run, message) => {
    const messages = moduleProblems(withRun(run)).map((problem) => problem.message);

    expect(messages.join("\n")).toMatch(message);
  });

  test("an action for one engine stands in for that of all", () => {
    const manifest = parseModule(
      withRun(
        "run: {engines: {salt: {kind: native, name: disk.usage, arguments: {path: {parameter: path}, token: {parameter: token}}}}}",
      ),
    );

    expect(supportedEngines(manifest)).toEqual(["salt"]);
    expect(supportedEngines(parseModule(good))).toEqual(["ssh", "local", "mock", "ansible", "salt", "func"]);
  });
});

describe("hostile text", () => {
  test.each([
    ["nothing", "", /must be a mapping/],
    ["a list", "- 1", /must be a mapping/],
    ["a tag", good.replace("danger: read", "danger: !!js/function read"), /is not supported/],
    ["an own tag", good.replace("danger: read", "danger: !danger read"), /is not supported/],
    ["two documents", "a: 1\n---\na: 2", /more than one document/],
    ["__proto__", good.replace("    path: {", "    __proto__: {"), /must not be called __proto__/],
    ["__proto__ in JSON", '{"__proto__": {"key": "x"}}', /must not be called __proto__/],
    ["a merge key", good.replace("danger: read", "danger: read\n<<: {a: 1}"), /merge keys/],
    ["an alias of nothing", "a: *x", /alias/],
    ["a key that is no text", "? [a]\n: 1", /a key must be text/],
  ])("%s is refused", (_name, source, message) => {
    expect(
      moduleProblems(source)
        .map((problem) => problem.message)
        .join("\n"),
    ).toMatch(message);
  });

  test("aliases that multiply are refused, a few are taken", () => {
    const bomb = `a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`;
    const shared = good.replace(
      "path: {type: string, format: path, default: /}",
      "path: &p {type: string}\n    copy: *p",
    );

    expect(moduleProblems(bomb)[0]?.message).toMatch(/too many aliases/);
    expect(moduleProblems(shared)).toEqual([]);
  });

  test.each(["[", "{a: ", "- ", "a:\n", "a: 1\n", "&a ", "# x\n", "'", "|\n "])(
    "a megabyte of %j is refused within two seconds of work",
    (piece) => {
      const source = piece.repeat(Math.floor(1_048_576 / piece.length));
      const before = process.cpuUsage();

      const problems = moduleProblems(source);

      expect(problems.length).toBeGreaterThan(0);
      expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
    },
  );

  test("more than a megabyte is refused unread", () => {
    expect(moduleProblems(`${good}# ${"x".repeat(1_048_576)}`)).toEqual([
      { place: "1:1", line: 1, column: 1, message: "the text is longer than 1 MiB" },
    ]);
  });

  test("whatever the text, every problem has a place in it, and nothing but an OmError comes out", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...good.split("\n"),
        ":",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "'",
        '"',
        "|",
        ">",
        "&a",
        "*a",
        "!!x",
        "\t",
        "---",
        "\0",
        "\uD800",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom("\n", " ", ""), (pieces, glue) => {
        const source = pieces.join(glue);
        const lines = source.split(/\r\n|\r|\n/).length;
        for (const { line = 0, column = 0, place } of moduleProblems(source)) {
          expect(place).toBe(`${line}:${column}`);
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThanOrEqual(1);
        }
        try {
          parseModule(source);
        } catch (error) {
          expect(error).toBeInstanceOf(OmError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test("a manifest that is data already is judged alike, with pointers as places", () => {
  const manifest = parseModule(good);
  const proto: unknown = JSON.parse(`{"__proto__": {"type": "string"}}`);

  expect(checkedManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  expect(() => checkedManifest({ ...manifest, danger: "no" })).toThrow(
    expect.objectContaining({ code: "module.invalid", problems: [expect.objectContaining({ place: "/danger" })] }),
  );
  expect(() => checkedManifest({ ...manifest, parameters: { type: "object", properties: proto } })).toThrow(OmError);
});

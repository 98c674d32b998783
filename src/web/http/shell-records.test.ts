import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OmError } from "../../contract/errors.ts";
import { readShellRecords } from "./shell-records.ts";

const read = (text: string) => readShellRecords(new TextEncoder().encode(text));

describe("records of a host's shell", () => {
  it("hold whatever was typed", () => {
    expect(read("k1 1700000000000 root ls -l\0k2 1700000000001 ops echo 'a\nb' | cat  \0")).toEqual([
      { key: "k1", typedAt: 1_700_000_000_000, user: "root", command: "ls -l" },
      { key: "k2", typedAt: 1_700_000_000_001, user: "ops", command: "echo 'a\nb' | cat  " },
    ]);
    expect(read("")).toEqual([]);
    const any = fc.string({ unit: "grapheme", maxLength: 200 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(any, (command) => {
        expect(read(`k 1 root ${command}\0`)).toEqual([
          { key: "k", typedAt: 1, user: "root", command: command.replaceAll(/\p{Cs}/gu, "\ufffd") },
        ]);
      }),
    );
  });

  it("are cut where a command is endless, and take bytes that are no text", () => {
    expect(read(`k 1 root ${"x".repeat(10_000)}\0`)[0]?.command).toMatch(/^x{8192}…$/);
    expect(readShellRecords(Buffer.from("k 1 root \xff\0", "latin1"))[0]?.command).toBe("\ufffd");
  });

  it.each([
    ["without an end", "k 1 root ls", "record 1"],
    ["without a command's place", "k 1 root ls\0k2 1 root\0", "record 2"],
    ["with a time that is none", "k now root ls\0", "record 1"],
    ["with a newline in its key", "k\n 1 root ls\0", "record 1"],
    ["too many", "k 1 root ls\0".repeat(1001), "record 1001"],
  ])("%s are refused whole, with the record's place", (_, text, place) => {
    let refusal: unknown;
    try {
      read(text);
    } catch (error) {
      refusal = error;
    }

    expect(refusal).toBeInstanceOf(OmError);
    expect(refusal).toMatchObject({ code: "request.invalid", problems: [{ place }] });
  });
});

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { windowsDump } from "../../../test/testkit/first-omserver-dump.ts";
import { dumpText } from "./dump-text.ts";

function encoded(text: string, encoding: string): Buffer {
  return execFileSync("iconv", ["-f", "UTF-8", "-t", encoding], { input: text, maxBuffer: 10_000_000 });
}

describe("a dump", () => {
  it.each([
    ["utf8", "UTF-8"],
    ["gbk", "GBK"],
    ["gb2312", "GB2312"],
    // Tables of latin1 that hold UTF-8, as PHP of that time made them, come as they are with this option.
    ["latin1", "UTF-8"],
    ["utf8", "UTF-16"],
  ])("that says %s and is written in %s is read", (names, encoding) => {
    const text = windowsDump(names);

    expect(dumpText(encoded(text, encoding), "dump.sql")).toBe(text);
  });

  it("of Western text in latin1 is Windows-1252, as MySQL has it", () => {
    expect(dumpText(Buffer.from("/*!40101 SET NAMES latin1 */;\n'\x80 caf\xe9'", "latin1"), "dump.sql")).toContain(
      "€ café",
    );
  });

  it.each([
    ["that says UTF-8 and is not", encoded(windowsDump("utf8"), "GBK"), "though it says utf8"],
    ["that says nothing", Buffer.from([0x27, 0xd6, 0xd0, 0x27]), "is not UTF-8"],
    ["that is packed", Buffer.from([0x1f, 0x8b, 8, 0]), "compressed"],
    ["in an archive", Buffer.from("PK\u0003\u0004"), "compressed"],
  ])("%s is refused with the mend", (_what, bytes, clause) => {
    expect(() => dumpText(bytes, "dump.sql")).toThrow(clause);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outputLines } from "./output-lines.ts";
import { outputSearch } from "./output-search.ts";

function find(text: string, wanted: string): readonly number[] {
  return outputSearch(outputLines(text)).find(wanted);
}

describe("a search in an output", () => {
  it("finds lines whatever the case, across colours and in Chinese", () => {
    const text = "Error one\nfine\n\x1b[31mER\x1b[0mROR two\n磁盘错误\r\nlast error";
    expect(find(text, "error")).toEqual([0, 2, 4]);
    expect(find(text, "错误")).toEqual([3]);
    expect(find(text, "")).toEqual([]);
    expect(find(text, "nothing")).toEqual([]);
  });

  it("finds the lines that hold the text and no others, each once", () => {
    const line = fc.string({ unit: fc.constantFrom(..."abAB ".split("")), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.constantFrom("a", "ab", "ba a"), (lines, wanted) => {
        const holding = lines.flatMap((text, index) => (text.toLowerCase().includes(wanted) ? [index] : []));
        expect(find(lines.join("\n"), wanted)).toEqual(holding);
      }),
    );
  });

  it("counts in the rows that are shown where a line goes on in the next one", () => {
    const lines = outputLines(`${"x".repeat(9_000)}needle\nneedle`);
    expect(outputSearch(lines).find("needle")).toEqual([2, 3]);
    expect(lines.line(2)).toContain("needle");
  });

  it("looks through 300,000 lines in less than a second of processor time, and again in a tenth of it", () => {
    const search = outputSearch(outputLines("some line of ordinary length that a program prints\n".repeat(300_000)));
    const before = process.cpuUsage();
    expect(search.find("nowhere")).toEqual([]);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
    const again = process.cpuUsage();
    expect(search.find("printed")).toEqual([]);
    expect(process.cpuUsage(again).user).toBeLessThan(100_000);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "./diff-lines.ts";

describe("a comparison of two outputs", () => {
  it("shows what only one of them has, with a few equal lines around it", () => {
    const lines = Array.from({ length: 20 }, (_, line) => `line ${line}`);
    const after = lines.map((line) => (line === "line 10" ? "line ten" : line));

    const diff = diffLines(lines.join("\n"), `${after.join("\n")}\n`);

    expect(diff).toMatchObject({ added: 1, removed: 1, cut: false });
    expect(diff?.rows).toEqual([
      { kind: "gap", count: 7 },
      ...["line 7", "line 8", "line 9"].map((text) => ({ kind: "same", text })),
      { kind: "removed", text: "line 10" },
      { kind: "added", text: "line ten" },
      ...["line 11", "line 12", "line 13"].map((text) => ({ kind: "same", text })),
      { kind: "gap", count: 6 },
    ]);
  });

  it("makes no difference of colours and line ends, and shows what would act", () => {
    expect(diffLines("\x1b[32mok\x1b[0m\r\n", "ok\n")).toMatchObject({ added: 0, removed: 0 });
    expect(diffLines("a", "a\x07")?.rows.at(-1)).toEqual({ kind: "added", text: "a␇" });
  });

  it("leads from the one to the other: nothing is lost between them", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const diff = diffLines(before.join("\n"), after.join("\n"));
        const count = (kind: string) => diff?.rows.filter((row) => row.kind === kind).length ?? 0;
        const gaps = (diff?.rows ?? []).reduce((sum, row) => sum + (row.kind === "gap" ? row.count : 0), 0);
        expect(count("same") + gaps + count("removed")).toBe(before.length);
        expect(count("same") + gaps + count("added")).toBe(after.length);
      }),
    );
  });

  it("gives up on texts that are too large or have nothing in common", () => {
    const lines = (count: number, word: string) => Array.from({ length: count }, (_, n) => `${word} ${n}`).join("\n");
    expect(diffLines(lines(60_000, "a"), "b")).toBeUndefined();
    expect(diffLines(lines(8_000, "a"), lines(8_000, "b"))).toBeUndefined();
  });

  it("lists no more rows than a page can hold", () => {
    const diff = diffLines("", Array.from({ length: 3_000 }, (_, n) => `line ${n}`).join("\n"));
    expect(diff).toMatchObject({ added: 3_000, cut: true });
    expect(diff?.rows).toHaveLength(2_000);
  });
});

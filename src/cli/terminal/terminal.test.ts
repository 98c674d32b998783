import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redrawn } from "./redrawn.ts";
import { safeLine, safeText } from "./safe-text.ts";
import { list, table } from "./table.ts";
import { fitted, textWidth } from "./text-width.ts";

const esc = "\u001b";

describe("what hosts print", () => {
  it.each([
    ["plain, tabs\tand\nlines\n", "plain, tabs\tand\nlines\n"],
    ["中文 é 😀", "中文 é 😀"],
    ["a\r\nb\rc", "a\nb\\x0dc"],
    [`${esc}]0;title\u0007`, "\\x1b]0;title\\x07"],
    [`${esc}]8;;http://evil${esc}\\link`, "\\x1b]8;;http://evil\\x1b\\link"],
    [`${esc}[2J${esc}[1;1H`, "\\x1b[2J\\x1b[1;1H"],
    [`${esc}P+q544e${esc}\\`, "\\x1bP+q544e\\x1b\\"],
    ["\u009b31m", "\\x9b31m"],
    ["\u0000\u0008\u007f", "\\x00\\x08\\x7f"],
    ["a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
    ["\ud800", "\\u{d800}"],
    ["\ufeffx", "\\u{feff}x"],
    [`${esc}[31`, "\\x1b[31"],
    [`${esc}[31;?m`, "\\x1b[31;?m"],
  ])("%j shows as %j", (text, shown) => {
    expect(safeText(text, { colours: true })).toBe(shown);
  });

  it.each([
    ["31", true],
    ["", true],
    ["1;38;5;200;48;2;1;2;3", true],
    ["97;107", true],
    ["8", false],
    ["5", false],
    ["38;5", false],
    ["38;5;256", false],
    ["38;2;1;2", false],
    ["31;8", false],
    ["999", false],
  ])("the colour code %j stays: %j", (codes, stays) => {
    const text = `${esc}[${codes}mx`;
    expect(safeText(text, { colours: true })).toBe(stays ? `${text}${esc}[0m` : `\\x1b[${codes}mx`);
    expect(safeText(text, { colours: false })).toBe(stays ? "x" : `\\x1b[${codes}mx`);
  });

  it("never reaches the terminal as a control, whatever it is", () => {
    const piece = fc.constantFrom(
      esc,
      "[",
      "]",
      "m",
      "31",
      ";",
      "\u0007",
      "\u009b",
      "\r",
      "\n",
      "0",
      "\\",
      "P",
      "38;5;1",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (output) => {
        const plain = safeText(output, { colours: false });
        expect(plain).toMatch(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/);
        expect(plain.isWellFormed()).toBe(true);
        const coloured = safeText(output, { colours: true }).replace(/\u001b\[[0-9;]*m/g, "");
        expect(coloured).toMatch(/^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/);
        expect(safeLine(output)).not.toMatch(/[\n\t]/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("text in columns", () => {
  it("counts two columns for wide characters and none for marks", () => {
    expect(["abc", "数据库", "é", "😀", `${esc}[31mx${esc}[0m`].map(textWidth)).toEqual([3, 6, 1, 2, 1]);
  });

  it("is cut to what fits", () => {
    expect([fitted("abcdef", 6), fitted("abcdef", 5), fitted("数据库", 5), fitted("数据库", 4)]).toEqual([
      "abcdef",
      "abcd…",
      "数据…",
      "数…",
    ]);
  });

  it("stands in tables, one line a row, whatever a cell holds", () => {
    expect(
      table(
        ["名称", "b"],
        [
          ["x", 1],
          ["web\n01\u001b[2J", ""],
        ],
      ),
    ).toBe("名称            b\nx               1\nweb\\n01\\x1b[2J\n");
    expect(
      list([
        ["a", "1\n2"],
        ["long", ""],
      ]),
    ).toBe("a     1\\n2\nlong\n");
  });

  it("is drawn anew in its place", () => {
    const written: string[] = [];
    const drawing = redrawn((text) => written.push(text));
    drawing.draw(["one", "two"]);
    drawing.draw(["one", "two"]);
    drawing.draw(["three"]);
    drawing.clear();
    drawing.clear();
    expect(written).toEqual(["one\ntwo\n", `${esc}[2F${esc}[Jthree\n`, `${esc}[1F${esc}[J`]);
  });
});

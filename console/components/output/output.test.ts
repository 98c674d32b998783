import fc from "fast-check";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { hostilePayloads } from "../../../test/testkit/hostile-payloads.ts";
import { ansiClasses, ansiSegments } from "./ansi.ts";
import { OutputLine } from "./output-line.tsx";
import { outputLines } from "./output-lines.ts";
import { decode, makeVisible } from "./visible-text.ts";

/** All lines of an output, as the page has them. */
function shown(bytes: Uint8Array): { readonly markup: string; readonly text: string } {
  const lines = outputLines(decode(bytes));
  const all = Array.from({ length: lines.count }, (_, index) => lines.line(index));
  return {
    markup: all.map((text) => renderToStaticMarkup(createElement(OutputLine, { text }))).join("\n"),
    text: all.map((line) => segmentsText(line)).join("\n"),
  };
}

function segmentsText(line: string): string {
  return ansiSegments(line)
    .map(({ text }) => text)
    .join("");
}

/** Text and spans with a class, and nothing else. */
const harmless = new RegExp(`^(?:[^<]|<span class="(?:${ansiClasses.join("|")}| )+">|</span>)*$`);
const acting = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

describe("output of a host", () => {
  it("has more than two hundred hostile payloads to be tried on", () => {
    expect(new Set(hostilePayloads.map((payload) => payload.join())).size).toBeGreaterThan(200);
  });

  it.each(hostilePayloads.map((bytes) => [JSON.stringify(decode(bytes)).slice(0, 60), bytes] as const))(
    "is only ever text and coloured spans: %s",
    (_, bytes) => {
      const { markup, text } = shown(bytes);
      expect(markup).toMatch(harmless);
      expect(text).not.toMatch(acting);
    },
  );

  it("stays only text and coloured spans whatever bytes come", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { markup, text } = shown(bytes);
        expect(markup).toMatch(harmless);
        expect(text).not.toMatch(acting);
      }),
    );
  });

  it("loses no printable character", () => {
    const printable = fc.string({ unit: fc.constantFrom(..."aZ09 <>&\"'/\\`{}中文é😀|~"), maxLength: 200 });
    fc.assert(
      fc.property(fc.array(fc.tuple(printable, fc.constantFrom("", "\x1b[31m", "\x1b[0m", "\x1b[1;44m"))), (pieces) => {
        const sent = new TextEncoder().encode(pieces.map(([text, colour]) => colour + text).join(""));
        const wanted = pieces.map(([text]) => new TextDecoder().decode(new TextEncoder().encode(text))).join("");
        expect(shown(sent).text).toBe(wanted);
      }),
    );
  });

  it("shows a link and other sequences as what they are", () => {
    const link = new TextEncoder().encode("\x1b]8;;http://evil.example/\x1b\\click\x1b]8;;\x07\x9b31m\u202eexe");
    expect(shown(link).text).toBe("^[]8;;http://evil.example/^[\\click^[]8;;^G⟨U+009B⟩31m⟨U+202E⟩exe");
  });

  it("shows what is not UTF-8 as replaced, and carriage returns where they do not end a line", () => {
    expect(makeVisible(decode(Uint8Array.of(0x61, 0xff, 0xfe, 0x62)))).toBe("a\ufffd\ufffdb");
    expect(shown(new TextEncoder().encode("10%\r20%\r\ndone\n")).text).toBe("10%^M20%\ndone");
  });

  it("keeps a colour from line to line until it is reset", () => {
    const lines = outputLines("\x1b[31mred\nstill\x1b[0m plain\n\nlast");
    const classes = [0, 1, 2, 3].map((index) => ansiSegments(lines.line(index)).map((segment) => segment.classes));
    expect(classes).toEqual([["ansi-red"], ["ansi-red", ""], [""], [""]]);
  });

  it("gives no colour that hides text: equal colours, hidden and blinking text stay readable", () => {
    expect(ansiSegments("\x1b[31;41;8;5mx")).toEqual([{ text: "x", classes: "ansi-on-red" }]);
    expect(ansiSegments("\x1b[38;2;254;1;2mx")[0]?.classes).toMatch(/^ansi-(bright-)?red$/);
    expect(ansiSegments("\x1b[38;5;21mx")[0]?.classes).toMatch(/^ansi-(bright-)?blue$/);
  });

  it("counts lines as an editor does, and cuts very long ones between characters", () => {
    expect(outputLines("").count).toBe(0);
    expect(outputLines("a\n").count).toBe(1);
    expect(outputLines("a\n\nb").count).toBe(3);
    const long = outputLines(`${"😀".repeat(9_000)}\nx`);
    const joined = Array.from({ length: long.count }, (_, index) => long.line(index)).join("");
    expect(joined).toBe(`${"😀".repeat(9_000)}x`);
    expect(long.count).toBeGreaterThan(4);
    for (let index = 0; index < long.count; index++) expect(long.line(index)).not.toMatch(/^[\udc00-\udfff]/);
  });

  it("takes 300,000 coloured lines apart in less than two seconds of processor time", () => {
    const text = "\x1b[32mok\x1b[0m some line of ordinary length that a program prints\n".repeat(300_000);
    const before = process.cpuUsage();
    const lines = outputLines(text);
    expect(lines.count).toBe(300_000);
    expect(segmentsText(lines.line(299_999))).toBe("ok some line of ordinary length that a program prints");
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

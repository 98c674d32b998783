import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OmError } from "./errors.ts";
import { expandHosts, foldHosts, naturalSort } from "./host-range.ts";

const folds: readonly (readonly [names: string[], folded: string])[] = [
  [[], ""],
  [["web1"], "web1"],
  [["web10", "web2", "web1"], "web[1-2,10]"],
  [["web01", "web02", "web03", "db3"], "db3,web[01-03]"],
  [["web9", "web10", "web11"], "web[9-11]"],
  [["web09", "web10", "web99", "web100"], "web[09-10,99-100]"],
  [["web1", "web01", "web001"], "web[1,01,001]"],
  [["web1", "web1"], "web1"],
  [["r1-n1", "r1-n2", "r2-n1", "r2-n2"], "r[1-2]-n[1-2]"],
  [["r1-n1", "r1-n2", "r2-n1"], "r1-n[1-2],r2-n1"],
  [["web01.bj.example.com", "web02.bj.example.com"], "web[01-02].bj.example.com"],
  [["a", "b", "a1"], "a,a1,b"],
  [["7", "8"], "[7-8]"],
  [["数据库1", "数据库2"], "数据库[1-2]"],
  [["x1234567890123456789", "x1234567890123456790"], "x1234567890123456789,x1234567890123456790"],
  [["a b", "x[1-2]"], '"a b","x[1-2]"'],
];

describe("host ranges", () => {
  it.each(folds)("%j folds to %s and expands back", (names, folded) => {
    expect(foldHosts(names)).toBe(folded);
    expect(new Set(expandHosts(folded))).toEqual(new Set(names));
  });

  it("any set of host names comes back whole and in natural order", () => {
    const piece = fc.constantFrom("web", "db", "-", ".", "_", "0", "1", "9", "10", "099", "100", "名", "A", "٣", "²");
    const hostName = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `h${pieces.join("")}`);
    fc.assert(
      fc.property(fc.array(hostName, { maxLength: 60 }), (names) => {
        expect(expandHosts(foldHosts(names))).toEqual(naturalSort([...new Set(names)]));
      }),
      { numRuns: 500 },
    );
  });

  it("names of more numbers than one range holds come back whole", () => {
    const names = Array.from({ length: 1024 }, (_, n) => [...n.toString(2).padStart(10, "0")].join("x"));
    expect(expandHosts(foldHosts(names))).toEqual(naturalSort(names));
  });

  it("any texts at all come back whole", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { maxLength: 20 }), (names) => {
        expect(new Set(expandHosts(foldHosts(names)))).toEqual(new Set(names));
      }),
    );
  });

  it("a range of numbers is read as its padding says", () => {
    expect(expandHosts("web[1-3]")).toEqual(["web1", "web2", "web3"]);
    expect(expandHosts("web[008-011,3]")).toEqual(["web3", "web008", "web009", "web010", "web011"]);
    expect(expandHosts("[98-101]")).toEqual(["98", "99", "100", "101"]);
    expect(expandHosts("a[1-2]b[1-2]")).toEqual(["a1b1", "a1b2", "a2b1", "a2b2"]);
    expect(expandHosts(" a , b\n")).toEqual(["a", "b"]);
    expect(expandHosts("  ")).toEqual([]);
  });

  it.each([
    ["web[1-", "1:4"],
    ["web[]", "1:5"],
    ["web[1-2x]", "1:8"],
    ["web[5-1]", "1:7"],
    ["web[1-010]", "1:7"],
    ["web[1234567890123456]", "1:5"],
    ["a b", "1:3"],
    ["a,", "1:3"],
    [",a", "1:1"],
    ["服务器,]", "1:5"],
    ['"a', "1:1"],
    ["web[1-999999]x[1-2]", "1:1"],
    ["a,web[1-1000000]", "1:3"],
    ["web[1-999999999999999]", "1:1"],
    ["a\u0000", "1:2"],
    [`a,${"x[1-2]".repeat(9)}`, "1:3"],
    [`${"x".repeat(60_000)}[1-1000000]`, "1:1"],
  ])("%j is refused at %s", (text, place) => {
    try {
      expandHosts(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(OmError);
      expect((error as OmError).code).toBe("query.syntax");
      expect((error as OmError).problems[0]?.place).toBe(place);
    }
  });

  it("100,000 names fold and expand in well under a second", () => {
    const names = Array.from({ length: 100_000 }, (_, n) => `web${String(n).padStart(6, "0")}.r${n % 40}.example.com`);
    const start = performance.now();
    const back = expandHosts(foldHosts(names));
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(back).toHaveLength(100_000);
  });
});

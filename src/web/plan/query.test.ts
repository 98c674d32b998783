import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OmError } from "../../contract/errors.ts";
import { matchHosts, parseQuery, type QueryContext, runSelectionsIn, runsNamedIn } from "./query.ts";
import type { QueryHost, QueryInventory } from "./query-index.ts";

const functionCategories = [
  { id: 1, name: "Linux.Web" },
  { id: 2, name: "Linux.Mysql" },
  { id: 3, name: "数据库" },
  { id: 4, name: "My Servers" },
  { id: 5, name: "both" },
];
const appCategories = [
  { id: 11, functionCategoryId: 1, name: "bbs.domain.com" },
  { id: 12, functionCategoryId: 1, name: "www.domain.com" },
  { id: 21, functionCategoryId: 2, name: "bbs.domain.com" },
  { id: 31, functionCategoryId: 3, name: "订单" },
  { id: 41, functionCategoryId: 4, name: "a/b" },
  { id: 42, functionCategoryId: 4, name: "empty" },
  { id: 51, functionCategoryId: 5, name: "x" },
];

function hostOf(id: number, name: string, appCategoryId: number, change: Partial<QueryHost> = {}): QueryHost {
  return {
    id,
    name,
    appCategoryId,
    outerAddress: "",
    innerAddress: `10.11.0.${id}`,
    port: 22,
    os: "Debian 12",
    engines: ["ssh"],
    user: "",
    credential: "prod",
    tags: [],
    enabled: true,
    ...change,
  };
}

const hosts: readonly QueryHost[] = [
  hostOf(1, "web01", 11, { tags: ["prod", "env:live"] }),
  hostOf(2, "web02", 11, { tags: ["prod"], os: "Rocky Linux 9", user: "ops" }),
  hostOf(3, "web03", 12, { port: 2222, innerAddress: "fd00::3", outerAddress: "192.0.2.3" }),
  hostOf(4, "db1", 21, { zone: "bj", engines: ["salt"], os: "debian 11" }),
  hostOf(5, "db2", 21, { enabled: false, tags: ["old"] }),
  hostOf(6, "订单库1", 31, { credential: "", os: "" }),
  hostOf(7, "a-b_c.d", 41, { innerAddress: "", outerAddress: "10.11.9.9" }),
  hostOf(8, "both", 51),
  hostOf(9, "10.11.0.200", 51, { innerAddress: "10.12.0.1" }),
  hostOf(10, "and", 51, { innerAddress: "gate.example.com" }),
];
const inventory: QueryInventory = { hosts, functionCategories, appCategories };
const context: QueryContext = {
  failedHosts: (runId) => new Set(runId === 7 ? [1, 4, 5] : []),
  runHosts: (runId, selection) =>
    new Set(runId === 7 ? { failed: [1, 4, 5], ok: [2], unknown: [4], hosts: [1, 2, 4, 5] }[selection] : []),
};

function idsOf(text: string): number[] {
  return matchHosts(parseQuery(text), inventory, context).map(({ id }) => id);
}

function refusalOf(text: string): OmError {
  try {
    matchHosts(parseQuery(text), inventory, context);
  } catch (error) {
    if (error instanceof OmError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} was not refused`);
}

const everyEnabled = [1, 2, 3, 4, 6, 7, 8, 9, 10];

const matching: readonly (readonly [query: string, ids: readonly number[]])[] = [
  ["all", everyEnabled],
  ["*", everyEnabled],
  ["ALL", everyEnabled],
  // categories
  ["Linux.Web/bbs.domain.com", [1, 2]],
  ["Linux.Web", [1, 2, 3]],
  ["Linux.Web/", [1, 2, 3]],
  ["Linux.*/bbs*", [1, 2, 4]],
  ["*/bbs.domain.com", [1, 2, 4]],
  ["Linux.?eb/", [1, 2, 3]],
  ["数据库/订单", [6]],
  ["数据库", [6]],
  ['"My Servers"', [7]],
  ['"My Servers"/"a/b"', [7]],
  ['"My Servers"/empty', []],
  ["My*/", [7]],
  // names
  ["web01", [1]],
  ["web[01-02,7]", [1, 2]],
  ["web*", [1, 2, 3]],
  ["db?", [4]],
  ["*1", [1, 4, 6]],
  ["w*[02-99]", [2, 3]],
  ["*[1-3]", [1, 2, 3, 4, 6]],
  ["w?b0[1-2]", [1, 2]],
  ["name=both", [8]],
  ["both/", [8, 9, 10]],
  ['"and"', [10]],
  ["name=and", [10]],
  ["订单库1", [6]],
  ["订单*", [6]],
  ["a-b_c.d", [7]],
  // lists, operators
  ["web01,web03", [1, 3]],
  ["web01 , web03", [1, 3]],
  ["web01\nweb03\n", [1, 3]],
  ["web01,\n web03", [1, 3]],
  ["web01 or db1", [1, 4]],
  ["Linux.Web and not web01", [2, 3]],
  ["web01,web02 and os=Debian*", [1]],
  ["not web01,web02 and web*", [3]],
  ["web01 or web02 and db1", [1]],
  ["(web01 or web02) and os=rocky*", [2]],
  ["web01 OR web02", [1, 2]],
  ["not not web01", [1]],
  ["( ( web01 ) )", [1]],
  ["web01　or　web02", [1, 2]],
  // fields
  ["tag:prod", [1, 2]],
  ["tag=prod", [1, 2]],
  ["tag:env:live", [1]],
  ["tag:*", [1, 2]],
  ["os=Debian*", [1, 3, 4, 7, 8, 9, 10]],
  ['os="Debian 12" and web*', [1, 3]],
  ["os=", [6]],
  ["zone=bj", [4]],
  ["zone=default and db*", []],
  ["engine=salt", [4]],
  ["engine=s*", everyEnabled],
  ["user=ops", [2]],
  ["credential=", [6]],
  ["port=2222", [3]],
  ["port=[22,2222] and web*", [1, 2, 3]],
  ["port=23-3000", [3]],
  ["id=1,2,99", [1, 2]],
  ["id=1,2, web03", [1, 2, 3]],
  ["(id=1,2)", [1, 2]],
  ["id=[1-3]", [1, 2, 3]],
  ["enabled=no", [5]],
  ["enabled=any and db*", [4, 5]],
  ["db* and enabled=no", [5]],
  ["db*", [4]],
  ["tag:old", []],
  ["db2", []],
  // addresses
  ["10.11.0.0/16", [1, 2, 4, 6, 7, 8]],
  ["10.11.0.99/24", [1, 2, 4, 6, 8]],
  ["10.11.0.1", [1]],
  ["10.11.9.9", [7]],
  ["10.11.0.200", []],
  ["name=10.11.0.200", [9]],
  ['"10.11.0.200"', [9]],
  ["fd00::/8", [3]],
  ["FD00:0:0::3", [3]],
  ["192.0.2.3/32", [3]],
  ["0.0.0.0/0 and web*", [1, 2, 3]],
  ["::/0", [3]],
  ["172.16.0.0/12", []],
  ["address=gate*", [10]],
  ["address=10.11.0.0/16 and db1", [4]],
  ["address=10.11.0.[1-2]", [1, 2]],
  // runs
  ["failed(7)", [1, 4]],
  ["failed(7) and enabled=any", [1, 4, 5]],
  ["failed(8)", []],
  ["ok(7)", [2]],
  ["unknown(7)", [4]],
  ["hosts(7) and not ok(7)", [1, 4]],
  ["Failed( 7 )", [1, 4]],
];

describe("the query language", () => {
  it.each(matching)("%s", (text, ids) => {
    expect(idsOf(text)).toEqual(ids);
  });

  it("leaves disabled hosts in where a list of the inventory asks for it", () => {
    const found = matchHosts(parseQuery("db*"), inventory, { ...context, disabled: "match" });
    expect(found.map(({ id }) => id)).toEqual([4, 5]);
  });

  it("reads the examples of its page", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../docs/query.md"), "utf8");
    const block = /```\n(.*?)```/s.exec(page)?.[1] ?? "";
    const examples = block.split("\n").flatMap((line) => line.split(/ {2,}/)[0] || []);
    expect(examples.length).toBeGreaterThan(8);
    for (const example of examples) expect(() => parseQuery(example)).not.toThrow();
  });

  it("tells which runs must be known first", () => {
    const query = parseQuery("failed(3) or (ok(3) and not failed(9)), failed(3)");
    expect(runsNamedIn(query)).toEqual([3, 9]);
    expect(runSelectionsIn(query)).toHaveLength(3);
    expect(() => matchHosts(query, inventory, { failedHosts: () => new Set() })).toThrow("expected failed(…)");
  });
});

const refused: readonly (readonly [query: string, place: string, message: RegExp])[] = [
  ["", "1:1", /found the end, expected a host/],
  ["   ", "1:4", /found the end/],
  ["web01 db1", "1:7", /found “db1”, expected “and”, “or”, “,” or the end/],
  ["web01 and", "1:10", /found the end, expected a host/],
  ["and web01", "1:1", /found “and”/],
  ["web01 or or db1", "1:10", /found “or”/],
  ["web01,,db1", "1:7", /found “,”/],
  ["web01,", "1:7", /found the end/],
  ["(web01", "1:7", /found the end, expected “and”, “or”, “,” or “\)”/],
  ["web01)", "1:6", /found “\)”/],
  ["()", "1:2", /found “\)”/],
  ["web01, not db1", "1:8", /found “not”/],
  ["web[01-", "1:4", /no “\]”/],
  ["web[]", "1:5", /expected a number/],
  ["web[a]", "1:5", /found “a”/],
  ["web[😀]", "1:5", /found “😀”/],
  ["web[1\ud800]", "1:6", /U\+D800/],
  ["web[\u0000]", "1:5", /U\+0000/],
  ["web[2-1]", "1:7", /ends below/],
  ["服务器[1-x]", "1:7", /found “x”/],
  ["web]", "1:4", /expected a “\[”/],
  ["web[1-1000001]", "1:1", /more than 1000000 names/],
  ["web[1-999999],db[1-2]", "1:15", /more than 1000000 names/],
  ["colour=red", "1:1", /found the field “colour”, expected one of name, tag/],
  ["=x", "1:1", /found the field/],
  ["os = Debian", "1:4", /found “=”.*written os=…/],
  ["enabled=maybe", "1:9", /found “maybe”, expected yes, no or any/],
  ["engine=sssh", "1:8", /expected one of ssh/],
  ["port=", "1:6", /expected a number/],
  ["port=x", "1:6", /found “x”/],
  ["tag:", "1:5", /expected its name/],
  ["name=", "1:6", /expected a host name/],
  ['""', "1:1", /empty name/],
  ["10.11.0.0/33", "1:11", /found “33”, expected a prefix length from 0 to 32/],
  ["10.11.0.300", "1:1", /expected an IP address/],
  ["fd00::/129", "1:8", /from 0 to 128/],
  ["a::b::c", "1:1", /expected an IP address/],
  ["/bbs", "1:1", /expected a function category before it/],
  ["a/b/c", "1:4", /found a second “\/”/],
  ["failed()", "1:8", /expected the number of a run/],
  ["failed(x)", "1:8", /found “x”, expected the number of a run/],
  ["failed(0)", "1:8", /expected the number/],
  ["failed(1", "1:9", /expected “\)”/],
  ["failed(1,2)", "1:9", /expected “\)”/],
  ["delete(1)", "1:1", /found “delete” before “\(”, expected failed/],
  ["both", "1:1", /is a host and a function category, expected name=both or both\//],
  ["web01 & db1", "1:7", /found “&”, expected “and”/],
  ["!web01", "1:1", /expected “not”/],
  ["os!=Debian", "1:3", /expected “not”/],
  ["a;b", "1:2", /expected “,”/],
  ["web01，db1", "1:6", /half width/],
  ["（web01）", "1:1", /half width/],
  ["'web01'", "1:1", /straight double quotes/],
  ["“web01”", "1:1", /straight double quotes/],
  ['"web01', "1:1", /not closed/],
  ['"a\\x"', "1:3", /in quotes/],
  ['"a\u0000"', "1:3", /U\+0000 in quotes/],
  ["a\u0000b", "1:2", /found the character U\+0000/],
  ["a\u001bb", "1:2", /U\+001B/],
  ["a\ud800b", "1:2", /U\+D800/],
  ["😀\u0007", "1:1", /double quotes/],
  ["𠮷\u0007", "1:2", /U\+0007/],
  ["{{7*7}}", "1:1", /found “{”/],
  ["$(touch canary)", "1:1", /found “\$”/],
  ["`id`", "1:1", /straight double quotes/],
  ["<script>", "1:1", /found “<”/],
  ["(".repeat(101), "1:101", /more than 100 levels/],
  [`${"not ".repeat(101)}a`, "1:401", /more than 100 levels/],
  ["a".repeat(65_537), "1:65537", /longer than 65536/],
  [Array.from({ length: 101 }, (_, n) => `x${n}*`).join(","), "1:491", /more than 100 different/],
];

describe("a syntax error", () => {
  it.each(refused)("in %j is at %s", (text, place, message) => {
    const refusal = refusalOf(text);
    expect(refusal.code).toBe("query.syntax");
    expect(refusal.problems).toHaveLength(1);
    expect(refusal.problems[0]?.place).toBe(place);
    expect(refusal.message).toMatch(message);
  });
});

const unknown: readonly (readonly [query: string, place: string, message: string])[] = [
  ["wbe01", "1:1", "no host and no function category is named “wbe01”; did you mean web01"],
  ["db1, WEB02", "1:6", "no host and no function category is named “WEB02”; did you mean web02"],
  ["not nothing-like-it", "1:5", "no host and no function category is named “nothing-like-it”"],
  ["name=wbe01", "1:1", "no host is named “wbe01”; did you mean name=web01"],
  ["cache*", "1:1", "no host is named “cache*”"],
  ["Linux.*", "1:1", "no host is named “Linux.*”; did you mean Linux.*/ (a function category)"],
  ["cache[1-9]", "1:1", "no host is named “cache[1-9]”"],
  ["cache[1-900]", "1:1", "no host is named “cache[1-900]”"],
  ["linux.web/", "1:1", "there is no category “linux.web/”; did you mean Linux.Web/"],
  [
    "Linux.Web/bsb.domain.com",
    "1:1",
    "there is no category “Linux.Web/bsb.domain.com”; did you mean Linux.Web/bbs.domain.com",
  ],
  ["Nope*/x", "1:1", "there is no category “Nope*/x”"],
  [
    "www.domain.com",
    "1:1",
    "no host and no function category is named “www.domain.com”; did you mean Linux.Web/www.domain.com",
  ],
  ["prod", "1:1", "no host and no function category is named “prod”; did you mean tag:prod"],
  ["tag:prd", "1:1", "no host has the tag “prd”; did you mean tag:prod"],
  ["tag:zzz*", "1:1", "no host has the tag “zzz*”"],
  ["__proto__", "1:1", "no host and no function category is named “__proto__”"],
  ["tag:constructor", "1:1", "no host has the tag “constructor”"],
];

describe("a name that is nobody's", () => {
  it.each(unknown)("in %s is at %s with what is near", (text, place, message) => {
    const refusal = refusalOf(text);
    expect(refusal.code).toBe("query.unknown_name");
    expect(refusal.problems).toEqual([{ place, message }]);
  });

  it("is listed with the others, up to twenty", () => {
    const refusal = refusalOf(Array.from({ length: 30 }, (_, n) => `nope${n}`).join(","));
    expect(refusal.problems).toHaveLength(20);
    expect(refusal.problems[1]?.place).toBe("1:7");
    expect(refusal.message).toContain("(and 29 more unknown names)");
  });
});

describe("any text", () => {
  const hostile = fc.constantFrom(
    "web01",
    "web*",
    "[1-3]",
    "[",
    "]",
    "(",
    ")",
    ",",
    " ",
    "\n",
    "\u0000",
    '"',
    "\\",
    "and",
    "or",
    "not",
    "/",
    "tag:",
    "os=",
    "10.0.0.0/8",
    "::",
    "failed(",
    "7",
    "*",
    "?",
    "{{7*7}}",
    "__proto__",
    "\ud800",
    "数据库",
    "😀",
    "-",
    "=",
  );
  it("gives hosts or one clear error, and nothing else", () => {
    const text = fc.oneof(
      fc.array(hostile, { maxLength: 40 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary", maxLength: 200 }),
    );
    fc.assert(
      fc.property(text, (query) => {
        try {
          matchHosts(parseQuery(query), inventory, context);
        } catch (error) {
          if (!(error instanceof OmError)) throw error;
          expect(["query.syntax", "query.unknown_name"]).toContain(error.code);
          for (const { place } of error.problems) {
            const column = Number(/^1:(\d+)$/.exec(place)?.[1]);
            expect(column).toBeGreaterThan(0);
            expect(column).toBeLessThanOrEqual([...query].length + 1);
          }
          expect(error.message.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("globs agree with a plain definition of them", () => {
    const letter = fc.constantFrom("a", "b", "1", "2");
    const piece = fc.constantFrom("a", "b", "1", "*", "?", "[1-2]", "[01-12]");
    function accepts(pattern: readonly string[], name: string): boolean {
      const [head, ...tail] = pattern;
      if (head === undefined) return name === "";
      if (head === "*") return accepts(tail, name) || (name !== "" && accepts(pattern, name.slice(1)));
      if (head === "?") return name !== "" && accepts(tail, name.slice(1));
      const choices = {
        "[1-2]": ["1", "2"],
        "[01-12]": Array.from({ length: 12 }, (_, n) => String(n + 1).padStart(2, "0")),
      }[head] ?? [head];
      return choices.some((choice) => name.startsWith(choice) && accepts(tail, name.slice(choice.length)));
    }
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 6 }),
        fc.uniqueArray(
          fc.array(letter, { minLength: 1, maxLength: 6 }).map((letters) => letters.join("")),
          { minLength: 1 },
        ),
        (pattern, names) => {
          const fleet = names.map((name, id) => hostOf(id + 1, name, 11));
          const query = parseQuery(`name=${pattern.join("")} or all and id=999999`);
          const expected = names.filter((name) => accepts(pattern, name));
          let found: string[] = [];
          try {
            found = matchHosts(query, { ...inventory, hosts: fleet }, context).map(({ name }) => name);
          } catch (error) {
            if (!(error instanceof OmError) || error.code !== "query.unknown_name") throw error;
          }
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["names", Array.from({ length: 9000 }, (_, n) => `x${n}`).join(",")],
    ["stars", `${"*a".repeat(30_000)}`],
    ["negations", Array.from({ length: 6000 }, () => "not web01").join(" and ")],
    ["parentheses", `${"(".repeat(100)}web01${")".repeat(100)}`],
    ["ranges", Array.from({ length: 8000 }, (_, n) => `[${n}]`).join("")],
    ["quotes", '"a"'.repeat(20_000)],
    ["one long word", "a".repeat(65_000)],
    ["a megabyte", "a".repeat(1_000_000)],
    ["slashes", "/".repeat(60_000)],
    ["open brackets", "[".repeat(60_000)],
    ["commas", "1,".repeat(30_000)],
    ["numbers", `id=${"1,".repeat(30_000)}1`],
  ])("as long as it may be, of %s, is answered at once", (_, text) => {
    const start = performance.now();
    try {
      matchHosts(parseQuery(text), inventory, context);
    } catch (error) {
      expect(error).toBeInstanceOf(OmError);
    }
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuery } from "./query.ts";
import { completeQuery } from "./query-complete.ts";
import type { QueryHost, QueryInventory } from "./query-index.ts";

function hostOf(id: number, name: string, appCategoryId: number, change: Partial<QueryHost> = {}): QueryHost {
  return {
    id,
    name,
    appCategoryId,
    outerAddress: "",
    innerAddress: "",
    port: 22,
    os: "Debian 12",
    engines: ["ssh"],
    user: "",
    credential: "prod key",
    tags: ["prod"],
    enabled: true,
    ...change,
  };
}

const inventory: QueryInventory = {
  hosts: [
    hostOf(1, "web10", 11),
    hostOf(2, "web2", 11, { tags: ["prod", "blue"], os: "Rocky 9" }),
    hostOf(3, "db1", 12, { engines: ["salt"] }),
    hostOf(4, "web3", 12, { enabled: false }),
  ],
  functionCategories: [
    { id: 1, name: "Linux.Web" },
    { id: 2, name: "My Servers" },
  ],
  appCategories: [
    { id: 11, functionCategoryId: 1, name: "bbs" },
    { id: 12, functionCategoryId: 2, name: "db (new)" },
  ],
};

/** `|` is the cursor. */
function completed(text: string) {
  const cursor = text.indexOf("|");
  const query = text.replace("|", "");
  const { from, to, options } = completeQuery(query, cursor, inventory);
  return { word: query.slice(from, to), options: options.map((option) => option.text) };
}

describe("completion", () => {
  it.each<[string, string, string[]]>([
    ["|", "", ["Linux.Web/", '"My Servers"/']],
    ["li|", "li", ["Linux.Web/"]],
    ["w|", "w", ["web2", "web10"]],
    ["not we|", "we", ["web2", "web10"]],
    ["db1, we|b2", "web2", ["web2", "web10"]],
    ["Linux.Web/|", "Linux.Web/", ["Linux.Web/bbs"]],
    ['"My Servers"/d|', '"My Servers"/d', ['"My Servers"/"db (new)"']],
    ['"My S|', '"My S', ['"My Servers"/']],
    ["tag:|", "tag:", ["tag:prod", "tag:blue"]],
    ["tag=b|", "tag=b", ["tag=blue"]],
    ["os=|", "os=", ['os="Debian 12"', 'os="Rocky 9"']],
    ['os="Ro|', 'os="Ro', ['os="Rocky 9"']],
    ["credential=p|", "credential=p", ['credential="prod key"']],
    ["engine=sa|", "engine=sa", ["engine=salt"]],
    ["engine=|", "engine=", ["engine=ssh", "engine=salt"]],
    ["enabled=|", "enabled=", ["enabled=yes", "enabled=no", "enabled=any"]],
    ["name=d|", "name=d", ["name=db1"]],
    ["fai|", "fai", ["failed("]],
    ["web2 |", "", ["and", "or"]],
    ["web2 a|", "a", ["and"]],
    ['"a" |', "", ["and", "or"]],
    ["web2 and |", "", ["Linux.Web/", '"My Servers"/']],
    ["(|", "", ["Linux.Web/", '"My Servers"/']],
    ["failed(|", "", []],
    ["nothing-like-it|", "nothing-like-it", []],
  ])("of %s replaces %j", (text, word, options) => {
    expect(completed(text)).toEqual({ word, options });
  });

  it("counts the hosts that an option means, without the disabled ones", () => {
    const { options } = completeQuery("", 0, inventory);
    expect(options.map(({ count }) => count)).toEqual([2, 1]);
    expect(completeQuery("tag:", 4, inventory).options[0]).toEqual({ text: "tag:prod", kind: "tag", count: 3 });
  });

  it("of any text at any place gives a part of it and options that can be read", () => {
    const piece = fc.constantFrom(
      "web",
      '"',
      "\\",
      "[",
      "]",
      "(",
      ")",
      ",",
      " ",
      "\n",
      "tag:",
      "os=",
      "/",
      "and ",
      "\u0000",
      "\ud800",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.nat(60), (parts, cursor) => {
        const text = parts.join("");
        const { from, to, options } = completeQuery(text, cursor, inventory);
        expect(0 <= from && from <= to && to <= text.length).toBe(true);
        for (const { text: replacement, kind } of options) {
          if (["host", "category", "value", "tag"].includes(kind)) expect(() => parseQuery(replacement)).not.toThrow();
        }
      }),
      { numRuns: 1000 },
    );
  });
});

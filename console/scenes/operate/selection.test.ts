import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { queryParts, quoteName } from "./query-text.ts";
import {
  deselect,
  readSelection,
  type Selection,
  select,
  type TreeIndex,
  type TreeNode,
  writeSelection,
} from "./selection.ts";
import { appChoice, hostChoice } from "./tree-choice.ts";

const index: TreeIndex = {
  categories: [
    { name: "Linux.Web", apps: ["bbs.domain.com", "www"] },
    { name: "数据库 主", apps: ["or", "a,b"] },
  ],
  hosts: new Map([
    ...["web01", "web02", "web03"].map((name) => [name, { category: "Linux.Web", app: "www" }] as const),
    ["db1", { category: "数据库 主", app: "or" }],
  ]),
};
const web: TreeNode = { kind: "function", category: "Linux.Web" };
const www: TreeNode = { kind: "app", category: "Linux.Web", app: "www" };
const bbs: TreeNode = { kind: "app", category: "Linux.Web", app: "bbs.domain.com" };
const host = (name: string): TreeNode => ({ kind: "host", category: "Linux.Web", app: "www", name });

function queryAfter(query: string, ...steps: readonly ((selection: Selection) => Selection)[]): string {
  return writeSelection(steps.reduce((selection, step) => step(selection), readSelection(query, index)));
}
const on = (node: TreeNode) => (selection: Selection) => select(selection, node, index);
const off = (node: TreeNode) => (selection: Selection) => deselect(selection, node, index);

describe("selection and query", () => {
  it("writes what is ticked and folds hosts", () => {
    expect(queryAfter("", on(host("web01")), on(host("web02")), on(bbs))).toBe("Linux.Web/bbs.domain.com, web[01-02]");
  });

  it("replaces the parts of a category by the category", () => {
    expect(queryAfter("web01, Linux.Web/bbs.domain.com", on(web))).toBe("Linux.Web");
  });

  it("names a host that is taken out of a chosen category as an exception, and takes the exception back", () => {
    expect(queryAfter("Linux.Web", off(host("web02")))).toBe("Linux.Web and not web02");
    expect(queryAfter("Linux.Web and not web02", on(host("web02")))).toBe("Linux.Web");
  });

  it("is empty again when the last tick is taken back", () => {
    expect(queryAfter("web01", off(host("web01")))).toBe("");
    expect(queryAfter("Linux.Web/www and not web01", off(www))).toBe("");
  });

  it("keeps conditions that people wrote and adds to them", () => {
    expect(queryAfter("os=Debian* and not tag:canary", on(bbs))).toBe(
      "Linux.Web/bbs.domain.com, os=Debian* and not tag:canary",
    );
    expect(queryAfter("a and b or not c", on(bbs))).toBe("Linux.Web/bbs.domain.com, (a and b), (not c)");
    expect(queryAfter("tag:web", off(www))).toBe("tag:web and not Linux.Web/www");
  });

  it("takes a category back in one part at a time", () => {
    expect(queryAfter("tag:web and not Linux.Web", on(www))).toBe(
      "Linux.Web/www, tag:web and not Linux.Web/bbs.domain.com",
    );
  });

  it("quotes names that mean something else in a query", () => {
    expect(quoteName("or")).toBe('"or"');
    const node: TreeNode = { kind: "app", category: "数据库 主", app: "or" };
    expect(queryAfter("", on(node))).toBe('"数据库 主"/"or"');
    expect(queryAfter('"数据库 主"/"or"', off(node))).toBe("");
  });

  it("takes a query apart as the server does, and leaves one with a mistake alone", () => {
    expect(queryParts('web[1,3], (a or b), "x, y"\nlast')).toMatchObject({
      kind: "list",
      parts: [{ text: "web[1,3]" }, { kind: "group", of: { kind: "or" } }, { text: '"x, y"' }, { text: "last" }],
    });
    expect(queryParts("a or (b or c) OR not d, e")).toMatchObject({
      kind: "or",
      parts: [{ text: "a" }, { text: "(b or c)" }, { kind: "not", of: { kind: "list", text: "d, e" } }],
    });
    expect(queryParts("failed(41) and x")).toMatchObject({ kind: "and", parts: [{ text: "failed(41)" }, {}] });
    for (const wrong of ["a or (b", "a b", "and", '"open', "web[1", "a,", ")", "not", "a ] b"]) {
      expect(queryParts(wrong)).toBeUndefined();
      expect(queryAfter(wrong)).toBe(wrong);
    }
  });

  it("reads any text and writes a text that reads the same", () => {
    const words = fc.constantFrom(
      "and",
      "or",
      "not",
      "(",
      ")",
      ",",
      "\n",
      "web01",
      "web[1-3]",
      "os=De*",
      '"a b"',
      "Linux.Web",
      "Linux.Web/www",
      "[",
      '"',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (tokens) => {
        const first = writeSelection(readSelection(tokens.join(" "), index));
        expect(writeSelection(readSelection(first, index))).toBe(first);
      }),
    );
  });

  it("shows the tick of what was clicked at once, for any history of clicks", () => {
    const nodes: readonly TreeNode[] = [web, www, bbs, host("web01"), host("web02"), host("web03")];
    const clicks = fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...nodes)), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(clicks, (history) => {
        let query = "";
        for (const [choose, node] of history) query = queryAfter(query, choose ? on(node) : off(node));
        const [choose, node] = history.at(-1) ?? [true, web];
        const selection = readSelection(query, index);
        expect(choiceOf(node, selection)).toBe(choose ? "all" : "none");
      }),
    );
  });
});

function choiceOf(node: TreeNode, selection: Selection): string {
  if (node.kind === "host") return hostChoice(node.name, node.category, node.app, selection, undefined);
  if (node.kind === "app") {
    return appChoice({ id: 1, name: node.app, hostCount: 3 }, node.category, selection, undefined, index);
  }
  const apps = index.categories.find(({ name }) => name === node.category)?.apps ?? [];
  const choices = new Set(
    apps.map((name) => appChoice({ id: 1, name, hostCount: 3 }, node.category, selection, undefined, index)),
  );
  return choices.size === 1 ? ([...choices][0] ?? "") : "some";
}

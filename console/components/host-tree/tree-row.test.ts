import { describe, expect, it } from "vitest";
import { type TreeRow, treeMove, typeAhead } from "./tree-row.ts";

function row(id: string, level: number, expanded?: boolean): TreeRow {
  const base = {
    id,
    kind: level === 3 ? "host" : "app",
    level,
    name: id,
    choice: "none",
    place: 1,
    siblings: 1,
  } as const;
  return expanded === undefined ? base : { ...base, expanded };
}

const rows = [
  row("Linux.Web", 1, true),
  row("www", 2, true),
  row("web01", 3),
  row("web02", 3),
  row("Linux.Mysql", 1, false),
];

describe("keys in the tree", () => {
  it.each([
    [0, "ArrowDown", { kind: "focus", index: 1 }],
    [4, "ArrowDown", { kind: "focus", index: 4 }],
    [0, "ArrowUp", { kind: "focus", index: 0 }],
    [4, "ArrowRight", { kind: "expand", index: 4 }],
    [0, "ArrowRight", { kind: "focus", index: 1 }],
    [2, "ArrowRight", undefined],
    [0, "ArrowLeft", { kind: "collapse", index: 0 }],
    [3, "ArrowLeft", { kind: "focus", index: 1 }],
    [4, "ArrowLeft", undefined],
    [2, "Home", { kind: "focus", index: 0 }],
    [2, "End", { kind: "focus", index: 4 }],
    [0, "PageDown", { kind: "focus", index: 3 }],
    [4, "PageUp", { kind: "focus", index: 1 }],
    [2, " ", { kind: "choose", index: 2 }],
    [2, "Enter", { kind: "choose", index: 2 }],
    [2, "F5", undefined],
  ] as const)("from row %i, %s does %j", (focused, key, move) => {
    expect(treeMove(rows, focused, key, 3)).toEqual(move);
  });

  it("find the next name that begins so, going round", () => {
    expect(typeAhead(rows, 0, "w")).toBe(1);
    expect(typeAhead(rows, 3, "l")).toBe(4);
    expect(typeAhead(rows, 1, "web")).toBe(2);
    expect(typeAhead(rows, 0, "x")).toBeUndefined();
    expect(typeAhead([], 0, "x")).toBeUndefined();
  });
});

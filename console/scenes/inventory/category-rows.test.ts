import { expect, it } from "vitest";
import { categoryRows } from "./category-rows.ts";

const app = (id: number, functionCategoryId: number, name: string, hostCount: number) => ({
  id,
  functionCategoryId,
  name,
  zone: "",
  hostCount,
});
const tree = [
  { id: 1, name: "Linux.Web", zone: "", hostCount: 5, appCategories: [app(11, 1, "www", 3), app(12, 1, "b b s", 2)] },
  { id: 2, name: "Empty", zone: "", hostCount: 0, appCategories: [] },
];

it("shows all hosts, then every category with its level, count and query", () => {
  expect(
    categoryRows(tree, new Set(), "All").map(({ level, name, count, query }) => [level, name, count, query]),
  ).toEqual([
    [1, "All", 5, ""],
    [1, "Linux.Web", 5, "Linux.Web"],
    [2, "www", 3, "Linux.Web/www"],
    [2, "b b s", 2, 'Linux.Web/"b b s"'],
    [1, "Empty", 0, "Empty"],
  ]);
});

it("leaves out what is in a closed category, and only a category with something in it opens", () => {
  const rows = categoryRows(tree, new Set([1]), "All");

  expect(rows.map(({ id }) => id)).toEqual(["all", "f1", "f2"]);
  expect(rows.map(({ expanded }) => expanded)).toEqual([undefined, false, undefined]);
});

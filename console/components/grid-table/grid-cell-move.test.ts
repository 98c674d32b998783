import { expect, it } from "vitest";
import { gridCellMove } from "./grid-cell-move.ts";

const size = { rows: 100, columns: 4, pageRows: 10 };

it.each([
  ["ArrowDown", false, 6, 1],
  ["ArrowUp", false, 4, 1],
  ["ArrowRight", false, 5, 2],
  ["ArrowLeft", false, 5, 0],
  ["PageDown", false, 15, 1],
  ["PageUp", false, 0, 1],
  ["Home", false, 5, 0],
  ["End", false, 5, 3],
  ["Home", true, 0, 1],
  ["End", true, 99, 1],
])("%s (Ctrl: %s) leads from cell 5, 1 to %i, %i", (key, isControl, row, column) => {
  expect(gridCellMove({ row: 5, column: 1 }, key, isControl, size)).toEqual({ row, column });
});

it("never leaves the grid, and leaves other keys alone", () => {
  expect(gridCellMove({ row: 99, column: 3 }, "ArrowDown", false, size)).toEqual({ row: 99, column: 3 });
  expect(gridCellMove({ row: 0, column: 0 }, "ArrowLeft", false, size)).toEqual({ row: 0, column: 0 });
  expect(gridCellMove({ row: 0, column: 0 }, "a", false, size)).toBeUndefined();
});

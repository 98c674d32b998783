import { expect, it } from "vitest";
import { gridMove } from "./grid-moves.ts";

const grid = { count: 25, columns: 10, pageRows: 2 };

it.each([
  [0, "ArrowRight", 1],
  [24, "ArrowRight", 24],
  [0, "ArrowLeft", 0],
  [3, "ArrowDown", 13],
  [16, "ArrowDown", 16],
  [14, "ArrowUp", 4],
  [4, "ArrowUp", 4],
  [2, "PageDown", 22],
  [12, "PageDown", 24],
  [12, "PageUp", 0],
  [12, "Home", 0],
  [12, "End", 24],
  [12, "a", undefined],
] as const)("in the grid of hosts, from cell %i, %s leads to %s", (from, key, to) => {
  expect(gridMove(from, key, grid)).toBe(to);
});

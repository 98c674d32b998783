import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellAt, gridGap, gridLayout } from "./grid-layout.ts";

const width = 1_100;
const height = 200;

describe("the layout of the grid", () => {
  it("takes the largest cells with which all hosts are in view, and the smallest where none is enough", () => {
    expect(gridLayout(40, width, height, false).pitch).toBe(18);
    expect(gridLayout(1_000, width, height, false).pitch).toBe(12);
    expect(gridLayout(10_000, width, height, false)).toEqual({ pitch: 10, columns: 110, rows: 91 });
    expect(gridLayout(10_000, 360, height, true).pitch).toBe(18);
  });

  it("has a place for every host within its width, whatever the width", () => {
    fc.assert(
      fc.property(fc.nat(3_000), fc.nat(2_000), fc.boolean(), (count, wide, phone) => {
        const { columns, rows, pitch } = gridLayout(count, wide, height, phone);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect((rows - 1) * columns).toBeLessThan(Math.max(1, count));
        if (columns > 1) expect(columns * pitch - gridGap).toBeLessThanOrEqual(wide);
      }),
    );
  });

  it("finds the cell at a place, and none beside or behind them", () => {
    const layout = { pitch: 10, columns: 5, rows: 3 };
    expect(cellAt(layout, 12, 0, 0)).toBe(0);
    expect(cellAt(layout, 12, 19, 25)).toBe(11);
    expect(cellAt(layout, 12, 20, 25)).toBeUndefined();
    expect(cellAt(layout, 12, 51, 0)).toBeUndefined();
    expect(cellAt(layout, 12, -1, 0)).toBeUndefined();
  });
});

import { expect, it } from "vitest";
import { hourBars, hourFilter, lastDay, readHour } from "./hours.ts";

const hour = 3_600_000;

it("shows the hours without any too, the present one last", () => {
  const { from, until } = lastDay(1_000 * hour + 5);

  const bars = hourBars({ hours: [{ hour: until - hour, count: 7 }], until });

  expect(bars).toHaveLength(24);
  expect(bars[0]).toEqual({ hour: from, count: 0 });
  expect(bars.at(-2)).toEqual({ hour: 999 * hour, count: 7 });
  expect(bars.at(-1)).toEqual({ hour: 1_000 * hour, count: 0 });
});

it("reads from an address nothing but the start of an hour", () => {
  const read = [5 * hour, 5 * hour + 1, Number.NaN, 0, -hour, Number.POSITIVE_INFINITY, undefined].map(readHour);

  expect(read).toEqual([5 * hour, undefined, undefined, undefined, undefined, undefined, undefined]);
  expect(hourFilter(read[0])).toEqual({ from: 5 * hour, to: 6 * hour });
  expect(hourFilter(undefined)).toEqual({});
});

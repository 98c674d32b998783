import { expect, it } from "vitest";
import { isSelected, noSelection, selectedCount, selectionQuery, wholeSelection, withHosts } from "./host-selection.ts";

it("ticks single hosts, and names them by number in as few words as it can", () => {
  const some = withHosts(withHosts(noSelection, [7, 1, 3, 2, 9], true), [9], false);

  expect([1, 4, 9].map((id) => isSelected(some, id))).toEqual([true, false, false]);
  expect(selectedCount(some, 100)).toBe(4);
  expect(selectionQuery(some, "os=Debian*")).toBe("id=1-3,7");
});

it("ticks all of a query but some", () => {
  const most = withHosts(wholeSelection, [4], false);

  expect([1, 4].map((id) => isSelected(most, id))).toEqual([true, false]);
  expect(selectedCount(most, 100)).toBe(99);
  expect(selectionQuery(most, "web* or db*")).toBe("(web* or db*) and not id=4");
  expect(selectionQuery(most, " ")).toBe("not id=4");
  expect(selectionQuery(withHosts(most, [4], true), "web*")).toBe("web*");
});

import { expect, it } from "vitest";
import { fittingKeys } from "./key-actions.ts";

it("lists keys that wait for somebody first, then by name, and finds them by a part of it", () => {
  const keys = [
    { name: "web02", state: "accepted" },
    { name: "new9", state: "pending" },
    { name: "Web01", state: "accepted" },
    { name: "old", state: "rejected" },
    { name: "new1", state: "pending" },
  ] as const;

  expect(fittingKeys(keys, "").map(({ name }) => name)).toEqual(["new1", "new9", "old", "Web01", "web02"]);
  expect(fittingKeys(keys, " WEB").map(({ name }) => name)).toEqual(["Web01", "web02"]);
});
